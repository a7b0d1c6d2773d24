//! The name that a user chooses to be shown, and the username of a new account.

use precis_profiles::{Nickname, precis_core::profile::Profile};

use super::login_name;

/// Maximum number of characters in a name.
const MAX_LENGTH: usize = 100;
/// The start of the username of a user whose name cannot be one.
const FALLBACK: &str = "user";
/// Maximum number of characters that a username takes over from a name.
const FROM_NAME: usize = 40;

/// Normalizes and checks a name to show: its spaces and Unicode composition, and no invisible
/// characters ([RFC 8266 §2.3](https://www.rfc-editor.org/rfc/rfc8266#section-2.3)). `None` if it
/// is empty or too long, or has a character that cannot be shown.
pub fn parse(text: &str) -> Option<String> {
    let name = Nickname::new().enforce(login_name::compose(text)).ok()?;
    let is_shown = name.chars().any(|c| !c.is_whitespace());
    (is_shown && name.chars().count() <= MAX_LENGTH).then(|| name.into_owned())
}

/// The username that resembles a name most. It does not come from the address, which clients may
/// not get.
pub fn username(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let joined: String = words.join("-").chars().filter(|c| *c != '@').take(FROM_NAME).collect();
    login_name::username(joined.trim_matches('-')).unwrap_or_else(|_| FALLBACK.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Alice Martin", Some("Alice Martin"))]
    #[case("  Alice   Martin ", Some("Alice Martin"))]
    #[case("김민지", Some("김민지"))]
    #[case("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", Some("한글"))]
    #[case("Ada \u{1f600}", Some("Ada \u{1f600}"))]
    #[case("", None)]
    #[case("   ", None)]
    #[case("Al\u{200b}ice", None)]
    #[case("Al\u{202e}ice", None)]
    #[case("Al\nice", None)]
    fn name_is_normalized_or_refused(#[case] text: &str, #[case] name: Option<&str>) {
        assert_eq!(parse(text).as_deref(), name);
    }

    #[test]
    fn name_has_at_most_100_characters() {
        assert!(parse(&"가".repeat(100)).is_some());
        assert_eq!(parse(&"가".repeat(101)), None);
    }

    #[rstest]
    #[case("Alice Martin", "alice-martin")]
    #[case("김 민지", "김-민지")]
    #[case("O'Neil", "o'neil")]
    #[case("alice@example.com", "aliceexample.com")]
    #[case("\u{1f600}", "user")]
    #[case("- -", "user")]
    #[case("аррӏе", "user")]
    fn username_resembles_the_name_or_falls_back(#[case] name: &str, #[case] resembling: &str) {
        assert_eq!(username(name), resembling);
        assert_eq!(login_name::username(resembling).as_deref(), Ok(resembling), "it is a username");
    }

    #[test]
    fn username_of_a_long_name_is_short() {
        assert!(username(&"가".repeat(100)).chars().count() <= 40);
    }
}
