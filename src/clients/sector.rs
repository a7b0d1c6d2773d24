//! The sector of a client whose redirect URIs are on several hosts (OpenID Connect Core §8.1): a
//! document on the host that names it lists them all. Otherwise any client could join a sector and
//! recognise its users.

use writ_core::ClientMetadata;

use crate::fetch::{FetchError, Fetcher};

/// Why a client is not in the sector that it names.
#[derive(Debug, thiserror::Error)]
pub enum SectorError {
    /// The document could not be fetched; the source says why, to operators only.
    #[error("sector_identifier_uri cannot be fetched")]
    Unreachable(#[source] FetchError),
    /// The document is something else.
    #[error("sector_identifier_uri does not lead to a JSON array of redirect URIs")]
    NotAList,
    /// A redirect URI is missing.
    #[error("sector_identifier_uri does not list the redirect URI {0}")]
    Unlisted(String),
}

/// Fetches `sector_identifier_uri`, if there is one, and looks for every redirect URI in it.
///
/// # Errors
/// [`SectorError`]
pub async fn check(fetcher: &Fetcher, metadata: &ClientMetadata) -> Result<(), SectorError> {
    let Some(uri) = &metadata.sector_identifier_uri else { return Ok(()) };
    let document = fetcher.get(uri.as_str()).await.map_err(SectorError::Unreachable)?;
    let listed: Vec<String> = serde_json::from_slice(&document.body).map_err(|_| SectorError::NotAList)?;
    match metadata.redirect_uris.iter().find(|uri| !listed.iter().any(|listed| listed == uri.as_str())) {
        Some(missing) => Err(SectorError::Unlisted(missing.as_str().to_owned())),
        None => Ok(()),
    }
}
