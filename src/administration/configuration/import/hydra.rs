//! The clients of Ory Hydra: `hydra list clients --format json`, a response of its API, or one
//! client.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use writ_core::vocabulary::{client_metadata::GrantType, scope::OPENID_SCOPES};

use super::{
    Kind, Parsed,
    client::{Foreign, Placed, Shown, placed},
    draft::{Draft, shown},
    typed,
};
use crate::administration::configuration::document::Invalid;

/// Members with the same name and meaning.
const SAME: [&str; 16] = [
    "backchannel_logout_uri",
    "client_uri",
    "contacts",
    "frontchannel_logout_uri",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "request_object_signing_alg",
    "request_uris",
    "sector_identifier_uri",
    "tos_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_session_required",
    "token_endpoint_auth_signing_alg",
    "userinfo_signed_response_alg",
    "subject_type",
];
/// Members without a counterpart, each with the reason.
const WITHOUT_COUNTERPART: [(&str, &str); 4] = [
    ("skip_consent", "here each user is asked once for each app"),
    ("skip_logout_consent", "a logout with an ID token as hint is not asked for"),
    ("metadata", "a client has no members of its own"),
    ("access_token_strategy", "access tokens are JWTs (RFC 9068)"),
];

/// A client.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Client {
    client_id: String,
    client_name: String,
    client_secret: Option<String>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    allowed_cors_origins: Vec<String>,
    grant_types: Vec<String>,
    response_types: Vec<String>,
    scope: String,
    audience: Vec<String>,
    token_endpoint_auth_method: String,
    jwks: Map<String, Value>,
    authorization_code_grant_access_token_lifespan: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Imports clients.
pub(super) fn import(draft: &mut Draft<'_>, files: &Parsed<Value>) -> Result<(), Invalid> {
    let mut clients = Vec::new();
    for (file, parsed) in files {
        for (path, client) in listed(parsed) {
            let client =
                typed(&path, client.clone()).map_err(|Invalid(reason)| Invalid(format!("{file}: {reason}")))?;
            clients.push((file, path, client));
        }
    }
    let resources = scopes(draft, &clients);
    for (file, path, client) in &clients {
        draft.open(file);
        add(draft, client, path, &resources);
    }
    Ok(())
}

/// The clients of a page, of an array, or one client.
fn listed(parsed: &Value) -> Vec<(String, &Value)> {
    let (path, clients) = match (parsed, parsed.get("items")) {
        (Value::Array(clients), _) => ("", clients),
        (_, Some(Value::Array(clients))) => ("items", clients),
        _ => return vec![("client".to_owned(), parsed)],
    };
    clients.iter().enumerate().map(|(index, client)| (format!("{path}[{index}]"), client)).collect()
}

/// Hydra's scopes belong to no audience. One belongs to the audience that all clients with it have,
/// if that is a single one.
fn scopes(draft: &mut Draft<'_>, clients: &[(&String, String, Client)]) -> BTreeMap<String, String> {
    let mut audiences: BTreeMap<&str, (String, Option<&str>)> = BTreeMap::new();
    for (file, path, client) in clients {
        draft.open(file);
        let single = match client.audience.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        for name in client.scope.split_whitespace().filter(|name| !is_known(name)) {
            let (_, known) = audiences.entry(name).or_insert_with(|| (format!("{path}.scope"), single));
            if *known != single {
                *known = None;
            }
        }
    }
    let mut names = BTreeMap::new();
    for (name, (path, audience)) in audiences {
        let resource = match audience {
            Some(audience) => Some(draft.resource(&path, audience, "")),
            None => draft.default_resource(&path),
        };
        let scope = resource.and_then(|resource| draft.scope(&path, &resource, name, ""));
        names.extend(scope.map(|scope| (name.to_owned(), scope)));
    }
    for (_, path, client) in clients {
        for (path, audience) in placed(&format!("{path}.audience"), &client.audience) {
            draft.resource(&path, &audience, "");
        }
    }
    names
}

/// Whether a scope is one of OpenID Connect, or Hydra's own name for one.
fn is_known(name: &str) -> bool {
    OPENID_SCOPES.contains(&name) || name == "offline"
}

fn add(draft: &mut Draft<'_>, client: &Client, path: &str, names: &BTreeMap<String, String>) {
    let about = format!("client {}", client.client_id);
    let mut foreign = Foreign {
        path: path.to_owned(),
        id: Some(client.client_id.clone()).filter(|id| !id.is_empty()),
        name: client.client_name.clone(),
        is_public: client.token_endpoint_auth_method == "none",
        redirect_uris: placed(&format!("{path}.redirect_uris"), &client.redirect_uris),
        post_logout_redirect_uris: placed(
            &format!("{path}.post_logout_redirect_uris"),
            &client.post_logout_redirect_uris,
        ),
        allowed_origins: placed(&format!("{path}.allowed_cors_origins"), &client.allowed_cors_origins),
        grant_types: grant_types(draft, client, path, &about),
        scope: scope(draft, client, path, names),
        secret: client.client_secret.clone().map_or(Shown::Hidden, Shown::Text),
        ..Foreign::default()
    };
    for name in SAME {
        let is_usual = |value: &Value| {
            matches!(value.as_str(), Some("" | "none")) || *value == json!([]) || *value == json!(false)
        };
        if let Some(value) = client.others.get(name).filter(|value| !is_usual(value)) {
            if (name, value.as_str()) == ("subject_type", Some("pairwise")) {
                let text = "the sub of each user is another one here";
                draft.note(Kind::Changed, &format!("{path}.{name}"), &about, text);
            }
            foreign.member(format!("{path}.{name}"), name, value.clone());
        }
    }
    let method_path = format!("{path}.token_endpoint_auth_method");
    let jwks = client.jwks.get("keys").and_then(Value::as_array).is_some_and(|keys| !keys.is_empty());
    match client.token_endpoint_auth_method.as_str() {
        "" | "none" => {}
        "private_key_jwt" => {
            let keys = match jwks {
                true => ("jwks", json!(client.jwks)),
                false => ("jwks_uri", client.others.get("jwks_uri").cloned().unwrap_or_default()),
            };
            let members = [("token_endpoint_auth_method", json!("private_key_jwt")), keys];
            let members = members.map(|(name, value)| (name.to_owned(), value));
            // Before the members that need it.
            foreign.members.insert(0, (method_path, members.into_iter().collect()));
        }
        method => foreign.member(method_path, "token_endpoint_auth_method", method),
    }
    if let Some(lifespan) = &client.authorization_code_grant_access_token_lifespan {
        let path = format!("{path}.authorization_code_grant_access_token_lifespan");
        match seconds(lifespan) {
            Some(seconds) => foreign.member(path, "access_token_lifetime", seconds),
            None => draft.left_out(&path, &about, "it is no duration such as 1h0m0s"),
        }
    }
    for (name, text) in WITHOUT_COUNTERPART {
        let is_empty = |value: &Value| *value == json!({}) || *value == json!(false) || *value == json!("");
        if client.others.get(name).is_some_and(|value| !is_empty(value)) {
            draft.left_out(&format!("{path}.{name}"), &about, text);
        }
    }
    draft.client(foreign);
}

fn grant_types(draft: &mut Draft<'_>, client: &Client, path: &str, about: &str) -> Vec<GrantType> {
    let mut kept = Vec::new();
    for (path, name) in placed(&format!("{path}.grant_types"), &client.grant_types) {
        match GrantType::parse(&name) {
            Some(grant_type) => kept.push(grant_type),
            None if name == "implicit" => draft.left_out(&path, about, "the implicit grant (RFC 9700 §2.1.2)"),
            None => draft.left_out(&path, about, format!("the grant type {} has no counterpart", shown(&name))),
        }
    }
    if client.grant_types.is_empty() {
        kept.push(GrantType::AuthorizationCode);
    }
    for (path, name) in placed(&format!("{path}.response_types"), &client.response_types) {
        if name != "code" {
            draft.left_out(&path, about, "the only response type is code");
        }
    }
    kept
}

fn scope(draft: &mut Draft<'_>, client: &Client, path: &str, names: &BTreeMap<String, String>) -> Vec<Placed> {
    let path = format!("{path}.scope");
    let mut scopes = Vec::new();
    for name in client.scope.split_whitespace() {
        let name = match name {
            "offline" => {
                draft.note_once(Kind::Changed, &path, "the scope offline is offline_access here");
                "offline_access".to_owned()
            }
            name => names.get(name).cloned().unwrap_or_else(|| name.to_owned()),
        };
        scopes.push((path.clone(), name));
    }
    scopes
}

/// A duration of Go, such as `1h0m0s`, in seconds.
fn seconds(text: &str) -> Option<i64> {
    let mut total = 0_i64;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}
