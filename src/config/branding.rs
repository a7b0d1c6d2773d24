//! `[branding]`: the name and design of the pages.

use serde::{Deserialize, Serialize};
use url::Url;

use super::AccentColor;

/// The name and design of the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrandingSettings {
    /// The name in titles and headings.
    pub product_name: String,
    /// An image next to the name.
    pub logo_url: Option<Url>,
    /// The color of buttons and links, as `#rrggbb`.
    pub accent_color: Option<AccentColor>,
    /// The terms of service, linked in the footer.
    pub terms_url: Option<Url>,
    /// The privacy policy, linked in the footer.
    pub privacy_url: Option<Url>,
    /// A stylesheet that is loaded after the built-in one.
    pub stylesheet: Option<Url>,
}
