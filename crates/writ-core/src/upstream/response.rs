//! The authorization response of another provider.

use crate::Params;

/// Why an authorization response yields no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The user cancelled, or may not sign in there
    /// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    #[error("the user cancelled")]
    ByUser,
    /// Another error code.
    #[error("the provider answers with the error {0:?}")]
    ByProvider(String),
    /// The response is from another issuer, or does not name one
    /// ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    #[error("the response has iss {0:?}")]
    WrongIssuer(Option<String>),
    /// It has neither a code nor an error, or repeats a parameter.
    #[error("the response is malformed")]
    Malformed,
}

/// The code of an authorization response. "Clients MUST then compare the extracted … `iss` value to
/// the issuer identifier of the authorization server where the authorization request was sent to",
/// also in an error response
/// ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)). `sends_issuer` says
/// whether the metadata of the provider promises the parameter.
///
/// # Errors
/// [`Denied`] with the reason.
pub fn authorization_code<'a>(params: &'a Params, issuer: &str, sends_issuer: bool) -> Result<&'a str, Denied> {
    let text = |name| params.get(name).map_err(|_| Denied::Malformed);
    match text("iss")? {
        Some(iss) if iss == issuer => {}
        None if !sends_issuer => {}
        other => return Err(Denied::WrongIssuer(other.map(str::to_owned))),
    }
    match (text("error")?, text("code")?) {
        // The second one is Apple's.
        (Some("access_denied" | "user_cancelled_authorize"), _) => Err(Denied::ByUser),
        (Some(error), _) => Err(Denied::ByProvider(error.to_owned())),
        (None, Some(code)) if !code.is_empty() => Ok(code),
        (None, _) => Err(Denied::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ISSUER: &str = "https://id.example";

    fn code(query: &str, sends_issuer: bool) -> Result<String, Denied> {
        let params = Params::parse(query.as_bytes()).expect("parameters");
        authorization_code(&params, ISSUER, sends_issuer).map(str::to_owned)
    }

    #[rstest]
    #[case("code=a", false)]
    #[case("code=a&iss=https://id.example", false)]
    #[case("code=a&iss=https://id.example", true)]
    fn code_is_accepted(#[case] query: &str, #[case] sends_issuer: bool) {
        assert_eq!(code(query, sends_issuer).as_deref(), Ok("a"));
    }

    #[rstest]
    #[case::absent_although_promised("code=a", true)]
    #[case::another("code=a&iss=https://other.example", false)]
    #[case::with_a_slash("code=a&iss=https://id.example/", false)]
    #[case::empty_is_absent("code=a&iss=", true)]
    #[case::of_an_error("error=access_denied&iss=https://other.example", false)]
    fn response_of_another_issuer_is_refused(#[case] query: &str, #[case] sends_issuer: bool) {
        assert!(matches!(code(query, sends_issuer), Err(Denied::WrongIssuer(_))), "{query}");
    }

    #[rstest]
    #[case("error=access_denied", Denied::ByUser)]
    #[case("error=access_denied&code=a", Denied::ByUser)]
    #[case("error=user_cancelled_authorize", Denied::ByUser)]
    #[case("error=server_error", Denied::ByProvider("server_error".to_owned()))]
    #[case("", Denied::Malformed)]
    #[case("code=", Denied::Malformed)]
    #[case("code=a&code=b", Denied::Malformed)]
    #[case("code=a&iss=https://id.example&iss=https://id.example", Denied::Malformed)]
    fn response_without_a_code_is_refused(#[case] query: &str, #[case] reason: Denied) {
        assert_eq!(code(query, false), Err(reason));
    }
}
