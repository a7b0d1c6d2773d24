//! `Idempotency-Key`: a request that is sent again changes nothing twice
//! ([draft-ietf-httpapi-idempotency-key-header-07](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07)).

use super::{Cause, Error};

/// Maximum length of a key, in characters.
const LONGEST: usize = 255;

/// The key of a request, which its client chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses the header: a string in quotes
    /// ([RFC 9651 §3.3.3](https://www.rfc-editor.org/rfc/rfc9651#section-3.3.3)), or the same without
    /// them, as many clients send it.
    ///
    /// # Errors
    /// [`Cause::IdempotencyKeyInvalid`].
    pub fn parse(header: &str) -> Result<Self, Error> {
        let header = header.trim_matches(' ');
        let key = match header.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => Some(header.to_owned()).filter(|key| key.bytes().all(is_plain)),
        };
        let key = key.filter(|key| (1..=LONGEST).contains(&key.len()));
        key.map(Self).ok_or_else(|| {
            let description =
                format!("Idempotency-Key must be one string of 1 to {LONGEST} characters, such as a UUID");
            Error::new(Cause::IdempotencyKeyInvalid, description)
        })
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The string before the closing quote, which ends the header.
fn unquote(quoted: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(key),
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            character @ ' '..='~' => key.push(character),
            _ => return None,
        }
    }
}

/// A character of a key without quotes: none that has a meaning in a structured field.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/+=".contains(&byte)
}

/// Whether the request is a repetition of the one that has the key. `stored` is the fingerprint of
/// that one, if there is one
/// ([§2.6](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.6)).
///
/// # Errors
/// [`Cause::IdempotencyKeyReused`] if they differ.
pub fn is_repetition(stored: Option<&[u8]>, fingerprint: &[u8]) -> Result<bool, Error> {
    match stored {
        None => Ok(false),
        Some(stored) if stored == fingerprint => Ok(true),
        Some(_) => {
            let description = "this Idempotency-Key was used for another request: choose a new one";
            Err(Error::new(Cause::IdempotencyKeyReused, description))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::quoted("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", Some("8e03978e-40d5-43e8-bc93-6894a57f9324"))]
    #[case::without_quotes("8e03978e-40d5-43e8-bc93-6894a57f9324", Some("8e03978e-40d5-43e8-bc93-6894a57f9324"))]
    #[case::spaces_around(" \"a b\" ", Some("a b"))]
    #[case::escaped(r#""a\"b\\c""#, Some(r#"a"b\c"#))]
    #[case::empty("", None)]
    #[case::empty_string("\"\"", None)]
    #[case::unclosed("\"a", None)]
    #[case::unclosed_after_escape(r#""a\""#, None)]
    #[case::escaped_letter(r#""\a""#, None)]
    #[case::parameter("\"a\";b=1", None)]
    #[case::two_keys("\"a\", \"b\"", None)]
    #[case::two_keys_without_quotes("a, b", None)]
    #[case::not_ascii("\"é\"", None)]
    #[case::tab("\"a\tb\"", None)]
    #[case::bytes(":YWJj:", Some(":YWJj:"))]
    fn key_is_one_string(#[case] header: &str, #[case] key: Option<&str>) {
        let parsed = IdempotencyKey::parse(header);
        assert_eq!(parsed.as_ref().ok().map(IdempotencyKey::as_str), key);
        assert!(parsed.is_ok() || parsed.is_err_and(|error| error.cause == Cause::IdempotencyKeyInvalid));
    }

    #[rstest]
    #[case::longest(255, true)]
    #[case::too_long(256, false)]
    fn length_of_key_is_limited(#[case] length: usize, #[case] is_accepted: bool) {
        let key = "k".repeat(length);
        assert_eq!(IdempotencyKey::parse(&key).is_ok(), is_accepted);
        assert_eq!(IdempotencyKey::parse(&format!("\"{key}\"")).is_ok(), is_accepted);
    }

    #[rstest]
    #[case::first(None, Ok(false))]
    #[case::the_same_again(Some(b"same".as_slice()), Ok(true))]
    #[case::another(Some(b"else".as_slice()), Err(Cause::IdempotencyKeyReused))]
    #[case::a_prefix(Some(b"sam".as_slice()), Err(Cause::IdempotencyKeyReused))]
    fn request_with_a_used_key_is_a_repetition_or_refused(
        #[case] stored: Option<&[u8]>,
        #[case] result: Result<bool, Cause>,
    ) {
        assert_eq!(is_repetition(stored, b"same").map_err(|error| error.cause), result);
    }
}
