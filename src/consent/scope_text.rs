//! The description of a scope for users.

use writ_core::{
    claim_mapping::{ClaimMapping, ClientMappings},
    scopes::ScopeIds,
    vocabulary::{
        administration_scope::{AdministrationScope, is_reserved},
        scope::Risk,
    },
};

use crate::{
    scopes::{Owner, ScopeDirectory},
    store::decisions::ShownClaim,
    web::locale::Locale,
};

/// The description of a scope.
pub struct ScopeDescription {
    /// The name of its resource server. For OpenID Connect scopes, the name of the product.
    pub resource_server: String,
    /// The action that it permits.
    pub sentence: String,
    /// The consequence of allowing it.
    pub consequence: String,
    /// How much harm it can do.
    pub risk: Risk,
}

impl ScopeDescription {
    /// The description of the scope `name`. `None` if the scope does not exist. OpenID Connect
    /// scopes are listed under `product`.
    pub fn find(scopes: &ScopeDirectory, name: &str, locale: Locale, product: &str) -> Option<Self> {
        Some(match scopes.owner(name)? {
            Owner::OpenId => {
                let (sentence, consequence) = openid_scope_texts(name)?;
                Self {
                    resource_server: product.to_owned(),
                    sentence: locale.text(sentence),
                    consequence: locale.text(consequence),
                    risk: openid_scope_risk(name),
                }
            }
            Owner::Resource(_, scope) if is_reserved(name) => {
                let (sentence, consequence) = administration_scope_texts(name.parse().ok()?);
                Self {
                    resource_server: product.to_owned(),
                    sentence: locale.text(sentence),
                    consequence: locale.text(consequence),
                    risk: scope.risk,
                }
            }
            Owner::Resource(server, scope) => {
                let text = locale.pick(&scope.texts);
                Self {
                    resource_server: locale.pick(&server.names).cloned().unwrap_or_else(|| server.id.clone()),
                    sentence: text.map_or_else(|| name.to_owned(), |text| text.sentence.clone()),
                    consequence: text.map_or_else(String::new, |text| text.consequence.clone()),
                    risk: scope.risk,
                }
            }
        })
    }
}

/// The claims of the operator's own that a client with these mappings gets with a scope, in words.
pub fn shown_claims(mappings: ClientMappings<'_>, scope: &str, locale: Locale) -> Vec<ShownClaim> {
    let shown = |mapping: &ClaimMapping| ShownClaim {
        claim: mapping.name().to_owned(),
        label: locale.pick(mapping.labels()).map_or(mapping.name(), String::as_str).to_owned(),
    };
    mappings.of_scope(scope).map(shown).collect()
}

/// As [`shown_claims`], of those that the user read about (`allowed`).
pub fn allowed_claims(
    mappings: ClientMappings<'_>,
    scope: &str,
    allowed: &ScopeIds,
    locale: Locale,
) -> Vec<ShownClaim> {
    let mut claims = shown_claims(mappings, scope, locale);
    claims.retain(|shown| allowed.discloses(&shown.claim));
    claims
}

/// The keys of the sentence and the consequence of a scope of OpenID Connect Core
/// ([§5.4](https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims) and
/// [§11](https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess)).
pub fn openid_scope_texts(scope: &str) -> Option<(&'static str, &'static str)> {
    Some(match scope {
        "openid" => ("scope-openid", "scope-openid-consequence"),
        "profile" => ("scope-profile", "scope-profile-consequence"),
        "email" => ("scope-email", "scope-email-consequence"),
        "address" => ("scope-address", "scope-address-consequence"),
        "phone" => ("scope-phone", "scope-phone-consequence"),
        "groups" => ("scope-groups", "scope-groups-consequence"),
        "offline_access" => ("scope-offline-access", "scope-offline-access-consequence"),
        _ => return None,
    })
}

/// The keys of the sentence and the consequence of a scope of the administration API.
fn administration_scope_texts(scope: AdministrationScope) -> (&'static str, &'static str) {
    use AdministrationScope as S;
    let (read, write) = ("scope-admin-read-consequence", "scope-admin-write-consequence");
    match scope {
        S::ClientsRead => ("scope-admin-clients-read", read),
        S::ClientsWrite => ("scope-admin-clients-write", write),
        S::UsersRead => ("scope-admin-users-read", read),
        S::UsersWrite => ("scope-admin-users-write", write),
        S::GroupsRead => ("scope-admin-groups-read", read),
        S::GroupsWrite => ("scope-admin-groups-write", write),
        S::ResourcesRead => ("scope-admin-resources-read", read),
        S::ResourcesWrite => ("scope-admin-resources-write", write),
        S::KeysRead => ("scope-admin-keys-read", read),
        S::KeysWrite => ("scope-admin-keys-write", write),
        S::InitialAccessTokensRead => ("scope-admin-registrations-read", read),
        S::InitialAccessTokensWrite => ("scope-admin-registrations-write", write),
        S::AuditRead => ("scope-admin-audit-read", read),
    }
}

/// The risk of an OpenID Connect scope. A birthdate and a gender identify the user; an address and
/// a telephone number reach the user outside of the app.
pub fn openid_scope_risk(scope: &str) -> Risk {
    match scope {
        "openid" => Risk::Low,
        "profile" | "email" | "groups" => Risk::Moderate,
        _ => Risk::Elevated,
    }
}
