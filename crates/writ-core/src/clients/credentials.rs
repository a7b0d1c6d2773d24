//! The client credentials in a request.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::assertion;
use crate::{Cause, Error, Params, vocabulary::client_metadata::AuthMethod};

/// A `client_id` and the proof that the caller is this client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The `client_id`.
    pub client_id: String,
    /// The proof.
    pub proof: Proof,
}

/// How the caller authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// No proof: a public client.
    None,
    /// `client_secret`, in the Authorization header ([`AuthMethod::ClientSecretBasic`]) or in the
    /// body ([`AuthMethod::ClientSecretPost`]).
    Secret {
        /// The secret as presented.
        secret: String,
        /// Where the secret was sent.
        method: AuthMethod,
    },
    /// `client_assertion`.
    Assertion(String),
}

impl Proof {
    /// The authentication method that the request uses.
    pub fn method(&self) -> AuthMethod {
        match self {
            Self::None => AuthMethod::None,
            Self::Secret { method, .. } => *method,
            Self::Assertion(_) => AuthMethod::PrivateKeyJwt,
        }
    }
}

/// Parses the credentials of a request. A client MUST NOT use more than one authentication method
/// ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)).
///
/// `authorization` holds the value of every Authorization header.
///
/// # Errors
/// `invalid_request` if there are several methods or contradicting `client_id`s. `invalid_client`
/// if the credentials are malformed or missing.
pub fn parse(authorization: &[&[u8]], params: &Params) -> Result<Credentials, Error> {
    let several = |description: &str| Error::new(Cause::SeveralAuthMethods, description);
    let header = match authorization {
        [] => None,
        [header] => Some(*header),
        _ => return Err(several("there is more than one Authorization header")),
    };
    let client_id = params.get("client_id")?;
    let client_secret = params.get("client_secret")?;
    let same_id = |id: &str, description: &str| match client_id {
        Some(named) if named != id => Err(Error::new(Cause::ClientIdContradicted, description)),
        _ => Ok(()),
    };
    if let Some(assertion) = presented_assertion(params)? {
        if header.is_some() || client_secret.is_some() {
            return Err(several("the client authenticates with an assertion and otherwise: use one"));
        }
        let id = assertion::subject(assertion).ok_or_else(|| {
            failed(Cause::ClientAssertionUntrusted, "the client assertion is not a JWT with a sub".to_owned())
        })?;
        same_id(&id, "client_id differs from the sub of the client assertion")?;
        return Ok(Credentials { client_id: id, proof: Proof::Assertion(assertion.to_owned()) });
    }
    if let Some(header) = header {
        let (id, secret) = parse_basic(header)?;
        if client_secret.is_some() {
            return Err(several("the client authenticates in the header and in the body: use one"));
        }
        same_id(&id, "client_id differs from the one in the Authorization header")?;
        let proof = Proof::Secret { secret, method: AuthMethod::ClientSecretBasic };
        return Ok(Credentials { client_id: id, proof });
    }
    let id = client_id.ok_or_else(|| Error::new(Cause::ClientUnnamed, "the request names no client"))?;
    let proof = client_secret.map_or(Proof::None, |secret| Proof::Secret {
        secret: secret.to_owned(),
        method: AuthMethod::ClientSecretPost,
    });
    Ok(Credentials { client_id: id.to_owned(), proof })
}

/// Checks that a client with the method `registered` may authenticate with `presented`.
///
/// A secret is accepted in the header and in the body unless the registration names one of the two.
/// The server MUST support Basic and MAY support the body ([RFC 6749
/// §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)). Every other method is exclusive,
/// because a weaker one would defeat it.
///
/// # Errors
/// `invalid_client`, with both methods in the detail for the log.
pub fn check_method(registered: Option<AuthMethod>, presented: AuthMethod) -> Result<(), Error> {
    let accepted = match registered {
        Some(registered) => registered == presented,
        None => matches!(presented, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost),
    };
    if accepted {
        return Ok(());
    }
    let expected = registered.map_or("client_secret_basic or client_secret_post", AuthMethod::as_str);
    let detail = format!("the client is registered for {expected} and used {}", presented.as_str());
    Err(failed(Cause::ClientAuthMethodWrong, detail).expected(expected, presented.as_str()))
}

/// The error of a failed authentication. The description is always the same, so that it does not
/// reveal which clients exist. The detail is for the log.
pub fn failed(cause: Cause, detail: String) -> Error {
    Error::new(cause, "client authentication failed").because(detail)
}

/// Parses `client_assertion`, which requires `client_assertion_type`
/// ([RFC 7521 §4.2](https://www.rfc-editor.org/rfc/rfc7521#section-4.2)).
fn presented_assertion(params: &Params) -> Result<Option<&str>, Error> {
    match (params.get("client_assertion")?, params.get("client_assertion_type")?) {
        (None, None) => Ok(None),
        (Some(assertion), Some(assertion::TYPE)) => Ok(Some(assertion)),
        (Some(_), Some(_)) => {
            Err(Error::new(Cause::ClientAssertionInvalid, format!("client_assertion_type must be {}", assertion::TYPE)))
        }
        (Some(_), None) => Err(Error::new(Cause::ParameterMissing, "client_assertion_type is missing")),
        (None, Some(_)) => Err(Error::new(Cause::ParameterMissing, "client_assertion is missing")),
    }
}

/// `Basic BASE64(form-encoded client_id ":" form-encoded client_secret)`
/// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
fn parse_basic(header: &[u8]) -> Result<(String, String), Error> {
    let malformed = |detail: &str| {
        Error::new(Cause::AuthorizationHeaderMalformed, "the Authorization header is malformed").because(detail)
    };
    let (scheme, credentials) = header.split_at_checked(6).ok_or_else(|| malformed("it is shorter than a scheme"))?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return Err(malformed("its scheme is not Basic"));
    }
    let decoded =
        BASE64_STANDARD.decode(credentials.trim_ascii()).map_err(|_| malformed("its credentials are not base64"))?;
    let colon =
        decoded.iter().position(|byte| *byte == b':').ok_or_else(|| malformed("its credentials have no colon"))?;
    let decode = |encoded: &[u8]| {
        // `Params` would split at `&`, which is always encoded in a name or a value.
        if encoded.contains(&b'&') {
            return Err(malformed("its credentials are not form-encoded: they have an ampersand"));
        }
        let pair = [b"v=", encoded].concat();
        let params = Params::parse(&pair).map_err(|error| malformed(&error.description))?;
        Ok(params.get("v").ok().flatten().unwrap_or_default().to_owned())
    };
    Ok((decode(&decoded[..colon])?, decode(&decoded[colon + 1..])?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::ErrorCode;

    fn basic(credentials: &[u8]) -> Result<(String, String), Error> {
        parse_basic(format!("Basic {}", BASE64_STANDARD.encode(credentials)).as_bytes())
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let pair = |id: &str, secret: &str| Ok((id.to_owned(), secret.to_owned()));
        assert_eq!(basic(b"shop:secret"), pair("shop", "secret"));
        assert_eq!(basic(b"https%3A%2F%2Ftalk.example:a%2Bb+c%3A"), pair("https://talk.example", "a+b c:"));
        assert_eq!(basic(b"shop:a:b"), pair("shop", "a:b"));
        assert_eq!(basic(b"shop:"), pair("shop", ""));
    }

    #[test]
    fn malformed_authorization_header_is_invalid_client() {
        for header in [
            &b""[..],
            b"Basic",
            b"Basic ",
            b"Bearer abcdef",
            b"Basic !!!",
            b"Basic c2hvcA==",
            b"\xff\xfe\xfd\xfc\xfb\xfa\xf9",
        ] {
            assert_eq!(parse_basic(header).map_err(|error| error.code), Err(ErrorCode::InvalidClient), "{header:?}");
        }
        for credentials in [&b"shop&x:secret"[..], b"shop:secret&x=y", b"sh%zzop:secret", b"shop:\xff"] {
            let refused = basic(credentials).map_err(|error| error.code);
            assert_eq!(refused, Err(ErrorCode::InvalidClient), "{credentials:?}");
        }
    }

    const BASIC: &[u8] = b"Basic c2hvcDpzZWNyZXQ=";

    #[rstest]
    #[case::public(&[], "client_id=shop", Ok(AuthMethod::None))]
    #[case::basic(&[BASIC], "", Ok(AuthMethod::ClientSecretBasic))]
    #[case::basic_and_client_id(&[BASIC], "client_id=shop", Ok(AuthMethod::ClientSecretBasic))]
    #[case::post(&[], "client_id=shop&client_secret=secret", Ok(AuthMethod::ClientSecretPost))]
    #[case::basic_and_post(&[BASIC], "client_secret=secret", Err(Cause::SeveralAuthMethods))]
    #[case::two_headers(&[BASIC, BASIC], "", Err(Cause::SeveralAuthMethods))]
    #[case::another_client_id(&[BASIC], "client_id=other", Err(Cause::ClientIdContradicted))]
    #[case::nobody(&[], "", Err(Cause::ClientUnnamed))]
    #[case::secret_without_id(&[], "client_secret=secret", Err(Cause::ClientUnnamed))]
    #[case::type_without_assertion(&[], "client_id=shop&client_assertion_type=x", Err(Cause::ParameterMissing))]
    #[case::assertion_without_type(&[], "client_assertion=a.b.c", Err(Cause::ParameterMissing))]
    fn request_presents_exactly_one_method(
        #[case] authorization: &[&[u8]],
        #[case] params: &str,
        #[case] expected: Result<AuthMethod, Cause>,
    ) {
        let params = Params::parse(params.as_bytes()).expect("parameters");
        let presented = parse(authorization, &params).map(|found| found.proof.method()).map_err(|error| error.cause);
        assert_eq!(presented, expected);
    }

    #[test]
    fn secret_is_accepted_in_header_and_body_when_no_method_is_registered() {
        use AuthMethod::{ClientSecretBasic, ClientSecretPost, None as Public, PrivateKeyJwt};
        let methods = [ClientSecretBasic, ClientSecretPost, PrivateKeyJwt, Public];
        for presented in methods {
            let by_secret = matches!(presented, ClientSecretBasic | ClientSecretPost);
            assert_eq!(check_method(None, presented).is_ok(), by_secret, "{presented:?}");
            for registered in methods {
                let accepted = check_method(Some(registered), presented).is_ok();
                assert_eq!(accepted, registered == presented, "{registered:?} {presented:?}");
            }
        }
    }
}
