//! What a client may register by itself
//! ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2), OpenID Connect Dynamic
//! Registration §2). Unknown members are ignored, as §2 requires. Optional values that the server
//! does not support are left out, and the response shows this
//! ([§3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)). Values that a client would
//! rely on are refused instead.

use serde_json::{Map, Value, json};

use super::look_alike;
use crate::{
    Error, ErrorCode, ScopeSet, SigningAlg,
    vocabulary::{
        client_metadata::{AuthMethod, ClientMetadata, GrantType, Translation, untagged},
        redirect_uri::{RedirectUri, is_loopback},
    },
};

/// The members of [`ClientMetadata`] that a client may set itself.
const MEMBERS: [&str; 36] = [
    "application_type",
    "backchannel_logout_session_required",
    "backchannel_logout_uri",
    "client_name",
    "client_uri",
    "contacts",
    "default_acr_values",
    "default_max_age",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "grant_types",
    "id_token_claims",
    "id_token_signed_response_alg",
    "initiate_login_uri",
    "introspection_signed_response_alg",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "organization_name",
    "policy_uri",
    "post_logout_redirect_uris",
    "redirect_uris",
    "request_object_signing_alg",
    "request_uris",
    "require_auth_time",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "scope",
    "sector_identifier_uri",
    "software_id",
    "software_version",
    "subject_type",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "tos_uri",
    "userinfo_signed_response_alg",
];
/// The other members: they would weaken a protection or affect other clients.
const ADMINISTRATORS: [&str; 17] = [
    "access_token_lifetime",
    "access_token_signed_response_alg",
    "allowed_origins",
    "default_scope",
    "groups_claim",
    "id_token_lifetime",
    "implicit_offline_access",
    "may_act",
    "partial_consent",
    "refresh_replay_window",
    "require_nonce",
    "require_offline_access",
    "require_pkce",
    "required_scope",
    "required_scope_reason",
    "required_scope_reasons",
    "rotate_refresh_tokens",
];
/// Registered members that the server does not support. They are refused, so that a client cannot
/// rely on them.
const NOT_BUILT: [&str; 17] = [
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "authorization_signed_response_alg",
    "backchannel_client_notification_endpoint",
    "backchannel_token_delivery_mode",
    "dpop_bound_access_tokens",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_email",
    "tls_client_auth_san_uri",
    "tls_client_auth_subject_dn",
    "tls_client_certificate_bound_access_tokens",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
];
/// The grant types that involve consent by a user.
const GRANT_TYPES: [GrantType; 3] = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode];

/// The members of [`ClientMetadata`], without those that have a language tag.
pub fn members() -> impl Iterator<Item = &'static str> {
    MEMBERS.into_iter().chain(ADMINISTRATORS)
}

/// What the operator allows to clients that register themselves.
pub struct Terms {
    /// The scopes that they may register.
    pub scope: ScopeSet,
    /// Whether confidential clients must use PKCE as well.
    pub require_pkce: bool,
    /// The default `id_token_signed_response_alg`.
    pub id_token_signing_alg: SigningAlg,
}

/// Parses a registration request, or a metadata document.
///
/// # Errors
/// `invalid_redirect_uri`, `invalid_client_metadata` or `unapproved_software_statement`
/// ([RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2)).
pub fn parse(request: Map<String, Value>, terms: &Terms) -> Result<ClientMetadata, Error> {
    // `null` and `""` count as an omitted optional member.
    let says_something = |value: &Value| !value.is_null() && value != "";
    let mut members: Map<String, Value> = request.into_iter().filter(|(_, value)| says_something(value)).collect();
    refuse_unsupported(&members)?;
    choose_application_type(&mut members);
    keep_usable_uris(&mut members)?;
    keep_supported_grants(&mut members)?;
    members.retain(|name, _| is_disclosed(name));
    for (name, value) in &members {
        let alone = json!({ "client_name": "x", name.as_str(): value });
        serde_json::from_value::<ClientMetadata>(alone).map_err(|error| invalid(format!("{name}: {error}")))?;
    }
    members.entry("client_name").or_insert_with(|| "".into());
    let requested = members.remove("scope");
    let mut metadata: ClientMetadata =
        serde_json::from_value(members.into()).map_err(|error| invalid(error.to_string()))?;
    metadata.scope = scope(requested, terms)?;
    if metadata.client_name.is_empty() {
        metadata.client_name = metadata.redirect_uris.iter().find_map(RedirectUri::host).unwrap_or("An app".to_owned());
    }
    metadata.require_pkce = (terms.require_pkce || metadata.is_public()).then_some(true);
    metadata.id_token_signed_response_alg.get_or_insert(terms.id_token_signing_alg);
    if metadata.allows(GrantType::AuthorizationCode) && metadata.redirect_uris.is_empty() {
        return Err(Error::new(ErrorCode::InvalidRedirectUri, "redirect_uris is missing"));
    }
    metadata.check(&[]).map_err(invalid)?;
    look_alike::check_claims(&metadata).map_err(invalid)?;
    Ok(metadata)
}

/// The metadata for the client: with defaults filled in, without members set by administrators.
pub fn describe(metadata: &ClientMetadata) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(metadata) else { return Map::new() };
    members.retain(|name, _| is_disclosed(name));
    let response_types = if metadata.allows(GrantType::AuthorizationCode) { json!(["code"]) } else { json!([]) };
    members.insert("response_types".to_owned(), response_types);
    members.insert("subject_type".to_owned(), json!(metadata.subject_type));
    let method = metadata.token_endpoint_auth_method.unwrap_or(AuthMethod::ClientSecretBasic);
    members.insert("token_endpoint_auth_method".to_owned(), json!(method));
    members
}

/// Whether a client may set this member itself (with a language tag if it is human-readable,
/// [RFC 7591 §2.2](https://www.rfc-editor.org/rfc/rfc7591#section-2.2)).
fn is_disclosed(name: &str) -> bool {
    let member = untagged(name);
    MEMBERS.contains(&member) && (member == name || Translation::MEMBERS.contains(&member))
}

fn refuse_unsupported(members: &Map<String, Value>) -> Result<(), Error> {
    if members.contains_key("software_statement") {
        let description = "no software statement is approved here: register with plain metadata";
        return Err(Error::new(ErrorCode::UnapprovedSoftwareStatement, description));
    }
    for name in members.keys() {
        if ADMINISTRATORS.contains(&untagged(name)) {
            return Err(invalid(format!("{name} can be set by an administrator only")));
        }
        if NOT_BUILT.contains(&name.as_str()) && members[name] != Value::Bool(false) {
            return Err(invalid(format!("{name} is not supported")));
        }
    }
    Ok(())
}

/// A client whose redirect URIs only reach the user's device is native by default.
fn choose_application_type(members: &mut Map<String, Value>) {
    let on_device = |uri: &Value| {
        let url = uri.as_str().and_then(|uri| url::Url::parse(uri).ok());
        url.is_some_and(|url| url.scheme() != "https" && (url.scheme() != "http" || is_loopback(&url)))
    };
    let uris = members.get("redirect_uris").and_then(Value::as_array);
    if uris.is_some_and(|uris| uris.iter().any(on_device)) {
        members.entry("application_type").or_insert_with(|| "native".into());
    }
}

/// Drops redirect URIs that cannot be registered. At least one must remain.
fn keep_usable_uris(members: &mut Map<String, Value>) -> Result<(), Error> {
    let is = |name: &str, value: &str| members.get(name).and_then(Value::as_str) == Some(value);
    let takes_short_schemes = is("token_endpoint_auth_method", "none") && is("application_type", "native");
    for (name, code) in [
        ("redirect_uris", ErrorCode::InvalidRedirectUri),
        ("post_logout_redirect_uris", ErrorCode::InvalidClientMetadata),
    ] {
        let Some(value) = members.get_mut(name) else { continue };
        let uris = value.as_array_mut().ok_or_else(|| Error::new(code, format!("{name} must be an array")))?;
        let mut usable = Vec::new();
        let mut reason = None;
        for uri in uris.drain(..) {
            let text = uri.as_str().ok_or_else(|| Error::new(code, format!("{name} must be an array of strings")))?;
            match RedirectUri::parse(text) {
                Ok(parsed) if parsed.has_short_scheme() && !takes_short_schemes => {
                    reason.get_or_insert(format!("{text} has a scheme that only a public native client may have"));
                }
                // The list of insecure hosts applies only to clients that the operator registers.
                Ok(parsed) => match parsed.check_transport(&[]) {
                    Ok(()) => usable.push(uri),
                    Err(rule) => drop(reason.get_or_insert(rule)),
                },
                Err(rule) => drop(reason.get_or_insert(rule)),
            }
        }
        if let Some(reason) = reason.filter(|_| usable.is_empty()) {
            return Err(Error::new(code, format!("{name}: {reason}")));
        }
        *uris = usable;
    }
    Ok(())
}

/// Drops grant and response types that are not offered. At least one must remain. Both members
/// express the same choice ([RFC 7591 §2.1](https://www.rfc-editor.org/rfc/rfc7591#section-2.1)),
/// so the response type is `code` if there is an authorization code grant, and empty otherwise.
fn keep_supported_grants(members: &mut Map<String, Value>) -> Result<(), Error> {
    let listed = |members: &Map<String, Value>, name: &str| {
        let value = members.get(name).cloned();
        let parsed = value.map(serde_json::from_value::<Vec<String>>).transpose();
        parsed.map_err(|error| invalid(format!("{name}: {error}")))
    };
    let response_types = listed(members, "response_types")?;
    if let Some(requested) = listed(members, "grant_types")? {
        let offered = |name: &String| GrantType::parse(name).is_some_and(|grant| GRANT_TYPES.contains(&grant));
        let grants: Vec<String> = requested.iter().filter(|name| offered(name)).cloned().collect();
        if grants.is_empty() && !requested.is_empty() {
            let requested = requested.join(" ");
            return Err(invalid(format!(
                "grant_types: none of these is offered to self-registered clients: {requested}"
            )));
        }
        members.insert("grant_types".to_owned(), grants.into());
    }
    let has_code =
        listed(members, "grant_types")?.is_none_or(|grants| grants.iter().any(|g| g == "authorization_code"));
    if has_code && response_types.is_some_and(|types| !types.iter().any(|name| name == "code")) {
        return Err(invalid("response_types: only code is supported, and it is not listed".to_owned()));
    }
    Ok(())
}

/// The intersection of requested and offered scopes. All offered scopes if none is requested.
fn scope(requested: Option<Value>, terms: &Terms) -> Result<ScopeSet, Error> {
    let Some(requested) = requested else { return Ok(terms.scope.clone()) };
    let requested: ScopeSet = serde_json::from_value(requested).map_err(|error| invalid(format!("scope: {error}")))?;
    let granted = requested.intersect(&terms.scope);
    if granted.is_empty() && !requested.is_empty() {
        return Err(invalid(format!("scope: none of it can be had here; what can be is: {}", terms.scope)));
    }
    Ok(granted)
}

fn invalid(description: String) -> Error {
    Error::new(ErrorCode::InvalidClientMetadata, description)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The names of all members of [`ClientMetadata`], read from its serde implementation.
    fn every_member() -> Vec<String> {
        let error =
            serde_json::from_value::<ClientMetadata>(json!({ "?": 0 })).expect_err("no such member").to_string();
        let (_, listed) = error.split_once("expected one of ").expect("a list of names");
        listed.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
    }

    #[test]
    fn members_are_either_open_or_reserved_to_administrators() {
        let mut ruled: Vec<&str> = MEMBERS.into_iter().chain(ADMINISTRATORS).collect();
        let mut every = every_member();
        ruled.sort_unstable();
        every.sort_unstable();
        assert_eq!(ruled, every);
    }

    fn registered(changes: Value) -> Result<Value, String> {
        let mut request = json!({
            "client_name": "Newcomer", "redirect_uris": ["https://new.example/cb"], "token_endpoint_auth_method": "none",
        });
        request.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        let terms = Terms {
            scope: ScopeSet::parse("openid email").expect("scopes"),
            require_pkce: true,
            id_token_signing_alg: SigningAlg::RS256,
        };
        let request = request.as_object().expect("an object").clone();
        parse(request, &terms).map(|metadata| describe(&metadata).into()).map_err(|error| error.description)
    }

    #[rstest]
    #[case::unsafe_uri("redirect_uris", json!(["javascript:alert(1)", "https://new.example/cb"]), json!(["https://new.example/cb"]))]
    #[case::http_uri("redirect_uris", json!(["http://new.example/cb", "https://new.example/cb"]), json!(["https://new.example/cb"]))]
    #[case::short_scheme("redirect_uris", json!(["cursor://x.y/cb", "http://localhost:1/cb"]), json!(["cursor://x.y/cb", "http://localhost:1/cb"]))]
    #[case::post_logout("post_logout_redirect_uris", json!(["data:x", "https://new.example/"]), json!(["https://new.example/"]))]
    #[case::empty_member("client_uri", json!(""), Value::Null)]
    #[case::null_member("logo_uri", Value::Null, Value::Null)]
    #[case::unknown_grant("grant_types", json!(["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"]), json!(["authorization_code"]))]
    #[case::implicit_grant("grant_types", json!(["implicit", "authorization_code", "refresh_token"]), json!(["authorization_code", "refresh_token"]))]
    #[case::own_grant("grant_types", json!(["authorization_code", "client_credentials"]), json!(["authorization_code"]))]
    #[case::response_type("response_types", json!(["code", "id_token"]), json!(["code"]))]
    #[case::unoffered_scope("scope", json!("openid payment:make"), json!("openid"))]
    fn unsupported_optional_value_is_left_out(#[case] member: &str, #[case] value: Value, #[case] expected: Value) {
        let described = registered(json!({ member: value })).expect("registered");
        assert_eq!(described.get(member).cloned().unwrap_or_default(), expected, "{described}");
    }

    #[rstest]
    #[case(json!({ "redirect_uris": ["javascript:alert(1)"] }), "redirect_uris: ")]
    #[case(json!({ "redirect_uris": ["https://new.example/cb", 7] }), "array of strings")]
    #[case(json!({ "redirect_uris": ["cursor://x/cb"], "token_endpoint_auth_method": "client_secret_post" }), "public native client")]
    #[case(json!({ "redirect_uris": ["cursor://x/cb"], "application_type": "web" }), "public native client")]
    #[case(json!({ "grant_types": ["implicit", "password"] }), "none of these is offered")]
    #[case(json!({ "grant_types": ["refresh_token"] }), "refresh_token without")]
    #[case(json!({ "response_types": ["id_token"] }), "only code is supported")]
    #[case(json!({ "scope": "payment:make" }), "scope: none of it")]
    #[case(json!({ "client_name": "Shop (verified)" }), "client_name")]
    #[case(json!({ "dpop_bound_access_tokens": true }), "is not supported")]
    fn registration_without_anything_usable_is_refused(#[case] changes: Value, #[case] reason: &str) {
        let refused = registered(changes).expect_err("refused");
        assert!(refused.contains(reason), "{refused}");
    }
}
