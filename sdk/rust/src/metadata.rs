//! The part of the issuer's metadata ([RFC 8414](https://www.rfc-editor.org/rfc/rfc8414)) that a resource server needs.

use serde_json::{Map, Value};
use url::{Host, Url};
use writ_jose::{Algorithm, json};

use crate::{TransportError, jwk};

/// The metadata of the expected issuer.
pub(crate) struct Metadata {
    pub(crate) jwks_uri: Url,
    pub(crate) introspection_endpoint: Option<Url>,
    /// `None` when the metadata lists no algorithms.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
}

impl Metadata {
    /// Parses the document. Its `issuer` must equal `name` byte for byte
    /// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    pub(crate) fn parse(document: &[u8], name: &str, issuer: &Url) -> Result<Self, TransportError> {
        let refuse = |why: &str| TransportError(why.to_owned());
        let document = json::parse_object(document).ok_or_else(|| refuse("the metadata is malformed"))?;
        if document.get("issuer").and_then(Value::as_str) != Some(name) {
            return Err(refuse("the metadata names another issuer"));
        }
        let jwks_uri =
            endpoint(&document, "jwks_uri", issuer).ok_or_else(|| refuse("the metadata has no acceptable jwks_uri"))?;
        Ok(Self {
            jwks_uri,
            introspection_endpoint: endpoint(&document, "introspection_endpoint", issuer),
            algorithms: algorithms(&document),
        })
    }
}

/// A URI of the metadata, if it is as safe as the issuer's own.
fn endpoint(document: &Map<String, Value>, name: &str, issuer: &Url) -> Option<Url> {
    let url = Url::parse(document.get(name)?.as_str()?).ok()?;
    let is_safe = url.scheme() == "https" || (is_loopback(issuer) && is_loopback(&url));
    is_safe.then_some(url)
}

/// Whether requests to the URI stay on the machine, so that plain http is acceptable.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The algorithms of ID tokens, which are those of access tokens too: no metadata lists the latter
/// (OpenID Connect Discovery §3).
fn algorithms(document: &Map<String, Value>) -> Option<Vec<Algorithm>> {
    let names = document.get("id_token_signing_alg_values_supported")?.as_array()?;
    Some(names.iter().filter_map(Value::as_str).filter_map(jwk::algorithm).collect())
}
