//! `jwks_uri`: the public keys (RFC 7517 §5).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    web::Data,
};

use crate::{keys::JWKS_MAX_AGE, server::Server};

/// `GET /jwks`.
pub async fn jwks(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let remembered = server.remembered();
    let keys = &remembered.keys;
    let held = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unchanged = held.split(',').any(|tag| tag.trim().trim_start_matches("W/") == keys.etag);
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, format!("public, max-age={JWKS_MAX_AGE}")))
        .insert_header((ETAG, keys.etag.as_str()));
    if unchanged {
        return response.finish();
    }
    response.content_type("application/jwk-set+json").body(keys.jwks.clone())
}
