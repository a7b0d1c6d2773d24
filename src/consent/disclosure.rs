//! What a scope is today, to be compared with what a user read about it.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use writ_core::{ScopeSet, consent::Disclosure};

use super::scope_text::openid_scope_risk;
use crate::scopes::{Owner, ScopeDirectory};

/// What `scope` is today; `None` if it does not exist. The texts of OpenID Connect's own scopes
/// come with the program, so that only their risk can change.
pub fn disclosure(scopes: &ScopeDirectory, scope: &str) -> Option<Disclosure> {
    Some(match scopes.owner(scope)? {
        Owner::OpenId => Disclosure {
            scope_id: "openid-connect".to_owned(),
            audience: String::new(),
            risk: openid_scope_risk(scope),
            texts: String::new(),
        },
        Owner::Resource(server, stored) => Disclosure {
            scope_id: stored.id.to_string(),
            audience: server.audience.clone(),
            risk: stored.risk,
            texts: text_digest(&serde_json::to_vec(&stored.texts).unwrap_or_default()),
        },
    })
}

/// What each of these scopes is today.
pub fn disclosures(scopes: &ScopeDirectory, requested: &ScopeSet) -> BTreeMap<String, Disclosure> {
    requested.iter().filter_map(|scope| Some((scope.to_owned(), disclosure(scopes, scope)?))).collect()
}

fn text_digest(texts: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&digest(&SHA256, texts).as_ref()[..12])
}
