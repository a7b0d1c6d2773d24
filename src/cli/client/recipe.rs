//! Recipes for known products: their registration, and the settings to enter in the product.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The recipe of a product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipe {
    name: String,
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    scope: String,
    /// Whether it has no secret.
    #[serde(default)]
    public: bool,
    /// Whether it runs on the user's device.
    #[serde(default)]
    native: bool,
    /// Whether it sends neither a PKCE challenge nor a nonce, and has no setting for either.
    #[serde(default)]
    unbound: bool,
    settings: String,
}

impl Recipe {
    /// The recipe for a product.
    pub(super) fn find(product: &str) -> anyhow::Result<Self> {
        let mut recipes: BTreeMap<String, Self> = toml::from_str(include_str!("recipes.toml")).context("recipes")?;
        let known = recipes.keys().cloned().collect::<Vec<_>>().join(", ");
        recipes
            .remove(product)
            .ok_or_else(|| anyhow!("there is no recipe for {product}; there are recipes for {known}"))
    }

    /// The metadata of an installation at `url`.
    pub(super) fn members(&self, url: Option<&str>) -> anyhow::Result<Map<String, Value>> {
        let needs_url = self.redirect_uris.iter().any(|uri| uri.contains("{url}"));
        ensure!(url.is_some() || !needs_url, "--url is missing: where the product is, such as https://app.example");
        let url = url.unwrap_or_default().trim_end_matches('/');
        let at = |uris: &[String]| uris.iter().map(|uri| uri.replace("{url}", url)).collect::<Vec<_>>();
        let mut members = Map::new();
        members.insert("client_name".to_owned(), self.name.clone().into());
        members.insert("redirect_uris".to_owned(), at(&self.redirect_uris).into());
        members.insert("scope".to_owned(), self.scope.clone().into());
        if !self.post_logout_redirect_uris.is_empty() {
            members.insert("post_logout_redirect_uris".to_owned(), at(&self.post_logout_redirect_uris).into());
        }
        if self.public {
            members.insert("token_endpoint_auth_method".to_owned(), "none".into());
        }
        if self.native {
            members.insert("application_type".to_owned(), "native".into());
        }
        if self.unbound {
            members.insert("require_pkce".to_owned(), false.into());
            members.insert("require_nonce".to_owned(), false.into());
        }
        Ok(members)
    }

    /// The settings to enter in the product.
    pub(super) fn settings(&self, url: Option<&str>, issuer: &str, client_id: &str, secret: &str) -> String {
        self.settings
            .trim()
            .replace("{url}", url.unwrap_or_default().trim_end_matches('/'))
            .replace("{issuer}", issuer)
            .replace("{client_id}", client_id)
            .replace("{client_secret}", secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_are_valid_metadata_without_placeholders() {
        let recipes: BTreeMap<String, Recipe> = toml::from_str(include_str!("recipes.toml")).expect("recipes");
        for (product, recipe) in recipes {
            let url = Some("https://app.example/");
            let members = recipe.members(url).expect("metadata");
            let metadata: writ_core::ClientMetadata = serde_json::from_value(members.into()).expect(&product);
            assert_eq!(metadata.check(), Ok(()), "{product}");
            let settings = recipe.settings(url, "https://id.example", "shop", "secret");
            assert!(settings.contains("https://id.example") && settings.contains("shop"), "{product}: {settings}");
            for placeholder in ["{url}", "{issuer}", "{client_id}", "{client_secret}"] {
                assert!(!settings.contains(placeholder), "{product}: {settings}");
            }
        }
    }
}
