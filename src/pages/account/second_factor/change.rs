//! `/account/second-factor/remove`, `…/recovery-codes` and `…/prove`: what needs a code, besides a
//! recent sign-in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::{
    super::{AccountContext, detour::Detour, own_path, passkeys},
    HERE as OVERVIEW,
    set_up::RecoveryCodesPage,
};
use crate::{
    fault::Stop,
    pages::{
        code_page::{self, CodeProblem},
        passkey_prompt::PasskeyPrompt,
    },
    server::{Call, Server},
    sessions::{
        factors::Factors,
        limits::of_code_in_session,
        origin::Origin,
        second_factor::{Claimant, Proof, prove_in_session, remove, replace_codes},
    },
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

/// What the code is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The removal of the second factor.
    Removal,
    /// New recovery codes.
    NewCodes,
    /// A change of what opens the account, on the page with this path.
    Proof(String),
}

/// The page that asks for a code before a change of what opens the account.
pub(in crate::pages::account) const PROOF: &str = "/account/second-factor/prove";

impl Purpose {
    fn path(&self) -> &'static str {
        match self {
            Self::Removal => "/account/second-factor/remove",
            Self::NewCodes => "/account/second-factor/recovery-codes",
            Self::Proof(_) => PROOF,
        }
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::Removal => "factor-remove-heading",
            Self::NewCodes => "factor-new-codes",
            Self::Proof(_) => "code-heading",
        }
    }

    fn consequence(&self) -> &'static str {
        match self {
            Self::Removal => "factor-remove-consequence",
            Self::NewCodes => "factor-new-codes-consequence",
            Self::Proof(_) => "factor-prove-consequence",
        }
    }

    fn submit(&self) -> &'static str {
        match self {
            Self::Removal => "factor-remove",
            Self::NewCodes => "factor-new-codes",
            Self::Proof(_) => "code-submit",
        }
    }

    /// The page that follows.
    fn next(&self) -> &str {
        match self {
            Self::Proof(then) => then,
            Self::Removal | Self::NewCodes => OVERVIEW,
        }
    }

    /// Where the user goes on without a code. In the middle of a pending request, that goes on.
    fn without_code(&self) -> String {
        match self {
            Self::Proof(then) => Detour::of_path(then).next("/account"),
            Self::Removal | Self::NewCodes => OVERVIEW.to_owned(),
        }
    }

    fn is_proof(&self) -> bool {
        matches!(self, Self::Proof(_))
    }

    /// The proof for the page that the query or the form names, which may be in the middle of a
    /// pending request.
    fn proof(params: &Params) -> Self {
        let then = params.get("then").ok().flatten().and_then(own_path);
        Self::Proof(then.unwrap_or(passkeys::HERE).to_owned())
    }

    /// The path that follows a sign-in. The page that a proof is for asks again for what is
    /// missing.
    fn here(&self) -> String {
        match self {
            Self::Proof(then) => then.clone(),
            Self::Removal | Self::NewCodes => self.path().to_owned(),
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

/// `GET /account/second-factor/prove`.
pub async fn show_proof(call: Call) -> HttpResponse {
    let params = call.query().unwrap_or_default();
    show(&call, Purpose::proof(&params)).await
}

/// `POST /account/second-factor/prove`.
pub async fn submit_proof(call: Call, body: form::Body) -> HttpResponse {
    let params = form::parse_strictly(&call.request, &body).unwrap_or_default();
    submit(&call, &body, Purpose::proof(&params)).await
}

async fn show(call: &Call, purpose: Purpose) -> HttpResponse {
    let here = purpose.here();
    super::super::show_confirmed(call, &here, async |account| ask(&call.server, account, purpose, None).await).await
}

async fn submit(call: &Call, body: &form::Body, purpose: Purpose) -> HttpResponse {
    let here = purpose.here();
    super::super::submit_confirmed(call, body, &here, async |account, params| {
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
        session_id: Some(session.id),
        limits: of_code_in_session(server, session.id),
        origin: Origin::of(call, &account.page),
    };
    let code = code_page::typed(params)?;
    let changed = match &purpose {
        Purpose::Removal => remove(server, claimant, code).await?,
        Purpose::NewCodes => replace_codes(server, claimant, code).await?,
        Purpose::Proof(_) => prove_in_session(server, claimant, session.id, code).await?,
    };
    let problem = match changed {
        Proof::Accepted(Some(codes)) => {
            let username = account.signed_in.user.username;
            let page = RecoveryCodesPage {
                page: account.page.at(OVERVIEW),
                username,
                codes,
                set_up: false,
                next: OVERVIEW.to_owned(),
            };
            return Ok(page.respond());
        }
        Proof::Accepted(None) | Proof::Absent => return Ok(see_other(purpose.next())),
        Proof::Wrong => CodeProblem::Wrong,
        Proof::Throttled(retry_after_seconds) => CodeProblem::Throttled { retry_after_seconds },
    };
    ask(server, account, purpose, Some(problem)).await
}

async fn ask(
    server: &Server,
    account: AccountContext,
    purpose: Purpose,
    problem: Option<CodeProblem>,
) -> Result<HttpResponse, Stop> {
    let signed_in = &account.signed_in;
    let passkey = if purpose.is_proof() {
        let passkeys = Factors::of(server, signed_in.user.id).await?.passkeys;
        let fields = vec![("csrf", account.csrf.clone()), ("then", purpose.next().to_owned())];
        PasskeyPrompt::proof(server, &signed_in.session.id.to_string(), &passkeys, "/account/confirm", fields)?
    } else {
        None
    };
    Ok(FactorCodePage { page: account.page, csrf: account.csrf, purpose, passkey, problem }.respond())
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
    /// The form for a passkey, if one will do.
    pub passkey: Option<PasskeyPrompt>,
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
