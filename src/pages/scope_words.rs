//! A scope in the words that people read, wherever they meet it.

use crate::{
    catalogue::{Catalogue, Owner},
    protocol::scope::Risk,
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
    pub fn find(catalogue: &Catalogue, name: &str, locale: Locale, product: &str) -> Option<Self> {
        Some(match catalogue.owner(name)? {
            Owner::OpenId => {
                let key = format!("scope-{}", name.replace('_', "-"));
                Self {
                    resource_server: product.to_owned(),
                    sentence: locale.text(&key),
                    consequence: locale.text(&format!("{key}-consequence")),
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
