//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): a `client_id` that is the address of the client's
//! metadata.

use serde_json::{Map, Value};
use url::Url;

use super::{
    ClientMetadata,
    redirect_uri::is_loopback,
    registration::{self, Terms},
};

/// The longest address, in bytes.
const MAX_LENGTH: usize = 512;
/// What a document cannot hold: it is public, so nothing in it is a secret.
const SECRETS: [&str; 2] = ["client_secret", "client_secret_expires_at"];

/// Whether a `client_id` claims to be an address.
pub fn is_address(client_id: &str) -> bool {
    client_id.starts_with("https://")
}

/// Checks that a `client_id` is an address in the one way to write it, so that no two of them mean the same client.
///
/// # Errors
/// A sentence that names the rule.
pub fn check_address(client_id: &str) -> Result<(), String> {
    if client_id.len() > MAX_LENGTH {
        return Err(format!("an address as client_id has at most {MAX_LENGTH} characters"));
    }
    let url = Url::parse(client_id).map_err(|error| format!("client_id is no address: {error}"))?;
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("an address as client_id has no fragment and names no user".to_owned());
    }
    if url.as_str() != client_id {
        return Err(
            "an address as client_id has a path, and no dot segments, default port or upper-case host".to_owned()
        );
    }
    Ok(())
}

/// Parses the document found at `client_id`.
///
/// # Errors
/// A sentence that names the rule.
pub fn parse(client_id: &str, document: &[u8], terms: &Terms) -> Result<ClientMetadata, String> {
    let mut members: Map<String, Value> = serde_json::from_slice(document).map_err(|error| error.to_string())?;
    if members.get("client_id").and_then(Value::as_str) != Some(client_id) {
        return Err("client_id must be the address of the document".to_owned());
    }
    if let Some(name) = SECRETS.into_iter().find(|name| members.contains_key(*name)) {
        return Err(format!("it is public, and cannot have {name}"));
    }
    members.entry("token_endpoint_auth_method").or_insert_with(|| "none".into());
    if has_loopback_redirect(&members) {
        // RFC 8252 section 7.3: such a program cannot know its port beforehand.
        members.entry("application_type").or_insert_with(|| "native".into());
    }
    let metadata = registration::parse(members, terms).map_err(|error| error.description)?;
    if metadata.has_secret() {
        return Err("token_endpoint_auth_method must be none or private_key_jwt: there is no secret".to_owned());
    }
    Ok(metadata)
}

fn has_loopback_redirect(members: &Map<String, Value>) -> bool {
    let uris = members.get("redirect_uris").and_then(Value::as_array).into_iter().flatten();
    uris.filter_map(|uri| Url::parse(uri.as_str()?).ok()).any(|url| url.scheme() == "http" && is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_an_address() {
        for good in ["https://app.example/client.json", "https://app.example:8443/", "https://app.example/a?b=c"] {
            assert_eq!(check_address(good), Ok(()), "{good}");
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
            assert!(is_address(bad) && check_address(bad).is_err(), "{bad}");
        }
        assert!(check_address(&format!("https://app.example/{}", "x".repeat(512))).is_err());
        for other in ["http://app.example/client.json", "HTTPS://app.example/", "shop", "javascript:alert(1)"] {
            assert!(!is_address(other), "{other}");
        }
    }
}
