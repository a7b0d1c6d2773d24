//! The operator's branding, prepared at start.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use url::Url;

use crate::config::{AccentColor, BrandingSettings};

const STYLESHEET: &str = include_str!("../../static/style.css");
/// The further inline stylesheet of the console.
pub const CONSOLE_STYLESHEET: &str = include_str!("../../static/console.css");

/// The name and design of the pages.
#[derive(Debug)]
pub struct Branding {
    /// The operator's settings.
    pub settings: BrandingSettings,
    /// The inline stylesheet of every page.
    pub stylesheet: String,
    /// The `sha256-…` source expression that allows it (CSP Level 3 §2.3.1).
    stylesheet_hash: String,
    /// The same for [`CONSOLE_STYLESHEET`].
    console_hash: String,
}

impl Branding {
    /// Prepares the branding from its settings.
    #[must_use]
    pub fn new(settings: BrandingSettings) -> Self {
        let accent = settings.accent_color.map(accent_rules).unwrap_or_default();
        let stylesheet = format!("{STYLESHEET}{accent}");
        let (stylesheet_hash, console_hash) = (source(&stylesheet), source(CONSOLE_STYLESHEET));
        Self { settings, stylesheet, stylesheet_hash, console_hash }
    }

    /// The Content-Security-Policy of a page. With `restricts_forms`, forms may only be posted to
    /// this server. `frames` are the origins of its frames.
    #[must_use]
    pub fn content_security_policy(&self, restricts_forms: bool, frames: &[String]) -> String {
        let source = |url: &Option<Url>| url.as_ref().map(|url| format!(" {}", url.origin().ascii_serialization()));
        let mut policy = format!(
            "default-src 'none'; style-src '{}' '{}'{}; script-src 'self'; img-src 'self' data:{}{}; \
             frame-ancestors 'none'; base-uri 'none'",
            self.stylesheet_hash,
            self.console_hash,
            source(&self.settings.stylesheet).unwrap_or_default(),
            source(&self.settings.logo_url).unwrap_or_default(),
            if restricts_forms { "; form-action 'self'" } else { "" },
        );
        if !frames.is_empty() {
            policy.push_str("; frame-src ");
            policy.push_str(&frames.join(" "));
        }
        policy
    }
}

/// The source expression of an inline stylesheet.
fn source(stylesheet: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(digest(&SHA256, stylesheet.as_bytes())))
}

/// The stylesheet's variables for the accent color in both themes.
fn accent_rules(accent: AccentColor) -> String {
    format!(
        ":root {{ --accent: {}; --on-accent: #ffffff; }}\n\
         @media (prefers-color-scheme: dark) {{ :root {{ --accent: {}; --on-accent: #0b0d12; }} }}\n",
        accent.light(),
        accent.dark()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn policy_allows_only_what_the_operator_links() {
        let settings = BrandingSettings {
            logo_url: Some("https://cdn.example/logo.svg".parse().expect("a URL")),
            stylesheet: Some("https://static.example/brand.css".parse().expect("a URL")),
            accent_color: Some("#0b57d0".to_owned().try_into().expect("a colour")),
            ..Settings::default().branding
        };
        let branding = Branding::new(settings);
        assert!(branding.stylesheet.contains("--accent: #0b57d0"));
        let policy = branding.content_security_policy(true, &[]);
        assert!(
            policy.contains(" https://static.example; script-src 'self'; img-src 'self' data: https://cdn.example;")
        );

        let plain = Branding::new(Settings::default().branding).content_security_policy(true, &[]);
        assert!(!plain.contains("http"), "{plain}");
        assert_ne!(plain.split(';').nth(1), policy.split(';').nth(1), "the hash is that of the whole stylesheet");
    }
}
