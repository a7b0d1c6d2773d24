//! `[branding]`: what people see on every page.

use serde::{Deserialize, Serialize};
use url::Url;

use super::AccentColor;

/// The name and look of the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrandingSettings {
    /// The name in titles and headings.
    pub product_name: String,
    /// An image shown beside the name.
    pub logo_url: Option<Url>,
    /// The colour of buttons and links, as `#rrggbb`.
    pub accent_color: Option<AccentColor>,
    /// The terms of service, linked at the foot of each page.
    pub terms_url: Option<Url>,
    /// The privacy policy, linked at the foot of each page.
    pub privacy_url: Option<Url>,
    /// A stylesheet read after Writ's own.
    pub stylesheet: Option<Url>,
}
