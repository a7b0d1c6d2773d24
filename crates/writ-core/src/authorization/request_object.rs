//! The claims of a request object
//! ([RFC 9101](https://www.rfc-editor.org/rfc/rfc9101), [OpenID Connect Core
//! §6](https://openid.net/specs/openid-connect-core-1_0.html#JWTRequests)).

use serde_json::{Map, Value};

use crate::{
    ClientMetadata, Error, ErrorCode, Params,
    vocabulary::{
        jwt::{self, Audience, CLOCK_SKEW, NumericDate},
        params,
    },
};

/// The accepted values of the `typ` header, which may be absent.
pub const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];
/// Maximum lifetime of a request object in seconds, from `iat` or until `exp`.
pub const MAX_AGE: i64 = 3600;
/// Claims about the JWT itself, which are not authorization parameters
/// ([RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4)).
const JWT_CLAIMS: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];
/// Claims that a request object must not have. With `sub` it could be used as a client assertion
/// ([RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8)); a nested request would
/// conceal what is requested.
const FORBIDDEN: [&str; 5] = ["sub", "request", "request_uri", "client_secret", "client_assertion"];

/// What the claims are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The client that signed the object.
    pub client_id: &'a str,
    /// The issuer identifier.
    pub issuer: &'a str,
    /// Whether the client must sign its requests.
    pub require_signed: bool,
    /// The current time, in seconds since the epoch.
    pub now: i64,
}

/// A request object with valid claims.
#[derive(Debug, Clone)]
pub struct RequestObject {
    /// The authorization parameters.
    pub params: Params,
    /// The single-use `jti` and the time until which it must be stored.
    pub single_use: Option<(String, i64)>,
}

type Claims = Map<String, Value>;
type Check = fn(&Claims, &Expected<'_>) -> Result<(), Broken>;

/// A broken rule: its description for the client, and the actual value for the log.
struct Broken(String, String);

/// The checks, in this order.
const CHECKS: [Check; 6] =
    [names_the_client, is_for_this_issuer, has_no_forbidden_claim, is_complete, has_a_bounded_identifier, is_current];

/// Returns the parameters of a valid request object. The parameters outside of it are ignored
/// ([RFC 9101 §6.3](https://www.rfc-editor.org/rfc/rfc9101#section-6.3)).
///
/// # Errors
/// `invalid_request_object`.
pub fn read(claims: Claims, expected: &Expected<'_>) -> Result<RequestObject, Error> {
    CHECKS
        .iter()
        .try_for_each(|check| check(&claims, expected))
        .map_err(|Broken(description, found)| invalid(description, &found, expected.client_id))?;
    let jti = claims.get("jti").and_then(Value::as_str).map(str::to_owned);
    let ends = time(&claims, "exp").ok().flatten().unwrap_or(i64::MAX).min(expected.now + MAX_AGE);
    let parameters: Vec<(String, String)> = claims
        .into_iter()
        .filter(|(name, _)| !JWT_CLAIMS.contains(&name.as_str()))
        .flat_map(|(name, value)| texts(&name, value).into_iter().map(move |text| (name.clone(), text)))
        .collect();
    if let Some((name, _)) = parameters.iter().find(|(_, value)| !params::is_text(value)) {
        let description = "a parameter of the request object has a control character".to_owned();
        return Err(invalid(description, &format!("{name:?}"), expected.client_id));
    }
    Ok(RequestObject { params: parameters.into_iter().collect(), single_use: jti.map(|jti| (jti, ends + CLOCK_SKEW)) })
}

/// Refuses an unsigned request from a client that must sign its requests
/// ([RFC 9101 §10.5](https://www.rfc-editor.org/rfc/rfc9101#section-10.5)).
///
/// # Errors
/// `invalid_request` if the client must sign its requests.
pub fn check_unsigned(client: &ClientMetadata) -> Result<(), Error> {
    if client.require_signed_request_object {
        return Err(Error::invalid_request("this client must sign its authorization requests"));
    }
    Ok(())
}

/// The values of a claim as text. A list in `resource` stands for a repeated parameter.
fn texts(name: &str, value: Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) if name == "resource" => {
            list.into_iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect()
        }
        other => vec![other.to_string()],
    }
}

fn invalid(description: String, found: &str, client_id: &str) -> Error {
    Error::new(ErrorCode::InvalidRequestObject, description)
        .because(format!("client {client_id}: {found}"))
        .of(client_id)
}

fn found(claims: &Claims, name: &str) -> String {
    claims.get(name).map_or_else(|| "absent".to_owned(), Value::to_string)
}

/// `client_id` is the same inside and outside the object ([RFC 9101
/// §5](https://www.rfc-editor.org/rfc/rfc9101#section-5)), and `iss` is the client
/// ([§4](https://www.rfc-editor.org/rfc/rfc9101#section-4)).
fn names_the_client(claims: &Claims, expected: &Expected<'_>) -> Result<(), Broken> {
    let is_client = |name: &str| claims.get(name).and_then(Value::as_str) == Some(expected.client_id);
    if !is_client("client_id") {
        let description = "client_id of the request object must be that of the request";
        return Err(Broken(description.to_owned(), found(claims, "client_id")));
    }
    if claims.contains_key("iss") && !is_client("iss") {
        return Err(Broken("iss of the request object must be the client_id".to_owned(), found(claims, "iss")));
    }
    Ok(())
}

/// "The value of aud should be the value of the authorization server's issuer", alone or in a list
/// ([RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4)).
fn is_for_this_issuer(claims: &Claims, expected: &Expected<'_>) -> Result<(), Broken> {
    let Some(audience) = claims.get("aud") else { return Ok(()) };
    match serde_json::from_value::<Audience>(audience.clone()) {
        Ok(audience) if audience.contains(expected.issuer) => Ok(()),
        _ => Err(Broken("aud of the request object must be the issuer identifier".to_owned(), found(claims, "aud"))),
    }
}

fn has_no_forbidden_claim(claims: &Claims, _: &Expected<'_>) -> Result<(), Broken> {
    match FORBIDDEN.iter().find(|name| claims.contains_key(**name)) {
        None => Ok(()),
        Some(name) => Err(Broken(format!("a request object has no {name}"), String::new())),
    }
}

/// A client that must sign binds each object to this server and to a lifetime.
fn is_complete(claims: &Claims, expected: &Expected<'_>) -> Result<(), Broken> {
    match ["exp", "aud"].into_iter().find(|name| expected.require_signed && !claims.contains_key(*name)) {
        None => Ok(()),
        Some(name) => Err(Broken(format!("the request object must have {name}"), String::new())),
    }
}

/// A `jti` is short enough to be stored until the object expires.
fn has_a_bounded_identifier(claims: &Claims, _: &Expected<'_>) -> Result<(), Broken> {
    let jti = match claims.get("jti") {
        None => return Ok(()),
        Some(Value::String(jti)) => jti,
        Some(_) => return Err(Broken("jti of the request object must be a string".to_owned(), found(claims, "jti"))),
    };
    let checked = jwt::check_identifier(jti, "the request object");
    checked.map_err(|jwt::Broken { description, detail }| Broken(description, detail))
}

/// The object is neither expired nor from the future, and lives for at most an hour.
fn is_current(claims: &Claims, expected: &Expected<'_>) -> Result<(), Broken> {
    let now = expected.now;
    let (exp, iat, nbf) = (time(claims, "exp")?, time(claims, "iat")?, time(claims, "nbf")?);
    if exp.is_some_and(|exp| exp.saturating_add(CLOCK_SKEW) <= now) {
        return Err(Broken("the request object has expired".to_owned(), found(claims, "exp")));
    }
    for (name, at) in [("nbf", nbf), ("iat", iat)] {
        if at.is_some_and(|at| at > now + CLOCK_SKEW) {
            return Err(Broken(format!("{name} of the request object is in the future"), found(claims, name)));
        }
    }
    let too_long = match (exp, iat) {
        (Some(exp), _) => exp > now.saturating_add(MAX_AGE + CLOCK_SKEW),
        (None, Some(iat)) => iat.saturating_add(MAX_AGE + CLOCK_SKEW) <= now,
        (None, None) => false,
    };
    if too_long {
        let description = format!("a request object is valid for at most {MAX_AGE} seconds");
        return Err(Broken(description, format!("exp {}, iat {}", found(claims, "exp"), found(claims, "iat"))));
    }
    Ok(())
}

fn time(claims: &Claims, name: &str) -> Result<Option<i64>, Broken> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let date = serde_json::from_value::<NumericDate>(value.clone());
    date.map(|date| Some(date.0))
        .map_err(|_| Broken(format!("{name} of the request object must be a number of seconds"), found(claims, name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_000_000;

    fn read_as(mut claims: Value, require_signed: bool) -> Result<RequestObject, Error> {
        let claims = claims.as_object_mut().expect("an object");
        claims.entry("client_id").or_insert_with(|| json!("shop"));
        let expected = Expected { client_id: "shop", issuer: "https://id.example", require_signed, now: NOW };
        read(std::mem::take(claims), &expected)
    }

    #[test]
    fn claims_bind_the_object_to_client_issuer_and_time() {
        for (claims, accepted) in [
            (json!({}), true),
            (json!({ "client_id": "other" }), false),
            (json!({ "iss": "shop" }), true),
            (json!({ "iss": "other" }), false),
            (json!({ "aud": "https://id.example" }), true),
            (json!({ "aud": ["https://id.example", "https://old.example"] }), true),
            (json!({ "aud": "https://old.example" }), false),
            (json!({ "aud": [] }), false),
            (json!({ "sub": "shop" }), false),
            (json!({ "request_uri": "https://shop.example/r" }), false),
            (json!({ "exp": NOW + 60 }), true),
            (json!({ "exp": NOW - CLOCK_SKEW }), false),
            (json!({ "exp": NOW + MAX_AGE + CLOCK_SKEW + 1 }), false),
            (json!({ "exp": "soon" }), false),
            (json!({ "iat": NOW - MAX_AGE }), true),
            (json!({ "iat": NOW - MAX_AGE - CLOCK_SKEW }), false),
            (json!({ "iat": NOW - 2 * MAX_AGE, "exp": NOW + 60 }), true),
            (json!({ "iat": NOW + CLOCK_SKEW + 1 }), false),
            (json!({ "nbf": NOW + CLOCK_SKEW + 1 }), false),
            (json!({ "state": "a\u{0}b" }), false),
        ] {
            assert_eq!(read_as(claims.clone(), false).is_ok(), accepted, "{claims}");
        }
    }

    #[test]
    fn exp_and_aud_are_required_when_the_client_must_sign() {
        for (claims, accepted) in [
            (json!({ "exp": NOW + 60, "aud": "https://id.example" }), true),
            (json!({ "exp": NOW + 60 }), false),
            (json!({ "aud": "https://id.example" }), false),
        ] {
            assert_eq!(read_as(claims.clone(), true).is_ok(), accepted, "{claims}");
        }
    }

    #[test]
    fn jti_that_cannot_be_stored_is_refused() {
        for (jti, accepted) in [
            (json!("x".repeat(255)), true),
            (json!("x".repeat(256)), false),
            (json!(""), false),
            (json!("a\u{0}"), false),
            (json!(1), false),
            (Value::Null, false),
        ] {
            assert_eq!(read_as(json!({ "jti": jti }), false).is_ok(), accepted, "{jti}");
        }
    }

    #[test]
    fn jti_is_stored_until_the_object_expires() {
        let object = read_as(json!({ "jti": "a", "exp": NOW + 60, "max_age": 5, "resource": ["r", "s"] }), false);
        let object = object.expect("an object");
        assert_eq!(object.single_use, Some(("a".to_owned(), NOW + 60 + CLOCK_SKEW)));
        assert_eq!(object.params.get("max_age").expect("once"), Some("5"));
        assert_eq!(object.params.all("resource").collect::<Vec<_>>(), ["r", "s"]);
        assert_eq!(object.params.get("jti").expect("absent"), None);
        let unlimited = read_as(json!({ "jti": "b" }), false).expect("an object");
        assert_eq!(unlimited.single_use, Some(("b".to_owned(), NOW + MAX_AGE + CLOCK_SKEW)));
    }
}
