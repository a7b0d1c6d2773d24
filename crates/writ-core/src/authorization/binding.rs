//! What binds an authorization response to the client that requested it.

use crate::{Cause, ClientMetadata, Error};

/// How a request binds its response to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The request has a PKCE challenge.
    pub challenge: bool,
    /// The request is an OpenID request with a `nonce`.
    pub openid_nonce: bool,
}

/// Prevents authorization code injection: public clients need PKCE, confidential ones PKCE or, in
/// OpenID requests, a `nonce`
/// ([RFC 9700 §2.1.1](https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1)).
///
/// A client that registered `require_pkce: true` always needs PKCE, whatever the server requires.
/// One with `require_pkce: false` and `require_nonce: false` may leave out both. `pkce_by_default`
/// is the server's setting for confidential clients that registered neither.
///
/// # Errors
/// `invalid_request`.
pub fn check(binding: Binding, client: &ClientMetadata, pkce_by_default: bool) -> Result<(), Error> {
    if binding.challenge {
        return Ok(());
    }
    if client.is_public() || client.require_pkce.unwrap_or(pkce_by_default) {
        return Err(Error::new(
            Cause::CodeChallengeMissing,
            "code_challenge is missing: this client must use PKCE with S256",
        ));
    }
    if binding.openid_nonce || client.may_omit_binding() {
        return Ok(());
    }
    Err(Error::new(Cause::NonceMissing, "without a code_challenge the request must have the scope openid and a nonce"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn binding_is_required_by_client_type_registration_and_server() {
        let method = |public| if public { "none" } else { "client_secret_basic" };
        let missing_pkce = Some(Cause::CodeChallengeMissing);
        let missing_nonce = Some(Cause::NonceMissing);
        for (public, pkce, nonce, server, sent_challenge, sent_nonce, expected) in [
            (true, None, None, false, true, false, None),
            (true, None, None, false, false, true, missing_pkce),
            (true, Some(false), Some(false), false, false, true, missing_pkce),
            (false, None, None, false, true, false, None),
            (false, None, None, false, false, true, None),
            (false, None, None, false, false, false, missing_nonce),
            (false, None, None, true, false, true, missing_pkce),
            (false, Some(true), None, false, false, true, missing_pkce),
            (false, Some(true), Some(false), false, false, true, missing_pkce),
            (false, Some(false), None, true, false, true, None),
            (false, Some(false), None, true, false, false, missing_nonce),
            (false, Some(false), Some(true), false, false, false, missing_nonce),
            (false, Some(false), Some(false), true, false, false, None),
            (false, None, Some(false), false, false, false, missing_nonce),
        ] {
            let client: ClientMetadata = serde_json::from_value(json!({
                "client_name": "Shop",
                "token_endpoint_auth_method": method(public),
                "require_pkce": pkce,
                "require_nonce": nonce,
            }))
            .expect("client metadata");
            let binding = Binding { challenge: sent_challenge, openid_nonce: sent_nonce };
            let refused = check(binding, &client, server).err().map(|error| error.cause);
            assert_eq!(refused, expected, "{public} {pkce:?} {nonce:?} {server} {sent_challenge} {sent_nonce}");
        }
    }
}
