//! `/.well-known/webauthn`: the origins whose pages may use the passkeys of this domain
//! ([Web Authentication §5.11](https://www.w3.org/TR/webauthn-3/#sctn-related-origins)).

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde_json::json;

use crate::server::Server;

/// `GET /.well-known/webauthn`.
pub async fn related_origins(server: Data<Server>) -> HttpResponse {
    let settings = &server.settings;
    let mut origins = vec![settings.server.issuer.origin()];
    origins.extend(settings.passkeys.related_origins.iter().cloned());
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(json!({ "origins": origins }))
}
