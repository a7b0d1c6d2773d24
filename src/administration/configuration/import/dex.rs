//! The configuration of Dex.

use serde::Deserialize;
use serde_json::{Map, Value};
use writ_core::vocabulary::client_metadata::GrantType;

use super::{
    Kind, Parsed,
    client::{Foreign, Shown, placed},
    draft::{Draft, shown},
    providers::ForeignProvider,
};

/// The parts of the configuration that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Configuration {
    #[serde(default)]
    static_clients: Vec<Client>,
    #[serde(default)]
    connectors: Vec<Connector>,
    #[serde(default, rename = "enablePasswordDB")]
    enable_password_db: bool,
    #[serde(default, deserialize_with = "super::length")]
    static_passwords: usize,
    #[serde(default)]
    oauth2: OAuth2,
    #[serde(default)]
    expiry: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "idEnv")]
    id_env: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default, rename = "redirectURIs")]
    redirect_uris: Vec<String>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    trusted_peers: Vec<String>,
    #[serde(default)]
    allowed_connectors: Vec<String>,
    #[serde(default, rename = "logoURL")]
    logo_url: Option<String>,
}

#[derive(Deserialize)]
struct Connector {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    config: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OAuth2 {
    response_types: Vec<String>,
    skip_approval_screen: bool,
    password_connector: Option<String>,
}

/// Imports configurations.
pub(super) fn import(draft: &mut Draft<'_>, files: &Parsed<Configuration>) {
    for (file, configuration) in files {
        draft.open(file);
        without_counterpart(draft, configuration);
        for (index, connector) in configuration.connectors.iter().enumerate() {
            provider(draft, connector, format!("connectors[{index}]"));
        }
        for (index, client) in configuration.static_clients.iter().enumerate() {
            add(draft, client, &format!("staticClients[{index}]"));
        }
    }
}

fn without_counterpart(draft: &mut Draft<'_>, configuration: &Configuration) {
    let OAuth2 { response_types, skip_approval_screen, password_connector } = &configuration.oauth2;
    for (path, name) in placed("oauth2.responseTypes", response_types) {
        if name != "code" {
            draft.left_out(&path, "", "the only response type is code");
        }
    }
    if *skip_approval_screen {
        draft.left_out("oauth2.skipApprovalScreen", "", "here each user is asked once for each app");
    }
    if password_connector.is_some() {
        draft.left_out(
            "oauth2.passwordConnector",
            "",
            "the password grant (RFC 9700 §2.4): the app uses the code flow",
        );
    }
    if configuration.enable_password_db || configuration.static_passwords > 0 {
        let text =
            "users are imported by `writ user import`: a JSON line for each with username, email and password_hash";
        draft.note(Kind::Needed, "staticPasswords", "", text);
    }
    if !configuration.expiry.is_empty() {
        draft.note(Kind::Needed, "expiry", "", "these are settings here: tokens, keys and sessions");
    }
}

fn provider(draft: &mut Draft<'_>, connector: &Connector, path: String) {
    let member = |name: &str| connector.config.get(name).and_then(Value::as_str);
    for name in ["orgs", "teams", "groups", "hostedDomains", "claimMapping", "getUserInfo"] {
        if connector.config.contains_key(name) {
            let text = format!("see docs/identity-providers.md for what takes the place of {name}");
            draft.left_out(&format!("{path}.config.{name}"), &format!("provider {}", connector.id), text);
        }
    }
    if member("clientID").is_some_and(|id| id.starts_with('$')) {
        let text = "it names a variable: write the client_id itself";
        draft.note(Kind::Needed, &format!("{path}.config.clientID"), &format!("provider {}", connector.id), text);
    }
    draft.provider(&ForeignProvider {
        kind: &connector.kind,
        id: if connector.id.is_empty() { &connector.kind } else { &connector.id },
        name: &connector.name,
        issuer: member("issuer").or(member("baseURL")),
        client_id: member("clientID"),
        tenant: member("tenant"),
        path,
    });
}

fn add(draft: &mut Draft<'_>, client: &Client, path: &str) {
    let about = format!("client {}", client.id.as_deref().unwrap_or(&client.name));
    if let Some(variable) = &client.id_env {
        let text = format!("its client_id is in the variable {}: rename it here", shown(variable));
        draft.note(Kind::Needed, &format!("{path}.idEnv"), &about, text);
    }
    if !client.trusted_peers.is_empty() {
        let text = "tokens for another client: see token exchange, with may_act of that client";
        draft.left_out(&format!("{path}.trustedPeers"), &about, text);
    }
    if !client.allowed_connectors.is_empty() {
        draft.left_out(
            &format!("{path}.allowedConnectors"),
            &about,
            "every provider is offered to the users of all apps",
        );
    }
    if client.public && client.redirect_uris.is_empty() {
        let text = "any loopback URI was accepted: list the one that the app uses, of which the port may differ";
        draft.left_out(&format!("{path}.redirectURIs"), &about, text);
    }
    let scope = ["openid", "profile", "email", "groups", "offline_access"];
    let mut foreign = Foreign {
        path: path.to_owned(),
        id: client.id.clone(),
        name: client.name.clone(),
        is_public: client.public,
        // The port of a loopback URI may differ.
        is_native: client.public,
        redirect_uris: placed(&format!("{path}.redirectURIs"), &client.redirect_uris),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode],
        scope: scope.map(|name| (path.to_owned(), name.to_owned())).to_vec(),
        // A variable can have it, too.
        secret: client.secret.clone().map_or(Shown::Hidden, Shown::Text),
        ..Foreign::default()
    };
    if let Some(uri) = client.logo_url.as_ref().filter(|uri| !uri.is_empty()) {
        foreign.member(format!("{path}.logoURL"), "logo_uri", uri.clone());
    }
    draft.client(foreign);
}
