//! `/account/passkeys/new`: registers a passkey.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::USER_AGENT},
};
use askama::Template;
use writ_core::{Error, Params};

use super::{
    super::{AccountContext, detour::Detour},
    HERE as OVERVIEW,
};
use crate::{
    fault::Stop,
    server::{Call, Server},
    sessions::{
        origin::Origin,
        passkeys::{
            ceremony::Asked,
            registration::{self, Registered, Registration, register},
        },
    },
    store::passkeys,
    web::{
        form,
        page::{Page, PageContext},
        see_other, user_agent,
    },
};

pub(in crate::pages::account) const HERE: &str = "/account/passkeys/new";

/// `GET /account/passkeys/new`, perhaps with a pending request after whose sign-in it is offered.
pub async fn show(call: Call) -> HttpResponse {
    let detour = call.query().map_or_else(|_| Detour::default(), |params| Detour::of(&params));
    let here = detour.path(HERE);
    super::super::show_proven(&call, &here, async |account| ask(&call.server, account, &detour, None).await).await
}

/// The path that offers a passkey in the middle of a pending request.
pub(in crate::pages) fn offer(request: &str) -> String {
    format!("{HERE}?request={request}")
}

/// `POST /account/passkeys/new`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::super::submit_proven_in_detour(&call, &body, HERE, async |account, params| {
        add(&call, account, &params).await
    })
    .await
}

async fn add(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let (response, detour) = (Registration::of_form(params)?, Detour::of(params));
    let (name, origin) = (default_name(call, &account.page), Origin::of(call, &account.page));
    let problem = match register(&call.server, &account.signed_in, response, name, origin).await? {
        Registered::Done => {
            tracing::info!(user = %account.signed_in.user.id, "passkey registered");
            return Ok(see_other(&detour.next(OVERVIEW)));
        }
        Registered::Stale => "passkey-stale",
        Registered::Refused => "passkey-new-refused",
        Registered::Known => "passkey-new-known",
        Registered::TooMany => "passkey-new-too-many",
    };
    let problem = account.page.text(problem);
    ask(&call.server, account, &detour, Some(problem)).await
}

/// The name of a passkey whose provider is unknown: the browser and the system.
pub(in crate::pages) fn default_name(call: &Call, page: &PageContext) -> String {
    match user_agent::describe(call.header(USER_AGENT.as_str())) {
        Some((browser, system)) => page.text_with("sessions-device", &[("browser", browser), ("system", system)]),
        None => page.text("passkeys-unnamed"),
    }
}

async fn ask(
    server: &Server,
    account: AccountContext,
    detour: &Detour,
    problem: Option<String>,
) -> Result<HttpResponse, Stop> {
    let user_id = account.signed_in.user.id;
    let known = server.store.read(move |tx| passkeys::list_of_user(tx, user_id)).await?;
    let Some(asked) = registration::ask(server, &account.signed_in, account.page.product(), &known)? else {
        return Err(Error::invalid_request("there are no passkeys, because the issuer has no host name").into());
    };
    let (request, next) = (detour.request().to_owned(), detour.next(OVERVIEW));
    Ok(NewPasskeyPage { asked, request, next, csrf: account.csrf, page: account.page, problem }.respond())
}

/// The page that registers a passkey.
#[derive(Template)]
#[template(path = "pages/account/passkey_new.html")]
pub struct NewPasskeyPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// What it asks of the authenticator.
    pub asked: Asked,
    /// The handle of the pending request in which the passkey is offered. Empty if there is none.
    pub request: String,
    /// The path that follows.
    pub next: String,
    /// Why the passkey was not registered, as text.
    pub problem: Option<String>,
}

impl Page for NewPasskeyPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
