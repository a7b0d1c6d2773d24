//! Whether a client may act at all.

use crate::{Cause, Error};

/// Checks that no administrator has disabled a client: "the client is not authorized"
/// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1),
/// [§5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)). Its registration and its grants
/// stay.
///
/// # Errors
/// [`Cause::ClientDisabled`].
pub fn check_enabled(disabled_at: Option<i64>) -> Result<(), Error> {
    match disabled_at {
        None => Ok(()),
        Some(at) => Err(Error::new(Cause::ClientDisabled, "this client is disabled on this server")
            .because(format!("an administrator disabled it at {at}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_enabled_client_may_act() {
        for (disabled_at, cause) in [(None, None), (Some(0), Some(Cause::ClientDisabled))] {
            assert_eq!(check_enabled(disabled_at).err().map(|error| error.cause), cause, "{disabled_at:?}");
        }
    }
}
