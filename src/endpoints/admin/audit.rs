//! The audit log.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use writ_core::{Cause, Error, vocabulary::administration_scope::AdministrationScope::AuditRead};

use super::{
    authority::administer,
    page::{self, Page, PageParams, PageRequest},
    request::query,
};
use crate::{
    fault::Fault,
    server::Call,
    store::audit_log::{self, AuditRow},
};

/// An entry.
#[derive(Serialize, ToSchema)]
struct Entry {
    #[serde(flatten)]
    row: AuditRow,
    /// The changed members before and after. Never a secret.
    #[schema(value_type = Object)]
    change: Value,
}

/// Lists the entries in order, after the number in `after`.
#[utoipa::path(
    get,
    path = "/admin/v1/audit",
    operation_id = "audit.tail",
    params(PageParams),
    responses((status = 200, description = "A page.", body = Page<Entry>)),
    security(("administration" = ["writ:audit:read"]))
)]
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
