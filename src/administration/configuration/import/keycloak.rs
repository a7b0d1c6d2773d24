//! The export of a realm of Keycloak (`kc.sh export`, or *Partial export* of its console).

mod client;
mod representation;

use std::collections::BTreeMap;

use self::representation::{Group, Mapper, Realm, ScopeRepresentation};
use super::{
    Kind, Parsed,
    draft::{Draft, shown},
    providers::ForeignProvider,
};
use crate::administration::configuration::document::Invalid;

/// Client scopes of every realm that have no counterpart, because nothing depends on them.
const BUILT_IN_SCOPES: [&str; 9] = [
    "acr",
    "basic",
    "microprofile-jwt",
    "organization",
    "role_list",
    "roles",
    "saml_organization",
    "service_account",
    "web-origins",
];
/// Protocol mappers of every realm, in the client scopes of OpenID Connect.
const BUILT_IN_MAPPERS: [&str; 7] = [
    "oidc-acr-mapper",
    "oidc-address-mapper",
    "oidc-allowed-origins-mapper",
    "oidc-audience-resolve-mapper",
    "oidc-full-name-mapper",
    "oidc-sub-mapper",
    "oidc-usermodel-property-mapper",
];

/// Imports realms.
pub(super) fn import(draft: &mut Draft<'_>, realms: &Parsed<Realm>) -> Result<(), Invalid> {
    for (file, realm) in realms {
        if realm.realm.is_empty() && realm.clients.is_empty() {
            return Err(Invalid(format!("{file}: it is no export of a realm: `realm` and `clients` are missing")));
        }
        draft.open(file);
        groups(draft, &realm.groups);
        without_counterpart(draft, realm);
        let names = client_scopes(draft, realm);
        for (index, provider) in realm.identity_providers.iter().enumerate() {
            let member = |name: &str| provider.config.get(name).and_then(|value| value.as_str());
            draft.provider(&ForeignProvider {
                path: format!("identityProviders[{index}]"),
                kind: &provider.provider_id,
                id: &provider.alias,
                name: provider.display_name.as_deref().unwrap_or(&provider.alias),
                issuer: member("issuer"),
                client_id: member("clientId"),
                tenant: member("tenantId"),
            });
        }
        for (index, foreign) in realm.clients.iter().enumerate() {
            client::import(draft, realm, &names, foreign, &format!("clients[{index}]"));
        }
    }
    Ok(())
}

/// Groups are nested one level deep here.
fn groups(draft: &mut Draft<'_>, groups: &[Group]) {
    for (index, group) in groups.iter().enumerate() {
        let path = format!("groups[{index}]");
        draft.group(&path, &group.name, None);
        group_members(draft, &path, group);
        descendants(draft, &path, group, &group.name, 1);
    }
}

fn descendants(draft: &mut Draft<'_>, path: &str, group: &Group, top: &str, depth: usize) {
    for (index, inner) in group.sub_groups.iter().enumerate() {
        let path = format!("{path}.subGroups[{index}]");
        draft.group(&path, &inner.name, Some(top));
        if depth > 1 {
            let text = format!("groups are nested one level deep: it is in {} now", shown(top));
            draft.note(Kind::Changed, &path, &format!("group {}", inner.name), text);
        }
        group_members(draft, &path, inner);
        descendants(draft, &path, inner, top, depth + 1);
    }
}

fn group_members(draft: &mut Draft<'_>, path: &str, group: &Group) {
    let about = format!("group {}", group.name);
    if !group.attributes.is_empty() {
        draft.left_out(&format!("{path}.attributes"), &about, "groups have no attributes");
    }
    if !group.realm_roles.is_empty() || !group.client_roles.is_empty() {
        let text = "there are no roles: open clients and scopes to the group";
        draft.left_out(&format!("{path}.realmRoles"), &about, text);
    }
}

/// What a realm has besides.
fn without_counterpart(draft: &mut Draft<'_>, realm: &Realm) {
    if realm.users > 0 {
        draft.note(Kind::Needed, "users", "", "users are imported by `writ user import`, after `writ apply`");
    }
    if realm.has_roles {
        draft.left_out(
            "roles",
            "",
            "there are no roles: groups, and what is open to some groups only, take their place",
        );
    }
    for (index, flow) in realm.authentication_flows.iter().enumerate().filter(|(_, flow)| !flow.built_in) {
        let text = format!(
            "the flow {}: which factors are asked for is a setting of clients, scopes and groups (acr)",
            shown(&flow.alias)
        );
        draft.left_out(&format!("authenticationFlows[{index}]"), "", text);
    }
    for (name, providers) in &realm.components {
        if name == "org.keycloak.storage.UserStorageProvider" && *providers > 0 {
            draft.left_out(&format!("components.{name}"), "", "users of LDAP and other stores are not federated");
        }
    }
    if realm.registration_allowed {
        draft.note(Kind::Needed, "registrationAllowed", "", "it is a setting here: sign_up.mode");
    }
    if realm.access_token_lifespan.is_some() {
        draft.note(Kind::Needed, "accessTokenLifespan", "", "it is a setting here: tokens.access_token_lifetime");
    }
}

/// The client scopes, by the names that they have here. `None` if they are left out.
fn client_scopes(draft: &mut Draft<'_>, realm: &Realm) -> BTreeMap<String, Option<String>> {
    let mut names = BTreeMap::new();
    for (index, scope) in realm.client_scopes.iter().enumerate() {
        let name = client_scope(draft, scope, &format!("clientScopes[{index}]"));
        names.insert(scope.name.clone(), name);
    }
    names
}

fn client_scope(draft: &mut Draft<'_>, scope: &ScopeRepresentation, path: &str) -> Option<String> {
    let ScopeRepresentation { name, .. } = scope;
    if BUILT_IN_SCOPES.contains(&name.as_str()) || scope.protocol.as_deref() == Some("saml") {
        return None;
    }
    let about = format!("scope {name}");
    let (audiences, has_groups) = mappers(draft, &scope.protocol_mappers, path, &about);
    if writ_core::vocabulary::scope::OPENID_SCOPES.contains(&name.as_str()) {
        return Some(name.clone());
    }
    if has_groups {
        let text = "its claim of groups comes with the scope groups";
        draft.note(Kind::Changed, path, &about, text);
    }
    let resource = match audiences.split_first() {
        None if has_groups => return Some("groups".to_owned()),
        None => match draft.default_resource(path) {
            Some(resource) => resource,
            None => {
                let text = "it names no audience, so no resource server is known for it: name one with --audience";
                draft.left_out(path, &about, text);
                return None;
            }
        },
        Some(((path, audience), others)) => {
            for (path, _) in others {
                draft.left_out(path, &about, "a scope belongs to one resource server");
            }
            draft.resource(path, audience, "")
        }
    };
    let text = scope.attributes.get("consent.screen.text").filter(|text| !text.contains("${"));
    let description = text.or(scope.description.as_ref()).cloned().unwrap_or_default();
    draft.scope(path, &resource, name, &description)
}

/// The audiences of audience mappers with their places, and whether a mapper adds groups. Others
/// are reported.
fn mappers(draft: &mut Draft<'_>, mappers: &[Mapper], path: &str, about: &str) -> (Vec<(String, String)>, bool) {
    let (mut audiences, mut has_groups) = (Vec::new(), false);
    for (index, mapper) in mappers.iter().enumerate() {
        let path = format!("{path}.protocolMappers[{index}]");
        let member = |name: &str| mapper.config.get(name).filter(|value| !value.is_empty());
        match mapper.protocol_mapper.as_str() {
            "oidc-audience-mapper" => {
                let audience = member("included.custom.audience").or(member("included.client.audience"));
                audiences.extend(audience.map(|audience| (path, audience.clone())));
            }
            "oidc-group-membership-mapper" => has_groups = true,
            kind if BUILT_IN_MAPPERS.contains(&kind) => {}
            // Of the client scopes of OpenID Connect, in every realm.
            "oidc-usermodel-attribute-mapper" if about.starts_with("scope ") && is_standard(mapper) => {}
            "oidc-usersessionmodel-note-mapper" | "oidc-usermodel-realm-role-mapper" if is_standard(mapper) => {}
            kind => {
                let text = format!("the mapper {}: see claims.mappings for claims of your own", shown(kind));
                draft.left_out(&path, about, text);
            }
        }
    }
    (audiences, has_groups)
}

/// Whether a mapper fills a claim of OpenID Connect or of Keycloak's own.
fn is_standard(mapper: &Mapper) -> bool {
    const CLAIMS: [&str; 20] = [
        "auth_time",
        "birthdate",
        "client_id",
        "clientAddress",
        "clientHost",
        "email_verified",
        "family_name",
        "gender",
        "given_name",
        "groups",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "phone_number",
        "phone_number_verified",
        "picture",
        "profile",
        "website",
        "zoneinfo",
    ];
    let claim = mapper.config.get("claim.name").map(String::as_str).unwrap_or_default();
    CLAIMS.contains(&claim) || matches!(claim, "preferred_username" | "updated_at" | "upn")
}
