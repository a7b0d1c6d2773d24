//! Checks the sector of a client with redirect URIs on several hosts (OpenID Connect Core §8.1). A
//! document on the sector's host must list them all. Otherwise any client could join a sector and
//! recognise its users.

use writ_core::ClientMetadata;

use crate::fetch::{FetchError, Fetcher};

/// Why a client does not belong to the sector that it names.
#[derive(Debug, thiserror::Error)]
pub enum SectorError {
    /// The document could not be fetched. The source has the reason, which is only for operators.
    #[error("sector_identifier_uri cannot be fetched")]
    Unreachable(#[source] FetchError),
    /// The document is not a list of URIs.
    #[error("sector_identifier_uri does not return a JSON array of redirect URIs")]
    NotAList,
    /// The document does not list this redirect URI.
    #[error("sector_identifier_uri does not list the redirect URI {0}")]
    Unlisted(String),
}

/// Fetches `sector_identifier_uri`, if there is one, and checks that it lists every redirect URI.
///
/// # Errors
/// [`SectorError`] with the reason.
pub async fn check(fetcher: &Fetcher, metadata: &ClientMetadata) -> Result<(), SectorError> {
    let Some(uri) = &metadata.sector_identifier_uri else { return Ok(()) };
    let document = fetcher.get(uri.as_str()).await.map_err(SectorError::Unreachable)?;
    let listed: Vec<String> = serde_json::from_slice(&document.body).map_err(|_| SectorError::NotAList)?;
    match metadata.redirect_uris.iter().find(|uri| !listed.iter().any(|listed| listed == uri.as_str())) {
        Some(missing) => Err(SectorError::Unlisted(missing.as_str().to_owned())),
        None => Ok(()),
    }
}
