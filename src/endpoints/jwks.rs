//! `jwks_uri`: the public keys (RFC 7517 §5).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETag, EntityTag},
    web::Data,
};

use crate::{keys::JWKS_MAX_AGE, server::Server, web::etag::is_held};

/// `GET /jwks`.
pub async fn jwks(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let snapshot = server.snapshot();
    let keys = &snapshot.keys;
    let tag = EntityTag::new_strong(keys.etag.clone());
    let held = is_held(&request, &tag);
    let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, format!("public, max-age={JWKS_MAX_AGE}"))).insert_header(ETag(tag));
    if held {
        return response.finish();
    }
    response.content_type("application/jwk-set+json").body(keys.jwks.clone())
}
