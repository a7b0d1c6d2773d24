//! The audit log.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::Value;
use writ_core::{Cause, Error, vocabulary::administration_scope::AdministrationScope::AuditRead};

use super::{
    authority::administer,
    page::{self, PageRequest},
    request::query,
};
use crate::{
    fault::Fault,
    server::Call,
    store::audit_log::{self, AuditRow},
};

/// An entry.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    row: AuditRow,
    change: Value,
}

/// `GET /admin/v1/audit`: the entries in order, after the number in `after`.
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, AuditRead, async |_| {
        let page = PageRequest::parse(&query(&call, &page::PARAMETERS)?)?;
        let after = match page.after.as_str() {
            "" => 0,
            number => {
                number.parse().map_err(|_| Error::new(Cause::QueryInvalid, "after is the sequence of an entry"))?
            }
        };
        let rows = page.rows();
        let found = call.server.store.read(move |tx| audit_log::list_after(tx, after, rows)).await?;
        let entry = |row: AuditRow| -> Result<Entry, Fault> {
            let change = serde_json::from_str(&row.change);
            let change = change.map_err(|error| Fault::Corrupt(format!("entry {}: {error}", row.sequence)))?;
            Ok(Entry { row, change })
        };
        page.respond(found, |row| row.sequence.to_string(), entry)
    })
    .await
}
