//! Protected resource metadata ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)).

use serde::Serialize;
use url::Url;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The document of [RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2). Serve it as JSON at
/// [`ResourceMetadata::path`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceMetadata {
    pub(crate) resource: String,
    pub(crate) authorization_servers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes_supported: Vec<String>,
    pub(crate) bearer_methods_supported: &'static [&'static str],
}

impl ResourceMetadata {
    pub(crate) fn new(issuer: &str, audience: &str, scopes_supported: Vec<String>) -> Self {
        Self {
            resource: audience.to_owned(),
            authorization_servers: vec![issuer.to_owned()],
            scopes_supported,
            bearer_methods_supported: &["header"],
        }
    }

    /// The path of the document ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)): the well-known prefix,
    /// then the audience's own path.
    pub fn path(&self) -> String {
        let path = http_url(&self.resource).map_or(String::new(), |url| url.path().to_owned());
        format!("{WELL_KNOWN}{}", path.trim_end_matches('/'))
    }

    /// The URL in challenges. `None` when the audience is not an http(s) URL.
    pub(crate) fn url(&self) -> Option<String> {
        let origin = http_url(&self.resource)?.origin().ascii_serialization();
        Some(format!("{origin}{}", self.path()))
    }
}

fn http_url(resource: &str) -> Option<Url> {
    Url::parse(resource).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}
