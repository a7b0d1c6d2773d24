//! `/account/second-factor/set-up`: an authenticator app, which counts once it has shown a code.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::{
    super::{AccountContext, detour::Detour},
    HERE as OVERVIEW,
};
use crate::{
    fault::Stop,
    pages::code_page,
    secret::Secret,
    server::{Call, Server},
    sessions::{
        origin::Origin,
        second_factor::{SetUp, set_up},
        totp::{QrPath, TotpSecret},
    },
    store::totp_factors,
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

pub(in crate::pages::account) const HERE: &str = "/account/second-factor/set-up";

/// `GET /account/second-factor/set-up`, perhaps with the pending request that requires it.
pub async fn show(call: Call) -> HttpResponse {
    let detour = call.query().map_or_else(|_| Detour::default(), |params| Detour::of(&params));
    super::super::show_proven(&call, &detour.path(HERE), async |account| {
        let user_id = account.signed_in.user.id;
        match call.server.store.read(move |tx| totp_factors::find(tx, user_id)).await? {
            Some(_) => Ok(see_other(&detour.next(OVERVIEW))),
            None => Ok(ask(&call.server, account, &Secret::random(), &detour, None)?),
        }
    })
    .await
}

/// `POST /account/second-factor/set-up`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::super::submit_proven_in_detour(&call, &body, HERE, async |account, params| {
        confirm(&call, account, &params).await
    })
    .await
}

async fn confirm(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let detour = Detour::of(params);
    let Some(seed) = params.get("seed")?.and_then(Secret::parse) else { return Ok(see_other(&detour.path(HERE))) };
    let secret = TotpSecret::of_page(&server.front.form_key, account.signed_in.session.id, &seed);
    let code: String = code_page::typed(params)?.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(step) = secret.step_of(&code, server.clock.now()) else {
        let problem = account.page.text("set-up-wrong");
        return ask(server, account, &seed, &detour, Some(problem));
    };
    Ok(match set_up(server, &account.signed_in, secret, step, Origin::of(call, &account.page)).await? {
        SetUp::Done(codes) => {
            tracing::info!(user = %account.signed_in.user.id, "second factor set up");
            let username = account.signed_in.user.username;
            let next = detour.next(OVERVIEW);
            RecoveryCodesPage { page: account.page.at(OVERVIEW), username, codes, set_up: true, next }.respond()
        }
        SetUp::Present | SetUp::Ended => see_other(&detour.next(OVERVIEW)),
    })
}

fn ask(
    server: &Server,
    account: AccountContext,
    seed: &Secret,
    detour: &Detour,
    problem: Option<String>,
) -> Result<HttpResponse, Stop> {
    let secret = TotpSecret::of_page(&server.front.form_key, account.signed_in.session.id, seed);
    let uri = secret.uri(account.page.product(), &account.signed_in.user.username)?;
    let page = SetUpPage {
        page: account.page,
        csrf: account.csrf,
        seed: seed.expose(),
        without_code: detour.pending().map(code_page::without_code),
        request: detour.request().to_owned(),
        qr: QrPath::new(&uri)?,
        key: secret.text(),
        problem,
    };
    Ok(page.respond())
}

/// The page with the key for an authenticator app.
#[derive(Template)]
#[template(path = "pages/account/factor_set_up.html")]
pub struct SetUpPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// What the key is derived from.
    pub seed: String,
    /// The handle of the pending request that requires it. Empty if there is none.
    pub request: String,
    /// Where the user goes on without it, if a request requires it.
    pub without_code: Option<String>,
    /// The key as a QR code.
    pub qr: QrPath,
    /// The key as text.
    pub key: String,
    /// Why the code was not accepted, as text.
    pub problem: Option<String>,
}

impl Page for SetUpPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}

/// The page that shows new recovery codes once.
#[derive(Template)]
#[template(path = "pages/account/recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The username that the codes belong to.
    pub username: String,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether the second factor was just set up.
    pub set_up: bool,
    /// The page that follows.
    pub next: String,
}

impl Page for RecoveryCodesPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
