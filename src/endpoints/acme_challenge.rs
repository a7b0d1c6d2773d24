//! `/.well-known/acme-challenge/{token}`
//! ([RFC 8555 §8.3](https://www.rfc-editor.org/rfc/rfc8555#section-8.3)).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, LOCATION},
    },
    web::{Data, Path},
};

use crate::{acme::challenge::is_token, server::Server, store::acme};

/// `GET /.well-known/acme-challenge/{token}`.
pub async fn respond(server: Data<Server>, token: Path<String>) -> HttpResponse {
    let token = token.into_inner();
    if !is_token(&token) {
        return HttpResponse::NotFound().finish();
    }
    match server.store.read(move |tx| acme::challenge_by_token(tx, &token)).await {
        Ok(Some(challenge)) => {
            tracing::info!(name = challenge.name, "a challenge of the authority was answered");
            HttpResponse::Ok()
                .content_type("application/octet-stream")
                .insert_header((CACHE_CONTROL, "no-store"))
                .body(challenge.key_authorization)
        }
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(fault) => {
            tracing::error!(%fault, "a challenge of the authority could not be answered");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

/// Everything else that is asked for over plain http: the same at the issuer's origin.
pub async fn redirect(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return HttpResponse::NotFound().finish();
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let target = if target.starts_with('/') { target } else { "/" };
    let location = format!("{}{target}", server.settings.server.issuer.origin());
    HttpResponse::build(StatusCode::PERMANENT_REDIRECT).insert_header((LOCATION, location)).finish()
}
