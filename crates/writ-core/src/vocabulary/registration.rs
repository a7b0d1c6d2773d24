//! What a stranger may register (RFC 7591 §2, OpenID Connect Dynamic Registration §2): client metadata, of which what is unknown
//! is ignored, as §2 wants it, and what is known and not built is refused.

use serde_json::{Map, Value, json};

use super::{
    ClientMetadata, Error, ErrorCode, ScopeSet, SigningAlg,
    client_metadata::{GrantType, Translation, untagged},
    redirect_uri::RedirectUri,
};

/// The members of [`ClientMetadata`] that anybody may set.
const MEMBERS: [&str; 35] = [
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
/// The others: members of ours with which a client would loosen a protection, or take a say about other clients.
const ADMINISTRATORS: [&str; 15] = [
    "access_token_lifetime",
    "access_token_signed_response_alg",
    "allowed_origins",
    "default_scope",
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
    "rotate_refresh_tokens",
];
/// Members whose meaning is known and not built: whoever relies on one must not believe that it holds.
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
/// The grants that end in a person's consent.
const GRANT_TYPES: [GrantType; 3] = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode];

/// What the operator lets strangers have.
pub struct Terms {
    /// The scopes that they may ask for.
    pub scope: ScopeSet,
    /// Whether confidential clients have to use PKCE, too.
    pub require_pkce: bool,
    /// How their ID tokens are signed if they do not say.
    pub id_token_signing_alg: SigningAlg,
}

/// Parses a registration request, or a document that stands in for one.
///
/// # Errors
/// `invalid_redirect_uri`, `invalid_client_metadata` or `unapproved_software_statement` (RFC 7591 §3.2.2).
pub fn parse(request: Map<String, Value>, terms: &Terms) -> Result<ClientMetadata, Error> {
    let mut members: Map<String, Value> = request.into_iter().filter(|(_, value)| !value.is_null()).collect();
    refuse(&members)?;
    check_redirect_uris(members.get("redirect_uris"))?;
    check_response_types(&members)?;
    members.retain(|name, _| is_told(name));
    for (name, value) in &members {
        let alone = json!({ "client_name": "x", name.as_str(): value });
        serde_json::from_value::<ClientMetadata>(alone).map_err(|error| invalid(format!("{name}: {error}")))?;
    }
    members.entry("client_name").or_insert_with(|| "".into());
    let asked = members.remove("scope");
    let mut metadata: ClientMetadata =
        serde_json::from_value(members.into()).map_err(|error| invalid(error.to_string()))?;
    metadata.scope = scope(asked, terms)?;
    if metadata.client_name.is_empty() {
        metadata.client_name = metadata.redirect_uris.iter().find_map(RedirectUri::host).unwrap_or("An app".to_owned());
    }
    metadata.require_pkce = (terms.require_pkce || metadata.is_public()).then_some(true);
    metadata.id_token_signed_response_alg.get_or_insert(terms.id_token_signing_alg);
    if let Some(grant) = metadata.grant_types.iter().find(|grant| !GRANT_TYPES.contains(grant)) {
        return Err(invalid(format!("grant_types: {grant:?} is for clients that an administrator registered")));
    }
    if metadata.allows(GrantType::AuthorizationCode) && metadata.redirect_uris.is_empty() {
        return Err(Error::new(ErrorCode::InvalidRedirectUri, "redirect_uris is missing"));
    }
    metadata.check().map_err(invalid)?;
    Ok(metadata)
}

/// The metadata as it is told to the client: with what was filled in, without what is ours.
pub fn describe(metadata: &ClientMetadata) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(metadata) else { return Map::new() };
    members.retain(|name, _| is_told(name));
    let response_types = if metadata.allows(GrantType::AuthorizationCode) { json!(["code"]) } else { json!([]) };
    members.insert("response_types".to_owned(), response_types);
    members.insert("subject_type".to_owned(), json!(metadata.subject_type));
    members
}

/// Whether a member is one that anybody may set, in any language if it is one that people read.
fn is_told(name: &str) -> bool {
    let member = untagged(name);
    MEMBERS.contains(&member) && (member == name || Translation::MEMBERS.contains(&member))
}

fn refuse(members: &Map<String, Value>) -> Result<(), Error> {
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

/// Redirect URIs have an error code of their own.
fn check_redirect_uris(uris: Option<&Value>) -> Result<(), Error> {
    let invalid = |description: String| Error::new(ErrorCode::InvalidRedirectUri, description);
    let Some(uris) = uris else { return Ok(()) };
    for uri in uris.as_array().ok_or_else(|| invalid("redirect_uris must be an array".to_owned()))? {
        let uri = uri.as_str().ok_or_else(|| invalid("redirect_uris must be an array of strings".to_owned()))?;
        RedirectUri::parse(uri).map_err(invalid)?;
    }
    Ok(())
}

/// `code` where there is an authorization code, and nothing else (RFC 7591 §2.1).
fn check_response_types(members: &Map<String, Value>) -> Result<(), Error> {
    let Some(asked) = members.get("response_types") else { return Ok(()) };
    let asked: Vec<String> =
        serde_json::from_value(asked.clone()).map_err(|error| invalid(format!("response_types: {error}")))?;
    if asked.iter().any(|asked| asked != "code") {
        return Err(invalid("response_types: only code is supported".to_owned()));
    }
    let has_code = members
        .get("grant_types")
        .and_then(Value::as_array)
        .is_none_or(|grants| grants.iter().any(|grant| grant == "authorization_code"));
    match (asked.is_empty(), has_code) {
        (false, false) => Err(invalid("response_types has code, but grant_types lacks authorization_code".to_owned())),
        (true, true) => Err(invalid("response_types lacks code, but grant_types has authorization_code".to_owned())),
        _ => Ok(()),
    }
}

/// Asked ∩ offered; whoever does not ask gets what is offered.
fn scope(asked: Option<Value>, terms: &Terms) -> Result<ScopeSet, Error> {
    let Some(asked) = asked else { return Ok(terms.scope.clone()) };
    let asked: ScopeSet = serde_json::from_value(asked).map_err(|error| invalid(format!("scope: {error}")))?;
    let granted = asked.intersect(&terms.scope);
    if granted.is_empty() && !asked.is_empty() {
        return Err(invalid(format!("scope: none of it can be had here; what can be is: {}", terms.scope)));
    }
    Ok(granted)
}

fn invalid(description: String) -> Error {
    Error::new(ErrorCode::InvalidClientMetadata, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of every member of [`ClientMetadata`], as its reader lists them.
    fn every_member() -> Vec<String> {
        let error =
            serde_json::from_value::<ClientMetadata>(json!({ "?": 0 })).expect_err("no such member").to_string();
        let (_, listed) = error.split_once("expected one of ").expect("a list of names");
        listed.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
    }

    #[test]
    fn each_member_is_anybodys_or_an_administrators() {
        let mut ruled: Vec<&str> = MEMBERS.into_iter().chain(ADMINISTRATORS).collect();
        let mut every = every_member();
        ruled.sort_unstable();
        every.sort_unstable();
        assert_eq!(ruled, every);
    }
}
