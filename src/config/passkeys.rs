//! `[passkeys]`: the domain of passkeys.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use url::{Host, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder, prelude::WebauthnError};

use super::Issuer;

/// The domain of passkeys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasskeysSettings {
    /// The RP ID, by default the issuer's host.
    #[serde(default, deserialize_with = "domain")]
    pub rp_id: Option<String>,
    /// Further origins that may use the passkeys
    /// ([Web Authentication §5.11](https://www.w3.org/TR/webauthn-3/#sctn-related-origins)).
    #[serde(deserialize_with = "origins")]
    pub related_origins: Vec<String>,
}

impl PasskeysSettings {
    /// What verifies passkeys. `None` if the issuer's host is an IP address.
    ///
    /// # Errors
    /// The RP ID is no domain.
    pub fn webauthn(&self, issuer: &Issuer) -> Result<Option<Webauthn>, WebauthnError> {
        let Some(rp_id) = self.rp_id.as_deref().or(issuer.domain()) else { return Ok(None) };
        let url = |origin: &str| Url::parse(origin).map_err(|_| WebauthnError::Configuration);
        let (origin, site) = (url(&issuer.origin())?, url(&format!("https://{rp_id}"))?);
        // The library expects an RP ID of the issuer's domain, or the site of the RP ID. That site
        // has named the issuer as a related origin, else no browser creates a passkey.
        let builder = match WebauthnBuilder::new(rp_id, &origin) {
            Ok(builder) => builder,
            Err(_) => WebauthnBuilder::new(rp_id, &site)?.append_allowed_origin(&origin),
        };
        builder.build().map(Some)
    }
}

fn domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Host::parse(&text) {
        Ok(Host::Domain(domain)) if domain == text => Ok(Some(text)),
        _ => Err(Error::custom(format_args!(
            "invalid value: {text:?}, expected a domain in lower case, such as example.com"
        ))),
    }
}

fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let is_origin = |text: &str| {
        Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.origin().ascii_serialization() == text)
    };
    match texts.iter().find(|text| !is_origin(text)) {
        None => Ok(texts),
        Some(text) => {
            Err(Error::custom(format_args!("invalid value: {text:?}, expected an origin, such as https://example.com")))
        }
    }
}
