//! The current state of a scope, to compare with what was disclosed to a user.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use writ_core::{ScopeSet, claim_mapping::ClientMappings, consent::Disclosure};

use super::scope_text::openid_scope_risk;
use crate::{
    scopes::{Owner, ScopeDirectory},
    store::resources::Scope,
};

/// The current state of `scope` for a client with these mappings. `None` if it does not exist. The
/// descriptions of OpenID Connect scopes are part of the program, so only their risk can change.
pub fn disclosure(scopes: &ScopeDirectory, mappings: ClientMappings<'_>, scope: &str) -> Option<Disclosure> {
    Some(match scopes.owner(scope)? {
        Owner::OpenId => Disclosure {
            scope_id: "openid-connect".to_owned(),
            audience: String::new(),
            risk: openid_scope_risk(scope),
            texts: String::new(),
            claims: mappings.names(scope),
        },
        Owner::Resource(server, stored) => Disclosure {
            scope_id: stored.id.to_string(),
            audience: server.audience.clone(),
            risk: stored.risk,
            texts: text_digest(&texts(stored, mappings)),
            claims: mappings.names(scope),
        },
    })
}

/// The current state of these scopes.
pub fn disclosures(
    scopes: &ScopeDirectory,
    mappings: ClientMappings<'_>,
    requested: &ScopeSet,
) -> BTreeMap<String, Disclosure> {
    let state = |scope: &str| Some((scope.to_owned(), disclosure(scopes, mappings, scope)?));
    requested.iter().filter_map(state).collect()
}

/// The descriptions of a scope and the labels of its claims, in all languages.
fn texts(scope: &Scope, mappings: ClientMappings<'_>) -> Vec<u8> {
    let mut texts = serde_json::to_vec(&scope.texts).unwrap_or_default();
    let mut labels: Vec<_> = mappings.of_scope(&scope.name).map(|claim| (claim.name(), claim.labels())).collect();
    if !labels.is_empty() {
        // Their order in the configuration says nothing.
        labels.sort_unstable();
        texts.extend(serde_json::to_vec(&labels).unwrap_or_default());
    }
    texts
}

fn text_digest(texts: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, texts).as_ref()[..12])
}
