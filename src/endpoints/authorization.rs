//! The authorization endpoint ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
//!
//! The endpoint finds the client and opens its request. `flow` then asks the rule book for the next
//! step. Every page returns to [`resume`], which asks again, so no page knows the next one. The
//! result is an `Outcome`, which renders the page.

mod facts;
mod flow;
pub mod form_post;
mod issue;
mod outcome;
pub mod redirect_page;
mod response;

use std::sync::Arc;

use actix_web::HttpResponse;
use writ_core::{Cause, Error, ErrorCode, Params, authorization::Target};

use self::{
    flow::{Flow, Resumed, Source},
    outcome::Outcome,
    response::AuthorizationResponse,
};
use crate::{
    fault::Stop,
    requests::{Pending, Pushed, request_object},
    server::Call,
    store::clients::Client,
    web::form::{self, Body},
};

const ENDPOINT: &str = "authorization";

/// `GET` and `POST /authorize`.
pub async fn authorize(call: Call, body: Body) -> HttpResponse {
    let params = match form::parse_or_query(&call.request, &body) {
        Ok(params) => params,
        Err(error) => return Outcome::Refused(error.into()).respond(&call, None).await,
    };
    let ui_locales = params.get("ui_locales").ok().flatten().map(str::to_owned);
    receive(&call, params).await.respond(&call, ui_locales.as_deref()).await
}

/// `GET /authorize/resume?request=…`: continues a pending request after a page.
pub async fn resume(call: Call) -> HttpResponse {
    let params = match call.query() {
        Ok(params) => params,
        Err(error) => return Outcome::Refused(error.into()).respond(&call, None).await,
    };
    let resumed = Resumed {
        chosen: text(&params, "chosen"),
        declines_step_up: text(&params, "without_code").is_some(),
        leaves: text(&params, "leave").is_some(),
    };
    let found = match params.require("request") {
        Ok(handle) => Pending::find(&call.server, &call.request, handle).await.map_err(Stop::from),
        Err(error) => Err(error.into()),
    };
    match found {
        Ok(Some(pending)) => {
            let (ui_locales, params) = (pending.ui_locales().map(str::to_owned), pending.params.clone());
            let outcome = match find_client(&call, &params).await {
                Ok(client) => decide(&call, client, params, Source::Pending(Box::new(pending), resumed)).await,
                Err(failure) => Outcome::Refused(failure),
            };
            outcome.respond(&call, ui_locales.as_deref()).await
        }
        Ok(None) => Outcome::Expired(params).respond(&call, None).await,
        Err(failure) => Outcome::Refused(failure).respond(&call, None).await,
    }
}

/// Opens a request, which the client may have pushed
/// ([RFC 9126 §4](https://www.rfc-editor.org/rfc/rfc9126#section-4)) or signed
/// ([RFC 9101 §6](https://www.rfc-editor.org/rfc/rfc9101#section-6)).
async fn receive(call: &Call, params: Params) -> Outcome {
    let pushed = match Pushed::find(&call.server, &params).await {
        Ok(pushed) => pushed,
        Err(Stop::Refused(error)) if error.code == ErrorCode::InvalidRequestUri => {
            return Outcome::ReferenceExpired { client_id: text(&params, "client_id"), error };
        }
        Err(failure) => return Outcome::Refused(failure),
    };
    let (params, source) = match pushed {
        Some(pushed) => (pushed.params, Source::Pushed(pushed.id)),
        None if params.get("request_uri").is_ok_and(|uri| uri.is_some()) => (params, Source::Fetched),
        None => (params, Source::Direct),
    };
    let client = match find_client(call, &params).await {
        Ok(client) => client,
        Err(failure) => return Outcome::Refused(failure),
    };
    if matches!(source, Source::Pushed(_)) {
        return decide(call, client, params, source).await;
    }
    match request_object::open(call, &client, params.clone()).await {
        Ok(params) => decide(call, client, params, source).await,
        // An error of the request object goes to the redirect URI of the outer parameters. Without
        // the object it is unknown whether this is an OpenID request, which needs a redirect_uri.
        Err(failure) => match Target::find(&params, &client.id, &client.metadata, client.varies_loopback_port()) {
            Ok(target) if target.was_sent => {
                Outcome::Response(AuthorizationResponse::error(call, client, target, failure))
            }
            Ok(_) | Err(_) => Outcome::Refused(failure.of(&client.id)),
        },
    }
}

/// Errors before there is a [`Target`] are shown on a page. Later errors go to the client.
async fn decide(call: &Call, client: Arc<Client>, params: Params, source: Source) -> Outcome {
    match Target::find(&params, &client.id, &client.metadata, client.varies_loopback_port()) {
        Ok(target) => Flow { call, client, target, params, source }.run().await,
        Err(error) => Outcome::Refused(error.into()),
    }
}

/// Finds the client that the request names, which may act.
async fn find_client(call: &Call, params: &Params) -> Result<Arc<Client>, Stop> {
    let client_id = params.require("client_id")?;
    let client = call.server.clients.resolve(client_id, call.client_address()).await?;
    let client = client
        .ok_or_else(|| Error::new(Cause::ClientUnknown, "client_id is unknown").because(format!("{client_id:?}")))?;
    // An error goes to a page: whatever disabled the client may be wrong with its redirect URIs.
    client.check_enabled()?;
    Ok(client)
}

fn text(params: &Params, name: &str) -> Option<String> {
    params.get(name).ok().flatten().map(str::to_owned)
}
