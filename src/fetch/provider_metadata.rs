//! The metadata of an OpenID provider.

use serde::Deserialize;
use writ_core::vocabulary::web_uri::WebUri;

use super::Fetcher;

/// The members of a provider's metadata that are used
/// ([OpenID Connect Discovery
/// §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata)).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderMetadata {
    issuer: String,
    /// Where its users sign in.
    pub authorization_endpoint: Option<WebUri>,
    /// Where codes are redeemed.
    pub token_endpoint: Option<WebUri>,
    /// The keys that sign its ID tokens.
    pub jwks_uri: Option<WebUri>,
    /// Where claims about a user are disclosed.
    pub userinfo_endpoint: Option<WebUri>,
    /// Whether its authorization responses have `iss`
    /// ([RFC 9207 §3](https://www.rfc-editor.org/rfc/rfc9207#section-3)).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Fetcher {
    /// The metadata of an issuer, from the cache or fetched now
    /// ([OpenID Connect Discovery
    /// §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)). It must name
    /// that issuer.
    ///
    /// # Errors
    /// The reason, for the log.
    pub async fn provider_metadata(&self, issuer: &str, now: i64) -> Result<ProviderMetadata, String> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.document(&url, now).await.map_err(|error| format!("{url}: {error}"))?;
        let parsed = serde_json::from_slice::<ProviderMetadata>(&document.body);
        let parsed = match parsed {
            Ok(metadata) if metadata.issuer == issuer => Ok(metadata),
            Ok(metadata) => Err(format!("{url} is the metadata of {}", metadata.issuer)),
            Err(error) => Err(format!("{url}: {error}")),
        };
        if parsed.is_err() {
            self.expire(&url).await;
        }
        parsed
    }
}
