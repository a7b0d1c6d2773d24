//! Login names: usernames and e-mail addresses.

use std::{borrow::Cow, str::FromStr};

use email_address::EmailAddress;
use precis_profiles::{UsernameCaseMapped, precis_core::profile::Profile};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection, skeleton};

/// Maximum length of a username or e-mail address in bytes. The sign-in form has the same limit.
pub const MAX_LENGTH: usize = 320;
/// Maximum number of characters in a username.
const MAX_USERNAME: usize = 100;

/// Why a text is not a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidUsername {
    /// The text is too short or too long.
    #[error("a username has 1 to 100 characters, without spaces and @, and at most 320 bytes")]
    Length,
    /// It has a character that usernames must not have
    /// ([RFC 8265 §3.3](https://www.rfc-editor.org/rfc/rfc8265#section-3.3)).
    #[error("a username has letters, digits and ASCII punctuation, without spaces and @")]
    Character,
    /// It could be mistaken for another one.
    #[error("a username mixes no scripts and looks like no other in Latin letters")]
    Misleading,
}

/// Normalizes a username or an e-mail address for storage and lookup: width, case and Unicode
/// composition
/// ([RFC 8265 §3.3](https://www.rfc-editor.org/rfc/rfc8265#section-3.3)).
pub fn normalize(login: &str) -> String {
    let login = compose(login);
    UsernameCaseMapped::new().enforce(login.as_str()).map_or_else(|_| login.to_lowercase(), Cow::into_owned)
}

/// Composes Unicode characters. The profile refuses the letters of a decomposed Hangul syllable.
pub(super) fn compose(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Normalizes and checks the username of a new account.
///
/// # Errors
/// [`InvalidUsername`] with the reason.
pub fn username(text: &str) -> Result<String, InvalidUsername> {
    let text = compose(text);
    if text.is_empty() || text.chars().count() > MAX_USERNAME || text.len() > MAX_LENGTH {
        return Err(InvalidUsername::Length);
    }
    let name = UsernameCaseMapped::new().enforce(text.as_str()).map_err(|_| InvalidUsername::Character)?;
    if name.contains('@') || name.contains(char::is_whitespace) {
        return Err(InvalidUsername::Character);
    }
    let looks_like_ascii = !name.is_ascii() && skeleton(&name).all(|c| c.is_ascii());
    if looks_like_ascii || !name.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
        return Err(InvalidUsername::Misleading);
    }
    Ok(name.into_owned())
}

/// What a username looks like: two that share it can be mistaken for each other
/// ([UTS 39 §4](https://www.unicode.org/reports/tr39/#Confusable_Detection)).
pub fn look_of(username: &str) -> String {
    skeleton(username).collect::<String>().to_lowercase()
}

/// Normalizes an e-mail address. `None` if the text is not an address
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)) or its host has no
/// dot.
pub fn email(text: &str) -> Option<String> {
    let address = normalize(text);
    let plain = !address.contains(['<', '>', '"']) && !address.contains(char::is_whitespace);
    let is_valid = EmailAddress::from_str(&address).is_ok_and(|parsed| parsed.domain().contains('.'));
    (plain && is_valid && address.len() <= MAX_LENGTH).then_some(address)
}

/// Normalizes an e-mail address that another party has verified. `None` if more than its case and
/// composition would change: an address with a wide letter may be another mailbox than the one with
/// the usual letter, whose user must not be named by it.
pub fn verified_email(text: &str) -> Option<String> {
    let text = text.trim();
    email(text).filter(|address| match address.is_ascii() {
        true => text.eq_ignore_ascii_case(address),
        false => compose(text).to_lowercase() == *address,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("alice", "a1ice", true)]
    #[case("minji", "rninji", true)]
    #[case("bob0", "bobo", true)]
    #[case("alice", "alicia", false)]
    #[case("김민지", "김민자", false)]
    fn usernames_that_look_alike_share_their_look(#[case] one: &str, #[case] other: &str, #[case] alike: bool) {
        assert_eq!(look_of(one) == look_of(other), alike);
    }

    #[rstest]
    #[case("Alice", Ok("alice"))]
    #[case(" alice ", Ok("alice"))]
    #[case("ａｌｉｃｅ", Ok("alice"))]
    #[case("jo\u{308}rg", Ok("jörg"))]
    #[case("JÖRG", Ok("jörg"))]
    #[case("김민지", Ok("김민지"))]
    #[case("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", Ok("한글"))]
    #[case("talk한국", Ok("talk한국"))]
    #[case("o'neil-2.b_c", Ok("o'neil-2.b_c"))]
    #[case("", Err(InvalidUsername::Length))]
    #[case("a@b", Err(InvalidUsername::Character))]
    #[case("al ice", Err(InvalidUsername::Character))]
    #[case("al\u{200b}ice", Err(InvalidUsername::Character))]
    #[case("al\u{202e}ice", Err(InvalidUsername::Character))]
    #[case("al\u{7}ice", Err(InvalidUsername::Character))]
    #[case("😀", Err(InvalidUsername::Character))]
    #[case("аlice", Err(InvalidUsername::Misleading))]
    #[case("аррӏе", Err(InvalidUsername::Misleading))]
    fn username_is_normalized_or_refused(#[case] text: &str, #[case] name: Result<&str, InvalidUsername>) {
        assert_eq!(username(text), name.map(str::to_owned));
        if let Ok(name) = name {
            assert_eq!(normalize(text), name, "what is created can be looked up");
        }
    }

    #[test]
    fn username_has_at_most_100_characters_and_320_bytes() {
        assert!(username(&"가".repeat(100)).is_ok());
        assert_eq!(username(&"가".repeat(101)), Err(InvalidUsername::Length));
        assert_eq!(username(&"𠀀".repeat(100)), Err(InvalidUsername::Length));
    }

    #[rstest]
    #[case("Ada@Example.COM", Some("ada@example.com"))]
    #[case("o'neil+shop@mail.example.co.uk", Some("o'neil+shop@mail.example.co.uk"))]
    #[case("ada", None)]
    #[case("ada@localhost", None)]
    #[case("@example.com", None)]
    #[case("ada@", None)]
    #[case("a b@example.com", None)]
    #[case("ada@exa mple.com", None)]
    #[case("Ada <ada@example.com>", None)]
    #[case("ada@@example.com", None)]
    #[case("ada\r\n@example.com", None)]
    fn email_is_normalized_or_refused(#[case] text: &str, #[case] address: Option<&str>) {
        assert_eq!(email(text).as_deref(), address);
    }

    #[rstest]
    #[case::as_stored("ada@example.com", Some("ada@example.com"))]
    #[case::case_of_letters(" Ada@Example.COM ", Some("ada@example.com"))]
    #[case::other_script("민아@example.com", Some("민아@example.com"))]
    #[case::decomposed("jose\u{301}@example.com", Some("jos\u{e9}@example.com"))]
    #[case::wide_letter("\u{ff41}da@example.com", None)]
    #[case::wide_letter_of_the_domain("ada@\u{ff45}xample.com", None)]
    #[case::wide_sign("ada\u{ff20}example.com", None)]
    #[case::narrow_letter("\u{ff71}@example.com", None)]
    #[case::kelvin_sign("\u{212a}im@example.com", None)]
    #[case::no_address("ada", None)]
    fn address_that_another_party_verified_is_not_mapped_to_another(#[case] text: &str, #[case] address: Option<&str>) {
        assert_eq!(verified_email(text).as_deref(), address);
        assert!(address.is_none() || email(text).as_deref() == address);
    }
}
