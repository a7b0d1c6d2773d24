//! `[branding]`: what people see on every page.

use serde::{Deserialize, Serialize};
use url::Url;

/// The name and look of the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrandingSettings {
    /// The name in titles and headings.
    pub product_name: String,
    /// An image shown beside the name.
    pub logo_url: Option<Url>,
    /// The colour of buttons and links, as `#rrggbb`.
    pub accent_color: Option<Color>,
    /// The terms of service, linked at the foot of each page.
    pub terms_url: Option<Url>,
    /// The privacy policy, linked at the foot of each page.
    pub privacy_url: Option<Url>,
    /// A stylesheet read after Writ's own.
    pub stylesheet: Option<Url>,
}

/// An sRGB colour written `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Color(String);

impl Color {
    /// The colour as CSS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a [`Color`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a colour written `#rrggbb`")]
pub struct InvalidColor;

impl TryFrom<String> for Color {
    type Error = InvalidColor;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('#').ok_or(InvalidColor)?;
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text))
        } else {
            Err(InvalidColor)
        }
    }
}
