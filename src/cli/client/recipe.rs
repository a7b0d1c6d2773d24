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
    use std::fs;

    use super::*;

    #[test]
    fn recipes_are_valid_metadata_without_placeholders() {
        let recipes: BTreeMap<String, Recipe> = toml::from_str(include_str!("recipes.toml")).expect("recipes");
        for (product, recipe) in recipes {
            let url = Some("https://app.example/");
            let members = recipe.members(url).expect("metadata");
            let metadata: writ_core::ClientMetadata = serde_json::from_value(members.into()).expect(&product);
            assert_eq!(metadata.check(&[]), Ok(()), "{product}");
            let settings = recipe.settings(url, "https://id.example", "shop", "secret");
            assert!(settings.contains("https://id.example") && settings.contains("shop"), "{product}: {settings}");
            for placeholder in ["{url}", "{issuer}", "{client_id}", "{client_secret}"] {
                assert!(!settings.contains(placeholder), "{product}: {settings}");
            }
        }
    }

    /// The command-line option in `line`.
    fn option<'a>(line: &'a str, name: &str) -> Option<&'a str> {
        line.strip_prefix("writ client create ")?.split_once(&format!("--{name} "))?.1.split(' ').next()
    }

    #[test]
    fn recipe_is_on_a_page_with_the_settings_that_it_prints() {
        let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/connect")).expect("a folder");
        let pages = folder.map(|page| fs::read_to_string(page.expect("a page").path()).expect("a text file"));
        let pages: Vec<String> = pages.collect();
        let recipes: BTreeMap<String, Recipe> = toml::from_str(include_str!("recipes.toml")).expect("recipes");
        for product in pages.iter().flat_map(|page| page.lines()).filter_map(|line| option(line, "for")) {
            assert!(recipes.contains_key(product), "there is no recipe for {product}");
        }
        for (product, recipe) in recipes {
            let has_settings = pages.iter().any(|page| {
                page.lines().filter(|line| option(line, "for") == Some(&product)).any(|command| {
                    let client_id = option(command, "id").unwrap_or("CLIENT_ID");
                    page.contains(&recipe.settings(option(command, "url"), "https://id.example", client_id, "SECRET"))
                })
            });
            assert!(has_settings, "no page in docs/connect has the settings of {product}");
        }
    }
}
