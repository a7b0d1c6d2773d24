//! The metadata documents (RFC 8414 §3, OpenID Connect Discovery §4). They list exactly what is
//! supported.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde_json::{Value, json};
use writ_core::{
    ClientSigningAlg, SigningAlg,
    token::identity_assertion::{GRANT_PROFILE, TOKEN_TYPE},
    vocabulary::{
        acr::Acr,
        client_metadata::{AuthMethod, GrantType, SubjectType},
        display,
        prompt::Prompt,
        response_mode::ResponseMode,
    },
};

use crate::{
    config::{IdentityAssertionsSettings, Issuer, RegistrationMode},
    server::Server,
    web::locale::Locale,
};

/// `GET /.well-known/oauth-authorization-server` and `GET /.well-known/openid-configuration`.
pub async fn metadata(server: Data<Server>) -> HttpResponse {
    let issuer = &server.settings.server.issuer;
    let snapshot = server.snapshot();
    let scopes: Vec<&str> = snapshot.scopes.scopes().collect();
    let client_algorithms = ClientSigningAlg::ALL.map(ClientSigningAlg::as_str);
    let mut document = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.join("/authorize"),
        "pushed_authorization_request_endpoint": issuer.join("/par"),
        "device_authorization_endpoint": issuer.join("/device_authorization"),
        "token_endpoint": issuer.join("/token"),
        "jwks_uri": issuer.join("/jwks"),
        "revocation_endpoint": issuer.join("/revoke"),
        "introspection_endpoint": issuer.join("/introspect"),
        "introspection_signing_alg_values_supported": SigningAlg::ALL.map(SigningAlg::as_str),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::SUPPORTED,
        "code_challenge_methods_supported": ["S256"],
        "require_pushed_authorization_requests": false,
        "client_id_metadata_document_supported": server.settings.registration.metadata_documents,
        "authorization_response_iss_parameter_supported": true,
    });
    for endpoint in ["token", "revocation", "introspection"] {
        let methods =
            AuthMethod::SUPPORTED.into_iter().filter(|method| endpoint != "introspection" || *method != "none");
        document[format!("{endpoint}_endpoint_auth_methods_supported")] = methods.collect();
        document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")] = json!(client_algorithms);
    }
    merge(&mut document, grants(&server.settings.identity_assertions));
    merge(&mut document, openid_connect(issuer));
    merge(&mut document, logout(issuer));
    if server.settings.registration.mode != RegistrationMode::Off {
        document["registration_endpoint"] = json!(issuer.join("/register"));
    }
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(document)
}

/// The grant types, and the members of the Identity Assertion JWT Authorization Grant (§7).
fn grants(assertions: &IdentityAssertionsSettings) -> Value {
    let accepts = !assertions.trusted_issuers.is_empty();
    let supported = |grant: &GrantType| accepts || *grant != GrantType::JwtBearer;
    let mut members =
        json!({ "grant_types_supported": GrantType::ALL.into_iter().filter(supported).collect::<Vec<_>>() });
    if accepts {
        members["authorization_grant_profiles_supported"] = json!([GRANT_PROFILE]);
    }
    if !assertions.allowed.is_empty() {
        members["identity_chaining_requested_token_types_supported"] = json!([TOKEN_TYPE]);
    }
    members
}

/// The members of OpenID Connect Discovery §3.
fn openid_connect(issuer: &Issuer) -> Value {
    let algorithms = SigningAlg::ALL.map(SigningAlg::as_str);
    let locales: Vec<String> = Locale::all().iter().map(Locale::to_string).collect();
    json!({
        "userinfo_endpoint": issuer.join("/userinfo"),
        "subject_types_supported": SubjectType::SUPPORTED,
        "userinfo_signing_alg_values_supported": algorithms,
        "id_token_signing_alg_values_supported": algorithms,
        "prompt_values_supported": Prompt::SUPPORTED,
        "acr_values_supported": Acr::SUPPORTED.map(Acr::as_str),
        "display_values_supported": display::SUPPORTED,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": ClientSigningAlg::ALL.map(ClientSigningAlg::as_str),
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": true,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "at_hash",
            "sid",
            "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
            "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
            "email", "email_verified", "address", "phone_number", "phone_number_verified",
            "groups",
        ],
        "ui_locales_supported": locales,
    })
}

/// The members of the logout specifications (RP-Initiated §2.1, Back-Channel §2.1, Front-Channel
/// §3).
fn logout(issuer: &Issuer) -> Value {
    json!({
        "end_session_endpoint": issuer.join("/end_session"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
    })
}

fn merge(document: &mut Value, part: Value) {
    if let (Value::Object(document), Value::Object(part)) = (document, part) {
        document.extend(part);
    }
}
