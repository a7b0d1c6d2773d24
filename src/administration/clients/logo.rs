//! The logo of a client, which pages only show from this server.

use writ_core::{ClientMetadata, vocabulary::logo::Logo};

use crate::fetch::Fetcher;

/// Fetches the registered logo. `None` if the client has none.
///
/// # Errors
/// Why it cannot be shown, as a sentence.
pub async fn fetch(fetcher: &Fetcher, metadata: &ClientMetadata) -> Result<Option<Logo>, String> {
    let Some(uri) = &metadata.logo_uri else { return Ok(None) };
    let document = fetcher.get(uri.as_str()).await.map_err(|error| format!("logo_uri: {error}"))?;
    Logo::parse(document.body).map(Some).map_err(|error| format!("logo_uri: {error}"))
}
