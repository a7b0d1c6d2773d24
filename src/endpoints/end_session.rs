//! The end session endpoint (OpenID Connect RP-Initiated Logout §2): validates the request and
//! redirects to `/logout`.
//!
//! The redirect is needed because a form posted by an app arrives without the server's cookies
//! (`SameSite=Lax`). The GET after it has them.

use std::sync::Arc;

use actix_web::HttpResponse;
use writ_core::{
    Cause, Error, Params,
    authorization::{request::CARRIED_LENGTH, target::most_similar},
    vocabulary::{params, web_uri::without_values},
};

use crate::{
    fault::Stop,
    requests::{LogoutRequest, logout_request::Hinted},
    server::{Call, Server},
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
pub async fn end_session(call: Call, body: Body) -> HttpResponse {
    let params = form::parse_or_query(&call.request, &body);
    let ui_locales = params.as_ref().ok().and_then(|params| params.get("ui_locales").ok().flatten());
    let checked = match &params {
        Ok(params) => check(&call.server, params).await,
        Err(error) => Err(error.clone().into()),
    };
    match checked {
        Ok(logout) => see_other(&format!("/logout?request={}", logout.seal(&call.server.front.form_key))),
        Err(failure) => {
            call.server.refusals.record(ENDPOINT, &failure);
            error_page::show(sessions::page(&call.server, &call.request, ui_locales).await, failure)
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
    let client_id = params.get("client_id")?;
    let hint = params.get("id_token_hint")?.map(|token| usable_hint(server, token, client_id));
    let hint_failed = matches!(hint, Some(None));
    let hint = hint.flatten();
    let client = client(server, client_id.or(hint.as_ref().map(|hint| hint.aud.as_str()))).await?;
    let url = match params.get("post_logout_redirect_uri")? {
        // "if the supplied id_token_hint is not valid […] the OP MUST NOT perform post-logout
        // redirection": it is unknown which client the URI belongs to.
        Some(_) if client.is_none() && hint_failed => None,
        Some(asked) => Some(target(client.as_deref(), asked, params.get("state")?)?),
        None => None,
    };
    Ok(LogoutRequest {
        client_id: client.map(|client| client.id.clone()),
        hint: hint.map(|hint| Hinted { sub: hint.sub, sid: hint.sid }),
        url,
        ui_locales: params.get("ui_locales")?.map(str::to_owned),
    })
}

/// Returns the hint if it verifies and names the same client. Otherwise it is ignored, and the user
/// must confirm the logout
/// ([RP-Initiated Logout
/// §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout), §4).
fn usable_hint(server: &Server, token: &str, client_id: Option<&str>) -> Option<IdTokenHint> {
    let hint = IdTokenHint::parse(&server.snapshot().keys, token).and_then(|hint| match client_id {
        Some(client_id) if client_id != hint.aud => {
            let description = "client_id is not the client that id_token_hint was issued to";
            Err(Error::new(Cause::IdTokenHintForeign, description)
                .because(format!("client_id is {client_id:?}, the hint is for {}", hint.aud)))
        }
        _ => Ok(hint),
    });
    hint.map_err(|error| {
        let error = client_id.into_iter().fold(error, |error, client_id| error.of(client_id));
        server.refusals.record(ENDPOINT, &Stop::Refused(error));
    })
    .ok()
}

/// Finds the client of the request.
async fn client(server: &Server, client_id: Option<&str>) -> Result<Option<Arc<Client>>, Stop> {
    let Some(client_id) = client_id else { return Ok(None) };
    match server.clients.find(client_id).await? {
        Some(client) => Ok(Some(client)),
        None => Err(Error::new(Cause::ClientUnknown, "client_id is unknown").because(format!("{client_id:?}")).into()),
    }
}

/// The registered URI, compared as a string, with the `state` of the request (RP-Initiated Logout
/// §3).
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
        let shown = without_values(asked);
        return Err(Error::new(
            Cause::PostLogoutRedirectUriUnregistered,
            "post_logout_redirect_uri is not one that this client registered",
        )
        .because(format!("client {} registered {registered:?} and sent {shown:?}", client.id))
        .expected(most_similar(&registered, asked), shown)
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
