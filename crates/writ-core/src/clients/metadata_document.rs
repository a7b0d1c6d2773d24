//! Client ID metadata documents: a `client_id` that is the URL of the client's metadata
//! ([draft-ietf-oauth-client-id-metadata-document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)).

use serde_json::{Map, Value};
use url::Url;

use super::registration::{self, Terms};
use crate::vocabulary::client_metadata::ClientMetadata;

/// Maximum length of the URL in bytes.
const MAX_LENGTH: usize = 512;
/// Members that a document must not have, because it is public.
const SECRETS: [&str; 2] = ["client_secret", "client_secret_expires_at"];

/// Whether a `client_id` looks like a URL.
pub fn is_url(client_id: &str) -> bool {
    client_id.starts_with("https://")
}

/// Checks that a `client_id` is a URL in its only normal form, so that no two URLs mean the same
/// client.
///
/// # Errors
/// A sentence that names the broken rule.
pub fn check_url(client_id: &str) -> Result<(), String> {
    if client_id.len() > MAX_LENGTH {
        return Err(format!("a URL as client_id has at most {MAX_LENGTH} characters"));
    }
    let url = Url::parse(client_id).map_err(|error| format!("client_id is not a URL: {error}"))?;
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("a URL as client_id has no fragment and names no user".to_owned());
    }
    if url.as_str() != client_id {
        return Err("a URL as client_id has a path, and no dot segments, default port or upper-case host".to_owned());
    }
    Ok(())
}

/// Parses the document found at `client_id`.
///
/// # Errors
/// A sentence that names the broken rule.
pub fn parse(client_id: &str, document: &[u8], terms: &Terms) -> Result<ClientMetadata, String> {
    let mut members: Map<String, Value> = serde_json::from_slice(document).map_err(|error| error.to_string())?;
    if members.get("client_id").and_then(Value::as_str) != Some(client_id) {
        return Err("client_id must be the URL of the document".to_owned());
    }
    if let Some(name) = SECRETS.into_iter().find(|name| members.contains_key(*name)) {
        return Err(format!("it is public, and cannot have {name}"));
    }
    members.entry("token_endpoint_auth_method").or_insert_with(|| "none".into());
    let metadata = registration::parse(members, terms).map_err(|error| error.description)?;
    if metadata.has_secret() {
        return Err("token_endpoint_auth_method must be none or private_key_jwt: there is no secret".to_owned());
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_id_url_is_accepted_only_in_normal_form() {
        for good in ["https://app.example/client.json", "https://app.example:8443/", "https://app.example/a?b=c"] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        for bad in [
            "https://app.example",
            "https://APP.example/client.json",
            "https://app.example:443/client.json",
            "https://app.example/a/../client.json",
            "https://app.example/./client.json",
            "https://app.example/%2e%2e/client.json",
            "https://app.example/client.json#a",
            "https://app.example/client.json#",
            "https://ada@app.example/client.json",
            "https://ada:pw@app.example/client.json",
            "https://app.example/client json",
            "https:///client.json",
            "https://",
        ] {
            assert!(is_url(bad) && check_url(bad).is_err(), "{bad}");
        }
        assert!(check_url(&format!("https://app.example/{}", "x".repeat(512))).is_err());
        for other in ["http://app.example/client.json", "HTTPS://app.example/", "shop", "javascript:alert(1)"] {
            assert!(!is_url(other), "{other}");
        }
    }
}
