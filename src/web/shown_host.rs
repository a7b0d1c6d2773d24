//! Formats hosts so that users cannot be misled by them.

use unicode_security::{RestrictionLevel, RestrictionLevelDetection, skeleton};
use url::{Host, Url};
use writ_core::vocabulary::redirect_uri::web_host;

/// The destination of a URI for users: the host, in Unicode if that cannot mislead and in punycode
/// otherwise, or a private-use scheme.
#[must_use]
pub fn shown_host(url: &Url) -> String {
    match web_host(url) {
        Some(Host::Domain(domain)) => domain.split('.').map(shown_label).collect::<Vec<_>>().join("."),
        Some(host) => host.to_string(),
        None => url.scheme().to_owned(),
    }
}

/// A label is shown in Unicode if it does not mix scripts, except those that a language combines
/// (UTS 39 §5.2), and does not look like an ASCII label (§4).
fn shown_label(label: &str) -> String {
    let (readable, valid) = idna::domain_to_unicode(label);
    let looks_like_ascii = !readable.is_ascii() && skeleton(&readable).all(|c| c.is_ascii());
    if valid.is_ok() && !looks_like_ascii && readable.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
        readable
    } else {
        label.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::ascii("https://shop.example/callback", "shop.example")]
    #[case::hyphens_and_digits("https://my-shop-2.example:8443/", "my-shop-2.example")]
    #[case::german("https://bücher.example/", "bücher.example")]
    #[case::korean("https://한국상점.example/", "한국상점.example")]
    #[case::korean_with_latin("https://talk한국.example/", "talk한국.example")]
    #[case::cyrillic_in_latin("https://раypal.example/", "xn--ypal-43d9g.example")]
    #[case::cyrillic_that_looks_latin("https://аррӏе.example/", "xn--80ak6aa92e.example")]
    #[case::greek_in_latin("https://gοοgle.example/", "xn--ggle-0nda.example")]
    #[case::address("http://[::1]:8080/", "[::1]")]
    #[case::own_scheme("com.example.app:/callback", "com.example.app")]
    #[case::own_scheme_with_another_s_name("com.example.app://bank.example/callback", "com.example.app")]
    fn reads(#[case] uri: &str, #[case] shown: &str) {
        assert_eq!(shown_host(&Url::parse(uri).expect("a URI")), shown);
    }
}
