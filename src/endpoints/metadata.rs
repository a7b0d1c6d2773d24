//! The discovery document (RFC 8414 §3, OpenID Connect Discovery §4), at both well-known addresses: exactly what is built.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde_json::json;

use crate::{
    protocol::{
        ClientSigningAlg, SigningAlg, acr,
        client_metadata::{AuthMethod, GrantType},
        prompt::Prompt,
        response_mode::ResponseMode,
    },
    server::Server,
    web::locale::Locale,
};

/// `GET /.well-known/oauth-authorization-server` and `GET /.well-known/openid-configuration`.
pub async fn metadata(server: Data<Server>) -> HttpResponse {
    let issuer = &server.settings.server.issuer;
    let remembered = server.remembered();
    let scopes: Vec<&str> = remembered.catalogue.scopes().collect();
    let algorithms = SigningAlg::ALL.map(SigningAlg::as_str);
    let client_algorithms = ClientSigningAlg::ALL.map(ClientSigningAlg::as_str);
    let locales: Vec<String> = Locale::all().iter().map(Locale::to_string).collect();
    let mut document = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.join("/authorize"),
        "pushed_authorization_request_endpoint": issuer.join("/par"),
        "device_authorization_endpoint": issuer.join("/device_authorization"),
        "token_endpoint": issuer.join("/token"),
        "userinfo_endpoint": issuer.join("/userinfo"),
        "jwks_uri": issuer.join("/jwks"),
        "end_session_endpoint": issuer.join("/end_session"),
        "revocation_endpoint": issuer.join("/revoke"),
        "introspection_endpoint": issuer.join("/introspect"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::SUPPORTED,
        "grant_types_supported": GrantType::SUPPORTED,
        "code_challenge_methods_supported": ["S256"],
        "require_pushed_authorization_requests": false,
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "prompt_values_supported": Prompt::SUPPORTED,
        "acr_values_supported": acr::SUPPORTED,
        "claims_parameter_supported": false,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": client_algorithms,
        "request_uri_parameter_supported": false,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "at_hash",
            "sid",
            "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
            "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
            "email", "email_verified", "address", "phone_number", "phone_number_verified",
        ],
        "ui_locales_supported": locales,
    });
    for endpoint in ["token", "revocation", "introspection"] {
        let methods =
            AuthMethod::SUPPORTED.into_iter().filter(|method| endpoint != "introspection" || *method != "none");
        document[format!("{endpoint}_endpoint_auth_methods_supported")] = methods.collect();
        document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")] = json!(client_algorithms);
    }
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(document)
}
