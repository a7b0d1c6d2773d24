//! `/account/confirm`: asks for the password again before a sensitive change.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use zeroize::Zeroizing;

use super::{AccountContext, own_path};
use writ_core::{Error, Params};

use crate::{
    fault::Stop,
    password,
    server::{Call, Server},
    sessions::confirm::{Confirmation, confirm},
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

/// The path of the confirmation before the page `then`.
pub(super) fn path(then: &str) -> String {
    format!("/account/confirm?then={then}")
}

/// `GET /account/confirm?then=…`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, "/account", async |account| {
        let params = call.query()?;
        Ok(ask(account, destination(&params)?, None))
    })
    .await
}

/// `POST /account/confirm`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, "/account", async |account, params| {
        let then = destination(&params)?;
        Ok(match check(&call.server, &account, &params).await? {
            None => see_other(then),
            Some(problem) => ask(account, then, Some(problem)),
        })
    })
    .await
}

fn destination(params: &Params) -> Result<&str, Error> {
    Ok(params.get("then")?.and_then(own_path).unwrap_or("/account"))
}

/// Checks the password in the field `password`. Returns the problem if there is one.
pub(super) async fn check(
    server: &Server,
    account: &AccountContext,
    params: &Params,
) -> Result<Option<ConfirmProblem>, Stop> {
    let password = Zeroizing::new(params.get("password")?.unwrap_or_default().to_owned());
    if password.len() > password::MAX_LENGTH {
        return Ok(Some(ConfirmProblem::Wrong));
    }
    Ok(match confirm(server, &account.signed_in, &account.network, password).await? {
        Confirmation::Right => None,
        Confirmation::Wrong => Some(ConfirmProblem::Wrong),
        Confirmation::Throttled(seconds) => Some(ConfirmProblem::Throttled { retry_after_seconds: seconds }),
        Confirmation::Busy => Some(ConfirmProblem::Busy),
    })
}

fn ask(account: AccountContext, then: &str, problem: Option<ConfirmProblem>) -> HttpResponse {
    let page = ConfirmPage {
        problem: problem.map(|problem| problem.text(&account.page)),
        page: account.page,
        csrf: account.csrf,
        username: account.signed_in.user.username,
        then: then.to_owned(),
    };
    page.respond()
}

/// Why the password was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmProblem {
    /// The password is wrong.
    Wrong,
    /// There were too many attempts.
    Throttled {
        /// Seconds until another attempt is accepted.
        retry_after_seconds: i64,
    },
    /// The password queue is full.
    Busy,
}

impl ConfirmProblem {
    /// The problem as text.
    #[must_use]
    pub fn text(self, page: &PageContext) -> String {
        match self {
            Self::Wrong => page.text("confirm-wrong"),
            Self::Throttled { retry_after_seconds } => {
                let moment = page.locale.in_time(retry_after_seconds);
                page.text_with("login-advice-throttled", &[("moment", moment)])
            }
            Self::Busy => page.text("login-advice-busy"),
        }
    }
}

/// The password form.
#[derive(Template)]
#[template(path = "pages/account/confirm.html")]
pub struct ConfirmPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The username.
    pub username: String,
    /// The page that follows.
    pub then: String,
    /// Why the last attempt failed, as text.
    pub problem: Option<String>,
}

impl ConfirmPage {
    /// Whether the problem concerns the current password.
    fn is_current_wrong(&self) -> bool {
        self.problem.is_some()
    }
}

impl Page for ConfirmPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
