//! `/account/confirm`: asks for the password, a passkey or a sign-in at a linked provider again
//! before a sensitive change.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use zeroize::Zeroizing;

use super::{AccountContext, own_path};
use writ_core::{Error, Params};

use crate::{
    fault::Stop,
    pages::{
        login::ProviderButton,
        passkey_prompt::{self, PasskeyPrompt},
    },
    password,
    server::{Call, Server},
    sessions::{
        confirm::{Confirmation, confirm},
        factors::{Factors, missing_proof},
        passkeys::{Assertion, proof::prove},
    },
    store::linked_subjects,
    upstream::Provider,
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
        ask(&call.server, account, destination(&params)?, None).await
    })
    .await
}

/// `POST /account/confirm`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, "/account", async |account, params| {
        let then = destination(&params)?;
        let problem = match Assertion::of_form(&params)? {
            None => {
                let problem = check(&call.server, &account, &params).await?;
                problem.map(|problem| Problem::Password(problem.text(&account.page)))
            }
            Some(assertion) => {
                let unaccepted = prove(&call.server, &account.signed_in, assertion).await?.err();
                unaccepted.map(|unaccepted| Problem::Passkey(passkey_prompt::problem(&account.page, unaccepted)))
            }
        };
        match problem {
            None => Ok(see_other(then)),
            problem => ask(&call.server, account, then, problem).await,
        }
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

/// The starts of the paths that need two factors, if the account has them.
const PROVEN: [&str; 6] = [
    "/account/delete",
    "/account/email",
    "/account/links",
    "/account/passkeys",
    "/account/password",
    "/account/second-factor/set-up",
];

/// Asks for the password or a passkey. If `then` requires a factor that the session lacks, and the
/// user has only passkeys, it asks for one of them, which is enough by itself.
async fn ask(
    server: &Server,
    account: AccountContext,
    then: &str,
    problem: Option<Problem>,
) -> Result<HttpResponse, Stop> {
    let changes_factors = PROVEN.iter().any(|path| then.starts_with(path));
    let has_password = account.signed_in.user.password_hash.is_some();
    let Factors { has_code, passkeys } = Factors::of(server, account.signed_in.user.id).await?;
    let needs_passkey = changes_factors
        && !has_code
        && !passkeys.is_empty()
        && missing_proof(server, &account.signed_in).await?.is_some();
    let session_id = account.signed_in.session.id.to_string();
    let fields = vec![("csrf", account.csrf.clone()), ("then", then.to_owned())];
    let providers = if needs_passkey { Vec::new() } else { linked_providers(server, &account, then).await? };
    let page = ConfirmPage {
        providers,
        passkey: PasskeyPrompt::proof(server, &session_id, &passkeys, "/account/confirm", fields)?,
        with_password: !needs_passkey && has_password,
        page: account.page,
        csrf: account.csrf,
        username: account.signed_in.user.username,
        then: then.to_owned(),
        problem,
    };
    Ok(page.respond())
}

/// The linked providers that can say that the user has just authenticated. They lead to `then`.
async fn linked_providers(server: &Server, account: &AccountContext, then: &str) -> Result<Vec<ProviderButton>, Stop> {
    let user_id = account.signed_in.user.id;
    let linked = server.store.read(move |tx| linked_subjects::list_of_user(tx, user_id)).await?;
    let is_linked = |provider: &&Provider| {
        provider.discloses_auth_time() && linked.iter().any(|link| link.issuer == provider.settings.issuer.as_str())
    };
    let button = |Provider { settings, .. }: &Provider| ProviderButton {
        name: settings.name.clone(),
        path: format!("/login/with/{}?return_to={then}&prompt=login", settings.id),
    };
    Ok(server.providers.iter().filter(is_linked).map(button).collect())
}

/// Why the proof was not accepted, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The password.
    Password(String),
    /// The passkey.
    Passkey(String),
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

/// The page that asks for a proof.
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
    /// Whether the password is enough.
    pub with_password: bool,
    /// The form for a passkey, if the user has one.
    pub passkey: Option<PasskeyPrompt>,
    /// The linked providers.
    pub providers: Vec<ProviderButton>,
    /// Why the last attempt failed.
    pub problem: Option<Problem>,
}

impl ConfirmPage {
    fn sentence(&self) -> Option<&str> {
        match self.problem.as_ref()? {
            Problem::Password(problem) | Problem::Passkey(problem) => Some(problem),
        }
    }

    /// Whether the problem concerns the current password.
    fn is_current_wrong(&self) -> bool {
        matches!(self.problem, Some(Problem::Password(_)))
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
