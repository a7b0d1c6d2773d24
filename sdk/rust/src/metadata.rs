//! The issuer's metadata (RFC 8414), as far as a resource server needs it.

use url::{Host, Url};

use crate::{
    TransportError,
    json::{Json, Object},
    jwk::Algorithm,
};

/// A document that names the right issuer and where its keys are.
pub(crate) struct Metadata {
    pub(crate) jwks_uri: Url,
    pub(crate) introspection_endpoint: Option<Url>,
    /// `None` when the document names no algorithms.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
}

impl Metadata {
    /// Reads the document; `issuer` in it must equal `name` byte for byte (RFC 8414 §3.3).
    pub(crate) fn read(json: &[u8], name: &str, issuer: &Url) -> Result<Self, TransportError> {
        let refuse = |why: &str| TransportError(why.to_owned());
        let document = Object::parse(json).ok_or_else(|| refuse("the metadata is malformed"))?;
        if document.text("issuer") != Some(name) {
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

/// An address from the metadata, if it is as safe as the issuer's own.
fn endpoint(document: &Object<'_>, name: &str, issuer: &Url) -> Option<Url> {
    let url = Url::parse(document.text(name)?).ok()?;
    let is_safe = url.scheme() == "https" || (is_loopback(issuer) && is_loopback(&url));
    is_safe.then_some(url)
}

/// Whether the address never leaves the machine, so that plain http is acceptable.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The issuer's own list; access tokens have none, so that of ID tokens speaks (OpenID Connect Discovery §3).
fn algorithms(document: &Object<'_>) -> Option<Vec<Algorithm>> {
    let names = document.get("id_token_signing_alg_values_supported")?.as_array()?;
    Some(names.iter().filter_map(Json::as_str).filter_map(Algorithm::from_name).collect())
}
