//! The `Authorization` header (RFC 6750 §2.1).

use crate::Reason;

/// Reads the token from the values of a request's `Authorization` headers.
///
/// # Errors
/// [`Reason::MissingToken`] when there is none or it is of another scheme;
/// [`Reason::MalformedRequest`] when it is repeated, not ASCII, or not `Bearer` and one `b64token`.
pub fn bearer<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<&'a str, Reason> {
    let mut values = values.into_iter();
    let value = values.next().ok_or(Reason::MissingToken)?;
    if values.next().is_some() {
        return Err(Reason::MalformedRequest);
    }
    let value = std::str::from_utf8(value).map_err(|_| Reason::MalformedRequest)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Reason::MissingToken);
    }
    let token = token.trim_matches(' ');
    match !token.is_empty() && token.bytes().all(is_b64token) {
        true => Ok(token),
        false => Err(Reason::MalformedRequest),
    }
}

fn is_b64token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}
