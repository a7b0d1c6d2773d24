//! A scope in the words that people read, wherever they meet it.

use writ_core::vocabulary::scope::Risk;

use crate::{
    scopes::{Owner, ScopeDirectory},
    web::locale::Locale,
};

/// What a page says about a scope.
pub struct ScopeWords {
    /// Whose scope it is: a resource server's name, or ours.
    pub resource_server: String,
    /// What it allows.
    pub sentence: String,
    /// What follows from allowing it.
    pub consequence: String,
    /// How much harm it can do.
    pub risk: Risk,
}

impl ScopeWords {
    /// The words for the scope `name`; `product` is what our own scopes are listed under. None: nobody has such a scope (any more).
    pub fn find(catalogue: &ScopeDirectory, name: &str, locale: Locale, product: &str) -> Option<Self> {
        Some(match catalogue.owner(name)? {
            Owner::OpenId => {
                let (sentence, consequence) = openid_scope_keys(name)?;
                Self {
                    resource_server: product.to_owned(),
                    sentence: locale.text(sentence),
                    consequence: locale.text(consequence),
                    risk: if name == "offline_access" { Risk::Elevated } else { Risk::Low },
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

/// The keys of what a scope of OpenID Connect Core §5.4 and §11 allows, and of what follows from it.
pub fn openid_scope_keys(scope: &str) -> Option<(&'static str, &'static str)> {
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
