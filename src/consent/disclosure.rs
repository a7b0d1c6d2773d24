//! The current state of a scope, to compare with what was disclosed to a user.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use writ_core::{ScopeSet, claim_mapping::ClientMappings, consent::Disclosure};

use super::scope_text::openid_scope_risk;
use crate::scopes::{Owner, ScopeDirectory};

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
            texts: text_digest(&serde_json::to_vec(&stored.texts).unwrap_or_default()),
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

fn text_digest(texts: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, texts).as_ref()[..12])
}
