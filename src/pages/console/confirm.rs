//! The pages around a change: what ends, why it was not made, and a secret that is shown once.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::{Error, Params};

use super::{
    Console, Frame,
    entries::{self, EntryView},
    refusal::Refusal,
};
use crate::{
    fault::Stop,
    server::{Call, Server},
    web::{
        error_page,
        page::{Page, PageContext},
        see_other,
    },
};

/// Maximum length of a reason, in bytes.
const LONGEST_REASON: usize = 500;
/// The number of changes that are shown after a refusal.
const CHANGES: i64 = 5;

/// The page that says what a change ends.
#[derive(Template)]
#[template(path = "pages/console/confirm.html")]
pub struct ConfirmPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The path that the form is posted to.
    pub action: String,
    /// What is changed.
    pub subject: String,
    /// The question.
    pub heading: String,
    /// What the change does, and what ends.
    pub effects: Vec<String>,
    /// A warning. Empty if there is none.
    pub warning: String,
    /// Whether something ends.
    pub is_grave: bool,
    /// The text of the button.
    pub button: String,
    /// The version that is changed.
    pub version: String,
    /// What else the form says, by the names of its fields.
    pub fields: Vec<(String, String)>,
    /// The path without the change.
    pub back: String,
}

impl Page for ConfirmPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The page after a change that was refused.
#[derive(Template)]
#[template(path = "pages/console/refused.html")]
pub struct RefusedPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// What was done.
    pub heading: String,
    /// What was to be changed.
    pub subject: String,
    /// Why nothing was changed.
    pub reason: String,
    /// What changed meanwhile, if that is why.
    pub changes: Vec<EntryView>,
    /// The path of what it is now.
    pub back: String,
}

impl Page for RefusedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }
}

/// Explains why a change of `subject`, whose id in the audit log is `target`, was refused. Its page
/// is at `path`.
pub(super) async fn refused(
    server: &Server,
    console: Console,
    refusal: Refusal,
    (subject, target): (String, String),
    path: String,
) -> Result<HttpResponse, Stop> {
    let changes = match refusal {
        // The page decides what comes first.
        Refusal::Left => return Ok(see_other(console.frame.place.path())),
        Refusal::Gone => return Ok(error_page::not_found(console.page)),
        Refusal::Changed => entries::of_target(server, &console, target, CHANGES).await?,
        _ => Vec::new(),
    };
    let (heading, reason) = (console.page.text("console-refused"), console.page.text(refusal.text()));
    let page = RefusedPage { page: console.page, frame: console.frame, heading, subject, reason, changes, back: path };
    Ok(page.respond())
}

/// The page that shows a new secret once.
#[derive(Template)]
#[template(path = "pages/console/secret.html")]
pub struct SecretPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// Whose secret it is.
    pub subject: String,
    /// The secret.
    pub secret: String,
    /// The path of what has it.
    pub back: String,
}

impl Page for SecretPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// What a form says about a change.
pub(super) struct Change {
    /// The version that the administrator saw.
    pub(super) version: String,
    /// The reason for the audit log. Empty if there is none.
    pub(super) reason: String,
}

impl Change {
    /// Reads the fields `version` and `reason`.
    pub(super) fn parse(params: &Params) -> Result<Self, Error> {
        Ok(Self { version: params.require("version")?.to_owned(), reason: reason(params)? })
    }
}

/// The reason that a form gives, for the audit log. Empty if there is none.
pub(super) fn reason(params: &Params) -> Result<String, Error> {
    let reason = params.get("reason")?.unwrap_or_default().trim();
    if reason.len() > LONGEST_REASON || reason.contains(char::is_control) {
        return Err(Error::invalid_request(format!("the reason must be one line of at most {LONGEST_REASON} bytes")));
    }
    Ok(reason.to_owned())
}

/// The version on the page that led to this one. `None` if there was none, as after a sign-in: what
/// the administrator has not seen cannot be changed, so the page itself comes first.
pub(super) fn seen(call: &Call) -> Result<Option<String>, Error> {
    Ok(call.query()?.get("version")?.map(str::to_owned))
}
