//! A client of Keycloak.

use std::collections::BTreeMap;

use serde_json::{Map, json};
use url::Url;
use writ_core::vocabulary::{client_metadata::GrantType, scope::OPENID_SCOPES};

use super::{
    BUILT_IN_SCOPES, mappers,
    representation::{Client, Realm},
};
use crate::administration::configuration::import::{
    Kind,
    client::{Foreign, Placed, Shown, placed},
    draft::{Draft, shown},
};

/// Clients of every realm, for Keycloak itself.
const BUILT_IN: [&str; 6] =
    ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];
/// What Keycloak shows instead of a secret.
const MASK: &str = "**********";
/// Attributes that are members here, each an https URI.
const URIS: [(&str, &str); 5] = [
    ("backchannel.logout.url", "backchannel_logout_uri"),
    ("frontchannel.logout.url", "frontchannel_logout_uri"),
    ("logoUri", "logo_uri"),
    ("policyUri", "policy_uri"),
    ("tosUri", "tos_uri"),
];
/// Attributes with an algorithm, and the members for it.
const ALGORITHMS: [(&str, &str); 3] = [
    ("access.token.signed.response.alg", "access_token_signed_response_alg"),
    ("id.token.signed.response.alg", "id_token_signed_response_alg"),
    ("user.info.response.signature.alg", "userinfo_signed_response_alg"),
];

/// Imports a client. `names` has the client scopes, by the names that they have here.
pub(super) fn import(
    draft: &mut Draft<'_>,
    realm: &Realm,
    names: &BTreeMap<String, Option<String>>,
    client: &Client,
    path: &str,
) {
    let about = format!("client {}", client.client_id);
    if BUILT_IN.contains(&client.client_id.as_str()) {
        return draft.left_out(path, &about, "it is a client of Keycloak itself");
    }
    if client.protocol.as_deref() == Some("saml") {
        return draft.left_out(path, &about, "SAML has no counterpart");
    }
    if client.bearer_only {
        draft.resource(path, &client.client_id, &client.name);
        return draft.note(Kind::Changed, path, &about, "an API: it is a resource server here");
    }
    if !client.enabled {
        return draft.left_out(&format!("{path}.enabled"), &about, "it is disabled");
    }
    let mut foreign = Foreign {
        path: path.to_owned(),
        id: Some(client.client_id.clone()),
        name: if client.name.contains("${") { client.client_id.clone() } else { client.name.clone() },
        is_public: client.public_client,
        redirect_uris: uris(client, &format!("{path}.redirectUris"), &client.redirect_uris),
        grant_types: grant_types(draft, client, path, &about),
        scope: scopes(draft, realm, names, client, path, &about),
        secret: match &client.secret {
            None => Shown::Hidden,
            Some(secret) if secret.as_str() == MASK => Shown::Hidden,
            Some(secret) => Shown::Text(secret.clone()),
        },
        ..Foreign::default()
    };
    foreign.post_logout_redirect_uris = post_logout(client, path, &foreign.redirect_uris);
    foreign.allowed_origins = web_origins(draft, client, path, &about);
    members(draft, client, path, &about, &mut foreign);
    draft.client(foreign);
}

/// URIs, of which relative ones start at the root URL.
fn uris(client: &Client, path: &str, uris: &[String]) -> Vec<Placed> {
    let absolute = |uri: &str| match uri.starts_with('/') && !client.root_url.is_empty() {
        true => format!("{}{uri}", client.root_url.trim_end_matches('/')),
        false => uri.to_owned(),
    };
    placed(path, uris).into_iter().map(|(path, uri)| (path, absolute(&uri))).collect()
}

fn post_logout(client: &Client, path: &str, redirect_uris: &[Placed]) -> Vec<Placed> {
    let path = format!("{path}.attributes.post.logout.redirect.uris");
    match client.attribute("post.logout.redirect.uris") {
        None | Some("-") => Vec::new(),
        // As the redirect URIs, where wildcards are reported already.
        Some("+") => redirect_uris.iter().filter(|(_, uri)| !uri.contains('*')).cloned().collect(),
        Some(listed) => {
            let listed: Vec<String> = listed.split("##").map(str::to_owned).collect();
            uris(client, &path, &listed)
        }
    }
}

/// The origins of the redirect URIs are always allowed.
fn web_origins(draft: &mut Draft<'_>, client: &Client, path: &str, about: &str) -> Vec<Placed> {
    let mut origins = placed(&format!("{path}.webOrigins"), &client.web_origins);
    origins.retain(|(path, origin)| {
        if origin == "*" {
            draft.left_out(path, about, "every origin: list those that call this server");
        }
        !matches!(origin.as_str(), "*" | "+" | "" | "/*")
    });
    origins
}

fn grant_types(draft: &mut Draft<'_>, client: &Client, path: &str, about: &str) -> Vec<GrantType> {
    let mut kept = Vec::new();
    let has_device = client.has("oauth2.device.authorization.grant.enabled");
    let refreshes = client.attribute("use.refresh.tokens") != Some("false");
    for (has, grant_type) in [
        (client.standard_flow_enabled, GrantType::AuthorizationCode),
        (has_device, GrantType::DeviceCode),
        (refreshes && (client.standard_flow_enabled || has_device), GrantType::RefreshToken),
        (client.service_accounts_enabled, GrantType::ClientCredentials),
        (client.has("standard.token.exchange.enabled"), GrantType::TokenExchange),
    ] {
        kept.extend(has.then_some(grant_type));
    }
    for (has, member, text) in [
        (
            client.implicit_flow_enabled,
            "implicitFlowEnabled",
            "the implicit grant (RFC 9700 §2.1.2): the app uses the code flow with PKCE",
        ),
        (
            client.direct_access_grants_enabled,
            "directAccessGrantsEnabled",
            "the password grant (RFC 9700 §2.4): the app uses the code flow, or the device flow",
        ),
        (
            client.authorization_services_enabled,
            "authorizationServicesEnabled",
            "policies of resources: an API decides by scopes and groups",
        ),
        (client.has("oidc.ciba.grant.enabled"), "attributes.oidc.ciba.grant.enabled", "CIBA has no counterpart"),
        (
            !client.authentication_flow_binding_overrides.is_empty(),
            "authenticationFlowBindingOverrides",
            "flows have no counterpart: `writ client update --acr mfa` demands a second factor",
        ),
    ] {
        if has {
            draft.left_out(&format!("{path}.{member}"), about, text);
        }
    }
    if !client.consent_required && client.standard_flow_enabled {
        let text = "here each user is asked once for each app, also for those without consentRequired";
        draft.note_once(Kind::Changed, "clients[*].consentRequired", text);
    }
    kept
}

fn scopes(
    draft: &mut Draft<'_>,
    realm: &Realm,
    names: &BTreeMap<String, Option<String>>,
    client: &Client,
    path: &str,
    about: &str,
) -> Vec<Placed> {
    let mut scopes = vec![(path.to_owned(), "openid".to_owned())];
    if !client.standard_flow_enabled && !client.has("oauth2.device.authorization.grant.enabled") {
        scopes.clear();
    }
    let optional = (client.optional_client_scopes.as_ref(), &realm.default_optional_client_scopes);
    let default = (client.default_client_scopes.as_ref(), &realm.default_default_client_scopes);
    for (member, (listed, usual)) in [("defaultClientScopes", default), ("optionalClientScopes", optional)] {
        for (path, name) in placed(&format!("{path}.{member}"), listed.unwrap_or(usual)) {
            match names.get(&name) {
                Some(name) => scopes.extend(name.clone().map(|name| (path, name))),
                None if BUILT_IN_SCOPES.contains(&name.as_str()) => {}
                // A partial export can be without the client scopes.
                None => scopes.push((path, name)),
            }
        }
    }
    let (audiences, has_groups) = mappers(draft, &client.protocol_mappers, path, about);
    if has_groups {
        scopes.push((path.to_owned(), "groups".to_owned()));
        let text = "its claim of groups comes with the scope groups, which the app has to request";
        draft.note(Kind::Changed, path, about, text);
    }
    for (path, audience) in audiences {
        let resource = draft.resource(&path, &audience, "");
        let text = format!("its tokens had the audience always: here a scope of resource server {resource} gives it");
        draft.note(Kind::Needed, &path, about, text);
    }
    // A client that acts for itself has no user.
    if scopes.first().is_none_or(|(_, name)| name != "openid") {
        scopes.retain(|(_, name)| !OPENID_SCOPES.contains(&name.as_str()));
    }
    scopes
}

fn members(draft: &mut Draft<'_>, client: &Client, path: &str, about: &str, foreign: &mut Foreign) {
    let at = |name: &str| format!("{path}.attributes.{name}");
    match client.attribute("pkce.code.challenge.method") {
        None => {}
        Some(method) => {
            if method != "S256" {
                draft.note(Kind::Changed, &at("pkce.code.challenge.method"), about, "PKCE is with S256 only");
            }
            foreign.member(at("pkce.code.challenge.method"), "require_pkce", true);
        }
    }
    for (attribute, member) in URIS {
        if let Some(uri) = client.attribute(attribute) {
            foreign.member(at(attribute), member, uri);
        }
    }
    for (attribute, member) in ALGORITHMS {
        if let Some(alg) = client.attribute(attribute).filter(|alg| *alg != "unsigned") {
            foreign.member(at(attribute), member, alg);
        }
    }
    if let Some(seconds) = client.attribute("access.token.lifespan").and_then(|text| text.parse::<i64>().ok()) {
        foreign.member(at("access.token.lifespan"), "access_token_lifetime", seconds);
    }
    if Url::parse(&client.base_url).is_ok_and(|url| url.scheme() == "https") {
        foreign.member(format!("{path}.baseUrl"), "client_uri", client.base_url.clone());
    }
    let type_path = format!("{path}.clientAuthenticatorType");
    match client.client_authenticator_type.as_deref() {
        Some("client-jwt") if !client.public_client => match client.attribute("jwks.url") {
            Some(uri) => {
                let method = [("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks_uri", json!(uri))];
                let members = method.map(|(name, value)| (name.to_owned(), value));
                foreign.members.push((type_path, Map::from_iter(members)));
            }
            None => draft.note(
                Kind::Needed,
                &type_path,
                about,
                "its key is not in the export: register jwks or jwks_uri with private_key_jwt, else it has a secret",
            ),
        },
        Some("client-secret") | None => {}
        Some(_) if client.public_client => {}
        Some(other) => {
            let text = format!("{} has no counterpart: it has a secret", shown(other));
            draft.note(Kind::Changed, &type_path, about, text);
        }
    }
}
