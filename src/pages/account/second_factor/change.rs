//! `/account/second-factor/remove` and `/account/second-factor/recovery-codes`: changes that need a
//! code, besides a recent sign-in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::{super::AccountContext, HERE as OVERVIEW, set_up::RecoveryCodesPage};
use crate::{
    fault::Stop,
    pages::code_page::{self, CodeProblem},
    server::Call,
    sessions::{
        limits::of_code_in_session,
        origin::Origin,
        second_factor::{Claimant, Proof, remove, replace_codes},
    },
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

/// What the code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The removal of the second factor.
    Removal,
    /// New recovery codes.
    NewCodes,
}

impl Purpose {
    fn path(self) -> &'static str {
        match self {
            Self::Removal => "/account/second-factor/remove",
            Self::NewCodes => "/account/second-factor/recovery-codes",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Removal => "factor-remove-heading",
            Self::NewCodes => "factor-new-codes",
        }
    }

    fn consequence(self) -> &'static str {
        match self {
            Self::Removal => "factor-remove-consequence",
            Self::NewCodes => "factor-new-codes-consequence",
        }
    }

    fn submit(self) -> &'static str {
        match self {
            Self::Removal => "factor-remove",
            Self::NewCodes => "factor-new-codes",
        }
    }
}

/// `GET /account/second-factor/remove`.
pub async fn show_removal(call: Call) -> HttpResponse {
    show(&call, Purpose::Removal).await
}

/// `POST /account/second-factor/remove`.
pub async fn submit_removal(call: Call, body: form::Body) -> HttpResponse {
    submit(&call, &body, Purpose::Removal).await
}

/// `GET /account/second-factor/recovery-codes`.
pub async fn show_new_codes(call: Call) -> HttpResponse {
    show(&call, Purpose::NewCodes).await
}

/// `POST /account/second-factor/recovery-codes`.
pub async fn submit_new_codes(call: Call, body: form::Body) -> HttpResponse {
    submit(&call, &body, Purpose::NewCodes).await
}

async fn show(call: &Call, purpose: Purpose) -> HttpResponse {
    super::super::show_confirmed(call, purpose.path(), async |account| Ok(ask(account, purpose, None))).await
}

async fn submit(call: &Call, body: &form::Body, purpose: Purpose) -> HttpResponse {
    super::super::submit_confirmed(call, body, purpose.path(), async |account, params| {
        change(call, account, &params, purpose).await
    })
    .await
}

async fn change(call: &Call, account: AccountContext, params: &Params, purpose: Purpose) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let (user, session) = (&account.signed_in.user, &account.signed_in.session);
    let claimant = Claimant {
        user_id: user.id,
        session_epoch: user.session_epoch,
        limits: of_code_in_session(server, session.id),
        origin: Origin::of(call, &account.page),
    };
    let code = code_page::typed(params)?;
    let changed = match purpose {
        Purpose::Removal => remove(server, claimant, code).await?,
        Purpose::NewCodes => replace_codes(server, claimant, code).await?,
    };
    Ok(match changed {
        Proof::Accepted(Some(codes)) => {
            let username = account.signed_in.user.username;
            RecoveryCodesPage {
                page: account.page.at(OVERVIEW),
                username,
                codes,
                set_up: false,
                next: OVERVIEW.to_owned(),
            }
            .respond()
        }
        Proof::Accepted(None) | Proof::Absent => see_other(OVERVIEW),
        Proof::Wrong => ask(account, purpose, Some(CodeProblem::Wrong)),
        Proof::Throttled(retry_after_seconds) => {
            ask(account, purpose, Some(CodeProblem::Throttled { retry_after_seconds }))
        }
    })
}

fn ask(account: AccountContext, purpose: Purpose, problem: Option<CodeProblem>) -> HttpResponse {
    FactorCodePage { page: account.page, csrf: account.csrf, purpose, problem }.respond()
}

/// The page that asks for a code before a change.
#[derive(Template)]
#[template(path = "pages/account/factor_code.html")]
pub struct FactorCodePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// What the code is asked for.
    pub purpose: Purpose,
    /// Why the last attempt failed.
    pub problem: Option<CodeProblem>,
}

impl FactorCodePage {
    fn sentence(&self) -> Option<String> {
        self.problem.map(|problem| problem.text(&self.page))
    }

    fn is_code_wrong(&self) -> bool {
        self.problem == Some(CodeProblem::Wrong)
    }
}

impl Page for FactorCodePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        self.problem.map_or(StatusCode::OK, CodeProblem::status)
    }
}
