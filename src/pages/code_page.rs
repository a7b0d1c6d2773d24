//! The page that asks for a code of the second factor, or for a passkey.

use actix_web::http::StatusCode;
use askama::Template;
use writ_core::{Error, Params};

use super::{
    device::Denial,
    passkey_prompt::{self, PasskeyPrompt},
};
use crate::{
    requests::Pending,
    sessions::passkeys::Unaccepted,
    web::page::{Page, PageContext},
};

/// Maximum length of a submitted code in bytes.
const MAX_LENGTH: usize = 64;

/// The page that asks for a code. Its form posts to `action`.
#[derive(Template)]
#[template(path = "pages/code.html")]
pub struct CodePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The path that the form is posted to.
    pub action: &'static str,
    /// The path and query of this page, without the choice of the kind of code.
    pub here: String,
    /// The handle of the pending request. Empty if there is none.
    pub request: String,
    /// The account page that follows without a pending request.
    pub return_to: String,
    /// The CSRF token of this browser.
    pub csrf: String,
    /// The name of the client that sent the user.
    pub app_name: Option<String>,
    /// Whether the user has a second factor. Otherwise the page asks for a passkey only.
    pub with_code: bool,
    /// The form for a passkey, if the user has one.
    pub passkey: Option<PasskeyPrompt>,
    /// Whether the page asks for a recovery code.
    pub with_recovery_code: bool,
    /// Whether the user may trust this browser.
    pub offers_trust: bool,
    /// The form that denies a device, if one asks for the code.
    pub denial: Option<Denial>,
    /// Where the user goes on without a code, if possible.
    pub without_code: Option<String>,
    /// Why the last attempt failed.
    pub problem: Option<CodeProblem>,
}

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// The code is wrong or was used.
    Wrong,
    /// There were too many attempts.
    Throttled {
        /// Seconds until another attempt is accepted.
        retry_after_seconds: i64,
    },
    /// The form's token is not valid for this browser.
    Stale,
    /// The passkey was not accepted.
    Passkey(Unaccepted),
}

impl CodeProblem {
    /// The problem as text.
    #[must_use]
    pub fn text(self, page: &PageContext) -> String {
        match self {
            Self::Wrong => page.text("code-wrong"),
            Self::Throttled { retry_after_seconds } => {
                let moment = page.locale.in_time(retry_after_seconds);
                page.text_with("login-advice-throttled", &[("moment", moment)])
            }
            Self::Stale => page.text("code-stale"),
            Self::Passkey(unaccepted) => passkey_prompt::problem(page, unaccepted),
        }
    }

    /// The status of a page with this problem.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Wrong | Self::Stale | Self::Passkey(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// The submitted code.
///
/// # Errors
/// `invalid_request` if it is too long.
pub(super) fn typed(params: &Params) -> Result<&str, Error> {
    let code = params.get("code")?.unwrap_or_default();
    if code.len() > MAX_LENGTH { Err(Error::invalid_request("the code is too long")) } else { Ok(code) }
}

/// The path on which a pending request goes on without a code.
pub(super) fn without_code(request: &str) -> String {
    format!("{}&without_code=yes", Pending::resume_path(request))
}

/// Whether the user chose to enter a recovery code.
///
/// # Errors
/// `invalid_request` if the parameter is repeated.
pub(super) fn is_recovery(params: &Params) -> Result<bool, Error> {
    Ok(params.get("with")? == Some("recovery"))
}

impl CodePage {
    fn heading(&self) -> &'static str {
        if self.with_code { "code-heading" } else { "passkey-heading" }
    }

    fn sentence(&self) -> Option<String> {
        self.problem.map(|problem| problem.text(&self.page))
    }

    fn is_code_wrong(&self) -> bool {
        self.problem == Some(CodeProblem::Wrong)
    }
}

impl Page for CodePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        self.problem.map_or(StatusCode::OK, CodeProblem::status)
    }
}
