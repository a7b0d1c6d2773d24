//! The `Authorization` header ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).

use crate::Reason;

/// Reads the token from the values of a request's `Authorization` headers.
///
/// # Errors
/// [`Reason::MissingToken`] when there is no header or it is of another scheme;
/// [`Reason::MalformedRequest`] when it is repeated, not ASCII, or not `Bearer` and one `b64token`.
pub fn bearer<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<&'a str, Reason> {
    writ_jose::bearer::token(values).map_err(|_| Reason::MalformedRequest)?.ok_or(Reason::MissingToken)
}
