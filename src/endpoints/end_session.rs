//! The end session endpoint (OpenID Connect RP-Initiated Logout §2): checks what an app asks for, and leaves the rest to `/logout`.
//!
//! The redirect in between has a second use: a form posted by an app comes without our cookies (`SameSite=Lax`), the GET after it
//! with them.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use writ_core::{Cause, Error, Params, vocabulary::params};

use crate::{
    fault::Stop,
    requests::{
        LogoutRequest,
        authorization_request::{CARRIED_LENGTH, likeliest},
        logout_request::Hinted,
    },
    server::Server,
    sessions,
    store::clients::Client,
    tokens::id_token::IdTokenHint,
    web::{
        error_page,
        form::{self, Body},
        see_other,
    },
};

const ENDPOINT: &str = "end_session";

/// `GET` and `POST /end_session`.
pub async fn end_session(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let params = form::parse_or_query(&request, &body);
    let ui_locales = params.as_ref().ok().and_then(|params| params.get("ui_locales").ok().flatten());
    let checked = match &params {
        Ok(params) => check(&server, params).await,
        Err(error) => Err(error.clone().into()),
    };
    match checked {
        Ok(logout) => see_other(&format!("/logout?request={}", logout.seal(&server.front.form_key))),
        Err(failure) => {
            server.refusals.record(ENDPOINT, &failure);
            error_page::show(sessions::page(&server, &request, ui_locales).await, &request, failure)
        }
    }
}

async fn check(server: &Server, params: &Params) -> Result<LogoutRequest, Stop> {
    params.check_unrepeated()?;
    for name in ["state", "ui_locales"] {
        if params.get(name)?.is_some_and(|value| value.len() > CARRIED_LENGTH) {
            return Err(Error::new(Cause::ValueTooLong, format!("{name} has more than {CARRIED_LENGTH} bytes")).into());
        }
    }
    let hint =
        params.get("id_token_hint")?.map(|token| IdTokenHint::parse(&server.snapshot().keys, token)).transpose()?;
    let client = client(server, params.get("client_id")?, hint.as_ref()).await?;
    let url = match params.get("post_logout_redirect_uri")? {
        None => None,
        Some(asked) => Some(target(client.as_deref(), asked, params.get("state")?)?),
    };
    Ok(LogoutRequest {
        client_id: client.map(|client| client.id.clone()),
        hint: hint.map(|hint| Hinted { sub: hint.sub, sid: hint.sid }),
        url,
        ui_locales: params.get("ui_locales")?.map(str::to_owned),
    })
}

/// The app that asks: the one the hint was issued to, and no other.
async fn client(
    server: &Server,
    client_id: Option<&str>,
    hint: Option<&IdTokenHint>,
) -> Result<Option<Arc<Client>>, Stop> {
    if let (Some(client_id), Some(hint)) = (client_id, hint)
        && client_id != hint.aud
    {
        return Err(Error::new(
            Cause::IdTokenHintForeign,
            "client_id is not the client that id_token_hint was issued to",
        )
        .because(format!("client_id is {client_id:?}, the hint is for {}", hint.aud))
        .into());
    }
    let Some(client_id) = client_id.or(hint.map(|hint| hint.aud.as_str())) else { return Ok(None) };
    match server.clients.find(client_id).await? {
        Some(client) => Ok(Some(client)),
        None => Err(Error::new(Cause::ClientUnknown, "client_id is unknown").because(format!("{client_id:?}")).into()),
    }
}

/// The registered URI, compared as a string, with the app's `state` if it sent one (RP-Initiated Logout §3).
fn target(client: Option<&Client>, asked: &str, state: Option<&str>) -> Result<String, Error> {
    let Some(client) = client else {
        return Err(Error::new(
            Cause::ParameterMissing,
            "post_logout_redirect_uri needs an id_token_hint or a client_id",
        ));
    };
    let registered = &client.metadata.post_logout_redirect_uris;
    if !registered.iter().any(|uri| uri.as_str() == asked) {
        let registered: Vec<&str> = registered.iter().map(|uri| uri.as_str()).collect();
        return Err(Error::new(
            Cause::PostLogoutRedirectUriUnregistered,
            "post_logout_redirect_uri is not one that this client registered",
        )
        .because(format!("client {} registered {registered:?} and sent {asked:?}", client.id))
        .expected(likeliest(&registered, asked), asked)
        .of(&client.id));
    }
    Ok(match state {
        None => asked.to_owned(),
        Some(state) => {
            let separator = if asked.contains('?') { '&' } else { '?' };
            params::append_encoded(format!("{asked}{separator}"), [("state", state)])
        }
    })
}
