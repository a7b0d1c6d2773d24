//! The providers with which users signed in at the other server, as `[[upstream.providers]]`.

use serde_json::{Value, json};
use writ_core::vocabulary::web_uri::WebUri;

use super::{
    Kind,
    draft::{Draft, free, shown, slug},
};

/// Maximum length of an id of a provider.
const MAX_ID: usize = 28;

/// A provider of the other server.
#[derive(Default)]
pub(super) struct ForeignProvider<'a> {
    pub(super) path: String,
    /// Its type there.
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) issuer: Option<&'a str>,
    pub(super) client_id: Option<&'a str>,
    pub(super) tenant: Option<&'a str>,
}

impl Draft<'_> {
    /// Suggests a provider, or reports that there is no counterpart.
    pub(super) fn provider(&mut self, provider: &ForeignProvider<'_>) {
        let ForeignProvider { path, kind, id, name, issuer, client_id, tenant } = provider;
        let about = format!("provider {id}");
        let Some(client_id) = client_id else {
            return self.left_out(path, &about, format!("{} has no counterpart", shown(kind)));
        };
        let mut members = match *kind {
            "google" | "github" => json!({ "preset": kind }),
            "microsoft" => json!({ "preset": kind, "tenant": tenant.unwrap_or("common") }),
            "oidc" | "keycloak-oidc" | "gitlab" => match issuer.or((*kind == "gitlab").then_some("https://gitlab.com"))
            {
                Some(issuer) if WebUri::parse(issuer).is_ok() => json!({ "issuer": issuer }),
                _ => return self.left_out(path, &about, "it names no issuer that is an https URL"),
            },
            _ => return self.left_out(path, &about, format!("{} has no counterpart", shown(kind))),
        };
        let is_taken = |draft: &Self, id: &str| draft.providers.iter().any(|known| known["id"] == id);
        let id = free(&slug(id, MAX_ID), |id| is_taken(self, id));
        let shown_name = if shown(name).is_empty() { id.clone() } else { shown(name) };
        members["id"] = json!(id);
        members["name"] = json!(shown_name);
        members["client_id"] = json!(client_id);
        members["client_secret_file"] = json!(format!("/run/secrets/{id}"));
        if let Value::Object(members) = members {
            self.providers.push(members);
        }
        let text = "suggested for writ.toml: register the redirect URI of this server there, and put the secret into \
                    its file";
        self.note(Kind::Needed, path, &about, text);
    }
}
