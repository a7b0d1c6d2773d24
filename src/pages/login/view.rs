//! The template of the sign-in page.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
};
use askama::Template;

use crate::{
    pages::{account::links::advice_of, passkey_prompt::PasskeyPrompt},
    sessions::{passkeys::Unaccepted, upstream::Failure},
    web::page::{Page, PageContext},
};

/// The sign-in page. Its form posts `request`, `csrf`, `username` and `password` to `/login`.
#[derive(Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The handle of the pending request. Empty if there is none.
    pub request: String,
    /// The data to restart an expired request.
    pub again: String,
    /// The account page that follows without a pending request.
    pub return_to: String,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The value of the username field: `login_hint` or the last input.
    pub username: String,
    /// The name of the client that sent the user.
    pub app_name: Option<String>,
    /// Why the last attempt failed.
    pub problem: Option<LoginProblem>,
    /// The form for a passkey, if the server has passkeys.
    pub passkey: Option<PasskeyPrompt>,
    /// What a user can do who forgot the password.
    pub forgotten: Forgotten,
    /// The path of the page that creates an account, if all users may.
    pub sign_up: Option<String>,
    /// The other providers, in the order of their buttons.
    pub providers: Vec<ProviderButton>,
    /// The provider of the mail domain in the username field.
    pub routed: Option<Routed>,
    /// Whether the form cannot be submitted without a password.
    pub needs_password: bool,
    /// The name of the provider that did not sign the user in.
    pub failed_provider: Option<String>,
}

/// The button of another provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderButton {
    /// The name of the provider.
    pub name: String,
    /// The path at which the sign-in starts.
    pub path: String,
}

/// The provider of a mail domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The domain.
    pub domain: String,
    /// The button of the provider.
    pub button: ProviderButton,
}

impl ProviderButton {
    /// A mark that depends on no trademark: the first letter of the name.
    pub(crate) fn monogram(&self) -> String {
        let letter = self.name.chars().find(|c| c.is_alphanumeric());
        letter.map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
    }
}

/// What a user can do who forgot the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// Get a link by mail, on the page with this path.
    Recover(String),
    /// Ask the operator.
    Contact(String),
    /// The page says nothing, because there is neither mail nor a contact.
    Unknown,
}

/// Why a sign-in failed, as shown to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// The username or the password is wrong. The page does not say which.
    Wrong,
    /// Too many attempts from this network or on this account.
    Throttled {
        /// Seconds until another attempt is accepted.
        retry_after_seconds: i64,
    },
    /// The password queue is full.
    Busy,
    /// The form's token is not valid for this browser and request.
    Stale,
    /// The passkey was not accepted.
    Passkey(Unaccepted),
    /// Another provider did not sign the user in.
    Upstream(Failure),
}

impl LoginPage {
    /// The page, with `Retry-After` if waiting helps.
    pub(super) fn respond_with_wait(&self) -> HttpResponse {
        let mut response = self.respond();
        if let Some(seconds) = self.problem.and_then(LoginProblem::retry_after) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn problem_heading(&self, problem: &LoginProblem) -> String {
        self.page.text(match problem {
            LoginProblem::Wrong => "login-problem-wrong",
            LoginProblem::Throttled { .. } => "login-problem-throttled",
            LoginProblem::Busy => "login-problem-busy",
            LoginProblem::Stale | LoginProblem::Passkey(Unaccepted::Stale) => "login-problem-stale",
            LoginProblem::Passkey(Unaccepted::Refused) => "login-problem-passkey",
            LoginProblem::Upstream(_) => "login-problem-provider",
        })
    }

    fn problem_advice(&self, problem: &LoginProblem) -> String {
        match *problem {
            LoginProblem::Wrong => self.page.text("login-advice-wrong"),
            LoginProblem::Throttled { retry_after_seconds } => {
                let moment = self.page.locale.in_time(retry_after_seconds);
                self.page.text_with("login-advice-throttled", &[("moment", moment)])
            }
            LoginProblem::Busy => self.page.text("login-advice-busy"),
            LoginProblem::Stale => self.page.text("login-advice-stale"),
            LoginProblem::Passkey(Unaccepted::Stale) => self.page.text("login-advice-passkey-stale"),
            LoginProblem::Passkey(Unaccepted::Refused) => self.page.text("login-advice-passkey"),
            LoginProblem::Upstream(failure) => {
                let provider = self.failed_provider.as_deref().unwrap_or_default();
                self.page.text_with(advice_of(failure), &[("provider", provider)])
            }
        }
    }

    fn is_wrong(&self) -> bool {
        self.problem == Some(LoginProblem::Wrong)
    }
}

impl LoginProblem {
    fn status(self) -> StatusCode {
        match self {
            Self::Wrong | Self::Stale | Self::Passkey(_) | Self::Upstream(_) => StatusCode::BAD_REQUEST,
            Self::Throttled { .. } | Self::Busy => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn retry_after(self) -> Option<i64> {
        match self {
            Self::Throttled { retry_after_seconds } => Some(retry_after_seconds),
            Self::Busy => Some(1),
            Self::Wrong | Self::Stale | Self::Passkey(_) | Self::Upstream(_) => None,
        }
    }
}

impl Page for LoginPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        self.problem.map_or(StatusCode::OK, LoginProblem::status)
    }
}
