//! `/admin/audit/{number}`: an entry of the audit log.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{
    Frame, Place,
    entries::{self, EntryView},
    path_of,
};
use crate::{
    server::Call,
    web::{
        error_page,
        page::{Page, PageContext},
    },
};

/// `GET /admin/audit/{number}`.
pub async fn show(call: Call, number: Path<String>) -> HttpResponse {
    let here = path_of(Place::Audit, &number);
    super::show(&call, Place::Audit, &here, async |console| {
        let found = match number.parse() {
            Ok(sequence) => entries::find(&call.server, &console, sequence).await?,
            Err(_) => None,
        };
        let Some((entry, noted)) = found else { return Ok(error_page::not_found(console.page)) };
        Ok(EntryPage { entry, noted, page: console.page, frame: console.frame }.respond())
    })
    .await
}

/// The page of an entry.
#[derive(Template)]
#[template(path = "pages/console/audit_entry.html")]
pub struct EntryPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The entry, with whole values.
    pub entry: EntryView,
    /// Its number and `mac`, to note outside of the database.
    pub noted: String,
}

impl Page for EntryPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
