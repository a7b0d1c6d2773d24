//! A scope in the words that users read, wherever they meet it.

use writ_core::vocabulary::scope::Risk;

use crate::{
    scopes::{Owner, ScopeDirectory},
    web::locale::Locale,
};

/// What a page says about a scope.
pub struct ScopeDescription {
    /// The name of its resource server, or of the product for OpenID Connect's own scopes.
    pub resource_server: String,
    /// What it allows.
    pub sentence: String,
    /// What follows from allowing it.
    pub consequence: String,
    /// How much harm it can do.
    pub risk: Risk,
}

impl ScopeDescription {
    /// The description of the scope `name`; `None` if it does not exist (any more). OpenID
    /// Connect's own scopes are listed under `product`.
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
        "offline_access" => ("scope-offline-access", "scope-offline-access-consequence"),
        _ => return None,
    })
}

/// The risk of such a scope, by what it discloses: a birthday and a gender identify, a home and a
/// telephone reach the user outside the app.
pub fn openid_scope_risk(scope: &str) -> Risk {
    match scope {
        "openid" => Risk::Low,
        "profile" | "email" => Risk::Moderate,
        _ => Risk::Elevated,
    }
}
