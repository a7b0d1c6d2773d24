//! The templates of the page on which users create an account.

use actix_web::http::StatusCode;
use askama::Template;

use crate::{
    pages::terms::Documents,
    server::Server,
    sessions::{
        new_password::Unacceptable,
        passkeys::{Unaccepted, ceremony::Asked},
    },
    web::page::{Page, PageContext},
};

/// The form. It posts to `/sign-up`.
#[derive(Template)]
#[template(path = "pages/sign_up/form.html")]
pub struct SignUpPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of this browser.
    pub csrf: String,
    /// Whether an invitation determines the address.
    pub is_invited: bool,
    /// The token of the invitation. Empty without one.
    pub token: String,
    /// The handle of the pending request. Empty if there is none.
    pub request: String,
    /// The account page that follows without a pending request. Empty if there is none.
    pub return_to: String,
    /// The last input.
    pub name: String,
    /// The address: the last input, or that of the invitation.
    pub email: String,
    /// Minimum length of a password in characters.
    pub min_characters: usize,
    /// The version of the terms to accept. `None` if there are none.
    pub terms: Option<String>,
    /// Where they are.
    pub documents: Documents,
    /// What the page asks to create a passkey instead of a password. `None` if the server has none.
    pub passkey: Option<Asked>,
    /// Why the last input was not accepted.
    pub problem: Option<SignUpProblem>,
}

/// Why an input was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpProblem {
    /// The name is empty, too long, or cannot be shown.
    Name,
    /// The address is not one.
    Email,
    /// Addresses of this domain may not sign up.
    Domain,
    /// The password.
    Password(Unacceptable),
    /// The passkey.
    Passkey(Unaccepted),
    /// The terms were not accepted.
    Terms,
    /// There were too many from this network.
    Throttled {
        /// Seconds until another one is accepted.
        retry_after_seconds: i64,
    },
    /// The password queue is full.
    Busy,
    /// The form's token is not valid for this browser.
    Stale,
}

impl SignUpPage {
    fn sentence(&self) -> Option<String> {
        let locale = self.page.locale;
        Some(match self.problem? {
            SignUpProblem::Name => locale.text("sign-up-name-wrong"),
            SignUpProblem::Email => locale.text("profile-email-wrong"),
            SignUpProblem::Domain => locale.text("sign-up-domain-wrong"),
            SignUpProblem::Password(reason) => reason.text(locale),
            SignUpProblem::Passkey(Unaccepted::Stale) => locale.text("passkey-stale"),
            SignUpProblem::Passkey(Unaccepted::Refused) => locale.text("passkey-new-refused"),
            SignUpProblem::Terms => locale.text("terms-required"),
            SignUpProblem::Throttled { retry_after_seconds } => {
                locale.text_with("login-advice-throttled", &[("moment", locale.in_time(retry_after_seconds))])
            }
            SignUpProblem::Busy => locale.text("login-advice-busy"),
            SignUpProblem::Stale => locale.text("sign-up-stale"),
        })
    }

    fn is_name_wrong(&self) -> bool {
        self.problem == Some(SignUpProblem::Name)
    }

    fn is_email_wrong(&self) -> bool {
        matches!(self.problem, Some(SignUpProblem::Email | SignUpProblem::Domain))
    }

    fn is_password_wrong(&self) -> bool {
        matches!(self.problem, Some(SignUpProblem::Password(_)))
    }

    fn are_terms_missing(&self) -> bool {
        self.problem == Some(SignUpProblem::Terms)
    }

    /// The path of the sign-in page.
    fn back(&self) -> String {
        let (request, return_to) = (self.request.clone(), self.return_to.clone());
        crate::store::AfterSignIn { request, return_to, ..Default::default() }.path("/login")
    }
}

impl Page for SignUpPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.problem {
            None => StatusCode::OK,
            Some(SignUpProblem::Throttled { .. } | SignUpProblem::Busy) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// The page for a user who may not sign up, or whose link does not hold any more.
#[derive(Template)]
#[template(path = "pages/sign_up/closed.html")]
pub struct ClosedPage {
    /// The layout of the page.
    pub page: PageContext,
    /// How users reach the operator.
    pub contact: Option<String>,
}

impl ClosedPage {
    pub(super) fn new(server: &Server, page: PageContext) -> Self {
        Self { page, contact: server.settings.mail.contact.clone() }
    }
}

impl Page for ClosedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}
