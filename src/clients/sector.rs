//! The sector of a client whose redirect URIs are on several hosts (OpenID Connect Core §8.1): a document on the host that names
//! it lists them all, or else anybody could join a sector and recognise its people.

use writ_core::ClientMetadata;

use crate::fetch::Fetcher;

/// Fetches `sector_identifier_uri`, if there is one, and looks for every redirect URI in it.
///
/// # Errors
/// A sentence that names what is missing.
pub async fn check(outgoing: &Fetcher, metadata: &ClientMetadata) -> Result<(), String> {
    let Some(uri) = &metadata.sector_identifier_uri else { return Ok(()) };
    let document = outgoing
        .get(uri.as_str())
        .await
        .map_err(|reason| format!("sector_identifier_uri cannot be fetched: {reason}"))?;
    let listed: Vec<String> = serde_json::from_slice(&document.body)
        .map_err(|_| "sector_identifier_uri does not lead to a JSON array of redirect URIs".to_owned())?;
    match metadata.redirect_uris.iter().find(|uri| !listed.iter().any(|listed| listed == uri.as_str())) {
        Some(missing) => Err(format!("sector_identifier_uri does not list the redirect URI {}", missing.as_str())),
        None => Ok(()),
    }
}
