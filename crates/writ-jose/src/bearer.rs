//! The `Authorization` header with a bearer token ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).

/// Why an Authorization header is an `invalid_request`
/// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The header was sent more than once.
    #[error("there is more than one Authorization header")]
    Repeated,
    /// The header is not `Bearer` and one `b64token`.
    #[error("the Authorization header must be Bearer and one token")]
    Syntax,
}

/// Extracts the bearer token from the values of the `Authorization` headers. `None` if there is no
/// header, or one with another scheme.
///
/// # Errors
/// [`Malformed`] if the header is repeated, or is not `Bearer` and one token.
pub fn token<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, Malformed> {
    let mut values = values.into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Malformed::Repeated);
    }
    let value = std::str::from_utf8(value).map_err(|_| Malformed::Syntax)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim_matches(' ');
    match !token.is_empty() && token.bytes().all(is_b64token) {
        true => Ok(Some(token)),
        false => Err(Malformed::Syntax),
    }
}

fn is_b64token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_header(&[], Ok(None))]
    #[case::token(&["Bearer a.b-c_d~e+f/g=="], Ok(Some("a.b-c_d~e+f/g==")))]
    #[case::scheme_in_any_case(&["bEARER a"], Ok(Some("a")))]
    #[case::spaces_around_token(&["Bearer   a "], Ok(Some("a")))]
    #[case::other_scheme(&["Basic YTpi"], Ok(None))]
    #[case::empty(&[""], Ok(None))]
    #[case::no_token(&["Bearer"], Err(Malformed::Syntax))]
    #[case::empty_token(&["Bearer "], Err(Malformed::Syntax))]
    #[case::two_tokens(&["Bearer a b"], Err(Malformed::Syntax))]
    #[case::comma(&["Bearer a,Bearer b"], Err(Malformed::Syntax))]
    #[case::tab(&["Bearer \ta"], Err(Malformed::Syntax))]
    #[case::beyond_ascii(&["Bearer ä"], Err(Malformed::Syntax))]
    #[case::two_headers(&["Bearer a", "Bearer a"], Err(Malformed::Repeated))]
    #[case::two_schemes(&["Basic YTpi", "Bearer a"], Err(Malformed::Repeated))]
    fn header_is_read(#[case] values: &[&str], #[case] expected: Result<Option<&str>, Malformed>) {
        assert_eq!(token(values.iter().map(|value| value.as_bytes())), expected);
    }

    #[test]
    fn header_is_malformed_when_not_utf8() {
        assert_eq!(token([b"Bearer \xff".as_slice()]), Err(Malformed::Syntax));
    }
}
