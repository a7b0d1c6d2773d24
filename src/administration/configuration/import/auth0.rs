//! A tenant of Auth0: what `a0deploy export` writes as one document or as one file for each object,
//! or responses of its Management API.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use writ_core::vocabulary::client_metadata::GrantType;

use super::{
    Kind, Parsed,
    client::{Foreign, Placed, Shown, placed},
    draft::{Draft, shown},
    typed,
};
use crate::administration::configuration::document::Invalid;

/// Members of a tenant without a counterpart, each with the reason.
const WITHOUT_COUNTERPART: [(&str, &str); 9] = [
    ("actions", "code that runs at sign-in: see claims.mappings for claims of your own"),
    ("rules", "code that runs at sign-in: see claims.mappings for claims of your own"),
    ("hooks", "code that runs at sign-in: see claims.mappings for claims of your own"),
    ("databases", "users are imported by `writ user import`"),
    ("connections", "providers are a setting: upstream.providers"),
    ("roles", "there are no roles: groups, and what is open to some groups only, take their place"),
    ("organizations", "groups take the place of organizations"),
    ("emailTemplates", "mails have texts of their own, in four languages"),
    ("logStreams", "the audit log has sinks of its own: audit.sinks"),
];

#[derive(Deserialize)]
struct Client {
    name: String,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    client_secret: Option<String>,
    #[serde(default)]
    app_type: Option<String>,
    #[serde(default)]
    global: bool,
    #[serde(default)]
    callbacks: Vec<String>,
    #[serde(default)]
    allowed_logout_urls: Vec<String>,
    #[serde(default)]
    web_origins: Vec<String>,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    grant_types: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    logo_uri: Option<String>,
    #[serde(default)]
    initiate_login_uri: Option<String>,
    #[serde(default)]
    jwt_configuration: JwtConfiguration,
    #[serde(default)]
    refresh_token: RefreshToken,
    #[serde(default)]
    oidc_logout: OidcLogout,
    #[serde(default)]
    client_metadata: Map<String, Value>,
    #[serde(default)]
    addons: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JwtConfiguration {
    lifetime_in_seconds: Option<i64>,
    alg: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RefreshToken {
    rotation_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OidcLogout {
    backchannel_logout_urls: Vec<String>,
}

#[derive(Deserialize)]
struct Api {
    #[serde(default)]
    name: String,
    identifier: String,
    #[serde(default)]
    scopes: Vec<ApiScope>,
    #[serde(default)]
    token_lifetime: Option<i64>,
    #[serde(default)]
    signing_alg: Option<String>,
    #[serde(default)]
    is_system: bool,
}

#[derive(Deserialize)]
struct ApiScope {
    value: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct ClientGrant {
    client_id: String,
    audience: String,
    #[serde(default)]
    scope: Vec<String>,
}

/// The objects of all files, each with its file and place.
#[derive(Default)]
struct Tenant {
    clients: Vec<(String, String, Client)>,
    apis: Vec<(String, String, Api)>,
    grants: Vec<ClientGrant>,
}

/// Imports a tenant.
pub(super) fn import(draft: &mut Draft<'_>, files: &Parsed<Value>) -> Result<(), Invalid> {
    let mut tenant = Tenant::default();
    for (file, content) in files {
        draft.open(file);
        tenant.add(draft, file, content).map_err(|Invalid(reason)| Invalid(format!("{file}: {reason}")))?;
    }
    let scopes = apis(draft, &tenant.apis);
    for (file, path, client) in &tenant.clients {
        draft.open(file);
        add(draft, client, path, &tenant.grants, &scopes);
    }
    if !tenant.clients.is_empty() && !scopes.is_empty() {
        let text = "every app could request the scopes of every API: add those that an app uses to its scope";
        draft.note_once(Kind::Needed, "clients[*]", text);
    }
    Ok(())
}

impl Tenant {
    /// Adds a tenant, an array, or one object.
    fn add(&mut self, draft: &mut Draft<'_>, file: &str, content: &Value) -> Result<(), Invalid> {
        if let Value::Array(objects) = content {
            return self.add_list(file, "", objects);
        }
        if content.get("clients").is_none() && content.get("resourceServers").is_none() {
            return self.add_object(file, "object".to_owned(), content);
        }
        for list in ["clients", "resourceServers", "clientGrants"] {
            let objects: Vec<Value> = content.get(list).map_or(Ok(Vec::new()), |value| typed(list, value.clone()))?;
            self.add_list(file, list, &objects)?;
        }
        for (name, text) in WITHOUT_COUNTERPART {
            let is_empty = |value: &Value| *value == json!([]) || *value == json!({});
            if content.get(name).is_some_and(|value| !is_empty(value)) {
                draft.left_out(name, "", text);
            }
        }
        Ok(())
    }

    fn add_list(&mut self, file: &str, path: &str, objects: &[Value]) -> Result<(), Invalid> {
        let mut numbered = objects.iter().enumerate();
        numbered.try_for_each(|(index, object)| self.add_object(file, format!("{path}[{index}]"), object))
    }

    /// An API has an identifier, and a grant an audience.
    fn add_object(&mut self, file: &str, path: String, object: &Value) -> Result<(), Invalid> {
        if object.get("identifier").is_some() {
            self.apis.push((file.to_owned(), path.clone(), typed(&path, object.clone())?));
        } else if object.get("audience").is_some() {
            self.grants.push(typed(&path, object.clone())?);
        } else {
            self.clients.push((file.to_owned(), path.clone(), typed(&path, object.clone())?));
        }
        Ok(())
    }
}

/// The APIs as resource servers. Returns the names that scopes have here, by audience and name.
fn apis(draft: &mut Draft<'_>, apis: &[(String, String, Api)]) -> BTreeMap<(String, String), String> {
    let mut names = BTreeMap::new();
    for (file, path, api) in apis {
        draft.open(file);
        let about = format!("API {}", api.identifier);
        if api.is_system {
            draft.left_out(path, &about, "it is the Management API of Auth0");
            continue;
        }
        let id = draft.resource(path, &api.identifier, &api.name);
        if let Some(alg) = api.signing_alg.as_deref().filter(|alg| *alg != "RS256") {
            let text = format!("its tokens were signed with {}: see token_alg", shown(alg));
            draft.note(Kind::Changed, &format!("{path}.signing_alg"), &about, text);
        }
        if let Some(lifetime) = api.token_lifetime {
            match draft.document.resources.get_mut(&id).filter(|_| (1..=86_400).contains(&lifetime)) {
                Some(entry) => entry.token_lifetime = Some(lifetime),
                None => draft.left_out(&format!("{path}.token_lifetime"), &about, "a token lives 1 to 86400 seconds"),
            }
        }
        for (index, scope) in api.scopes.iter().enumerate() {
            let name = draft.scope(&format!("{path}.scopes[{index}]"), &id, &scope.value, &scope.description);
            names.extend(name.map(|name| ((api.identifier.clone(), scope.value.clone()), name)));
        }
    }
    names
}

fn add(
    draft: &mut Draft<'_>,
    client: &Client,
    path: &str,
    grants: &[ClientGrant],
    scopes: &BTreeMap<(String, String), String>,
) {
    let about = format!("client {}", client.client_id.as_deref().unwrap_or(&client.name));
    if client.global {
        return draft.left_out(path, &about, "it stands for all apps of the tenant");
    }
    if !client.addons.is_empty() {
        draft.left_out(&format!("{path}.addons"), &about, "SAML and other protocols have no counterpart");
    }
    if !client.client_metadata.is_empty() {
        draft.left_out(&format!("{path}.client_metadata"), &about, "a client has no members of its own");
    }
    let app_type = client.app_type.as_deref().unwrap_or_default();
    let method = client.token_endpoint_auth_method.as_deref();
    let is_public = method.map_or(matches!(app_type, "spa" | "native"), |method| method == "none");
    let grant_types = grant_types(draft, client, path, &about);
    let with_user = grant_types.contains(&GrantType::AuthorizationCode) || grant_types.contains(&GrantType::DeviceCode);
    let refreshes = grant_types.contains(&GrantType::RefreshToken);
    let mut foreign = Foreign {
        path: path.to_owned(),
        id: client.client_id.clone(),
        name: client.name.clone(),
        is_public,
        is_native: app_type == "native",
        redirect_uris: placed(&format!("{path}.callbacks"), &client.callbacks),
        post_logout_redirect_uris: placed(&format!("{path}.allowed_logout_urls"), &client.allowed_logout_urls),
        allowed_origins: origins(client, path),
        scope: scope(client, path, grants, scopes, with_user, refreshes),
        grant_types,
        secret: client.client_secret.clone().map_or(Shown::Hidden, Shown::Text),
        ..Foreign::default()
    };
    for (name, uri) in [("logo_uri", &client.logo_uri), ("initiate_login_uri", &client.initiate_login_uri)] {
        if let Some(uri) = uri.as_ref().filter(|uri| !uri.is_empty()) {
            foreign.member(format!("{path}.{name}"), name, uri.clone());
        }
    }
    match method {
        None | Some("none") => {}
        Some(method) => {
            foreign.member(format!("{path}.token_endpoint_auth_method"), "token_endpoint_auth_method", method)
        }
    }
    let jwt = &client.jwt_configuration;
    if let Some(seconds) = jwt.lifetime_in_seconds {
        foreign.member(format!("{path}.jwt_configuration.lifetime_in_seconds"), "id_token_lifetime", seconds);
    }
    if let Some(alg) = jwt.alg.as_deref().filter(|alg| *alg != "RS256") {
        foreign.member(format!("{path}.jwt_configuration.alg"), "id_token_signed_response_alg", alg);
    }
    if client.refresh_token.rotation_type.as_deref() == Some("rotating") {
        foreign.member(format!("{path}.refresh_token.rotation_type"), "rotate_refresh_tokens", true);
    }
    let logout =
        placed(&format!("{path}.oidc_logout.backchannel_logout_urls"), &client.oidc_logout.backchannel_logout_urls);
    for (index, (path, uri)) in logout.into_iter().enumerate() {
        match index {
            0 => foreign.member(path, "backchannel_logout_uri", uri),
            _ => draft.left_out(&path, &about, "a client has one URI for logout tokens"),
        }
    }
    draft.client(foreign);
}

fn origins(client: &Client, path: &str) -> Vec<Placed> {
    let web = placed(&format!("{path}.web_origins"), &client.web_origins);
    let mut origins: Vec<Placed> = Vec::new();
    for (path, origin) in web.into_iter().chain(placed(&format!("{path}.allowed_origins"), &client.allowed_origins)) {
        if !origins.iter().any(|(_, known)| *known == origin) {
            origins.push((path, origin));
        }
    }
    origins
}

fn grant_types(draft: &mut Draft<'_>, client: &Client, path: &str, about: &str) -> Vec<GrantType> {
    let mut kept = Vec::new();
    for (path, name) in placed(&format!("{path}.grant_types"), &client.grant_types) {
        match GrantType::parse(&name) {
            Some(grant_type) => kept.push(grant_type),
            None => {
                let text = match name.as_str() {
                    "implicit" => {
                        "the implicit grant (RFC 9700 §2.1.2): the app uses the code flow with PKCE".to_owned()
                    }
                    "password" => "the password grant (RFC 9700 §2.4): the app uses the code flow".to_owned(),
                    name => format!("the grant type {} has no counterpart", shown(name)),
                };
                draft.left_out(&path, about, text);
            }
        }
    }
    kept
}

/// The scopes of OpenID Connect, and those that the client was granted for itself.
fn scope(
    client: &Client,
    path: &str,
    grants: &[ClientGrant],
    scopes: &BTreeMap<(String, String), String>,
    with_user: bool,
    refreshes: bool,
) -> Vec<Placed> {
    let path = format!("{path}.scope");
    let mut names: Vec<String> = Vec::new();
    if with_user {
        names.extend(["openid", "profile", "email"].map(str::to_owned));
    }
    if refreshes {
        names.push("offline_access".to_owned());
    }
    let is_own =
        |grant: &&ClientGrant| Some(&grant.client_id) == client.client_id.as_ref() || grant.client_id == client.name;
    for grant in grants.iter().filter(is_own) {
        let here = |name: &String| scopes.get(&(grant.audience.clone(), name.clone())).cloned();
        names.extend(grant.scope.iter().filter_map(here));
    }
    names.into_iter().map(|name| (path.clone(), name)).collect()
}
