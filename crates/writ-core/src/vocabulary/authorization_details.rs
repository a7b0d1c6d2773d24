//! The `authorization_details` parameter
//! ([RFC 9396 §2](https://www.rfc-editor.org/rfc/rfc9396#section-2)). It is parsed so that the
//! error can name the types.

use serde::Deserialize;

use super::{Cause, Error};

/// One authorization details object. The other members depend on `type`.
#[derive(Debug, Deserialize)]
struct AuthorizationDetail {
    r#type: String,
}

/// Refuses a request with authorization details. No type is supported, and an unknown type must not
/// be ignored ([RFC 9396 §5](https://www.rfc-editor.org/rfc/rfc9396#section-5)).
///
/// # Errors
/// `invalid_authorization_details` if the parameter is present.
pub fn refuse(parameter: Option<&str>) -> Result<(), Error> {
    let Some(text) = parameter else { return Ok(()) };
    let details: Vec<AuthorizationDetail> = serde_json::from_str(text).map_err(|reason| {
        Error::new(
            Cause::AuthorizationDetailsInvalid,
            "authorization_details must be a JSON array of objects that each have a type",
        )
        .because(reason.to_string())
    })?;
    let types: Vec<String> = details.into_iter().map(|detail| detail.r#type.chars().take(100).collect()).collect();
    Err(Error::new(Cause::AuthorizationDetailsUnsupported, "this server supports no type of authorization_details")
        .because(format!("requested {types:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_and_malformed_details_are_refused() {
        let cause = |text| refuse(Some(text)).expect_err("a refusal").cause;
        assert_eq!(cause(r#"[{"type":"payment_initiation","amount":1}]"#), Cause::AuthorizationDetailsUnsupported);
        for malformed in ["", "{}", "[1]", r#"[{"type":1}]"#, r#"[{"amount":1}]"#, r#"{"type":"a"}"#] {
            assert_eq!(cause(malformed), Cause::AuthorizationDetailsInvalid, "{malformed}");
        }
        assert_eq!(refuse(None), Ok(()));
    }
}
