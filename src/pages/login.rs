//! `/login`: name and password.

use askama::Template;

use crate::web::page::{Page, PageContext};

/// The sign-in page. Its form posts `request`, `csrf`, `username` and `password` to `/login`.
#[derive(Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The handle of the pending authorization request; empty when nobody sent the person here.
    pub request: String,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// What to fill in: `login_hint`, or what was typed before.
    pub username: String,
    /// The client that waits for this sign-in.
    pub app_name: Option<String>,
    /// Why the last attempt did not succeed.
    pub problem: Option<LoginProblem>,
}

/// Why a sign-in did not succeed, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// The username or the password is wrong; which of the two is not said.
    Wrong,
    /// Too many attempts from here or on this account.
    Throttled {
        /// After how many seconds another attempt is accepted.
        retry_after_seconds: i64,
    },
    /// More sign-ins are being checked than the server can take on.
    Busy,
    /// The form was older than its CSRF token.
    Stale,
}

impl LoginPage {
    fn problem_heading(&self, problem: &LoginProblem) -> String {
        self.page.text(match problem {
            LoginProblem::Wrong => "login-problem-wrong",
            LoginProblem::Throttled { .. } => "login-problem-throttled",
            LoginProblem::Busy => "login-problem-busy",
            LoginProblem::Stale => "login-problem-stale",
        })
    }

    fn problem_advice(&self, problem: &LoginProblem) -> String {
        match *problem {
            LoginProblem::Wrong => self.page.text("login-advice-wrong"),
            LoginProblem::Throttled {
                retry_after_seconds,
            } => {
                let moment = self.page.locale.in_time(retry_after_seconds);
                self.page
                    .text_with("login-advice-throttled", &[("moment", moment)])
            }
            LoginProblem::Busy => self.page.text("login-advice-busy"),
            LoginProblem::Stale => self.page.text("login-advice-stale"),
        }
    }

    fn is_wrong(&self) -> bool {
        self.problem == Some(LoginProblem::Wrong)
    }
}

impl Page for LoginPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
