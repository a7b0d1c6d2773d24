use rstest::rstest;
use serde_json::json;

use super::*;
use crate::scopes::Offered;

const NOW: i64 = 1_795_424_400;
const TALK: &str = "https://talk.example";
const BANK: &str = "https://bank.example";

fn assertion(changes: &Value) -> Result<IdentityAssertion, String> {
    let mut claims = json!({
        "iss": "https://idp.example", "sub": "U1", "aud": "https://id.example", "client_id": "agent",
        "jti": "1", "exp": NOW + 300, "iat": NOW, "resource": TALK, "scope": "message:read",
    });
    claims.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    serde_json::from_value(claims).map_err(|error| error.to_string())
}

fn checked(changes: &Value) -> Result<(), String> {
    let expected = Expected {
        identity_provider: "https://idp.example",
        issuer: "https://id.example",
        client_id: "agent",
        now: NOW,
    };
    check(&assertion(changes)?, expected).map_err(|error| error.description)
}

#[rstest]
#[case(json!({}))]
#[case(json!({ "aud": "https://id.example/" }))]
#[case(json!({ "aud": ["https://id.example"] }))]
#[case(json!({ "resource": [TALK, BANK], "scope": "a b" }))]
#[case(json!({ "email": "ada@example.com", "acr": "1", "amr": ["pwd"], "cnf": null }))]
fn assertion_within_the_rules_is_accepted(#[case] changes: Value) {
    assert_eq!(checked(&changes), Ok(()));
}

#[rstest]
#[case(json!({ "iss": "https://idp.example/" }), "iss of")]
#[case(json!({ "sub": "" }), "sub of")]
#[case(json!({ "sub": "a\u{0}b" }), "sub of")]
#[case(json!({ "sub": "x".repeat(256) }), "sub of")]
#[case(json!({ "aud": "https://other.example" }), "aud of")]
#[case(json!({ "aud": ["https://id.example", "https://other.example"] }), "aud of")]
#[case(json!({ "aud": [] }), "aud of")]
#[case(json!({ "client_id": "other" }), "client_id of")]
#[case(json!({ "client_id": null }), "invalid type")]
#[case(json!({ "jti": "" }), "jti of")]
#[case(json!({ "jti": null }), "invalid type")]
#[case(json!({ "exp": NOW - 60 }), "has expired")]
#[case(json!({ "exp": NOW + 4000 }), "exp of")]
#[case(json!({ "iat": NOW + 60 }), "iat of")]
#[case(json!({ "iat": null }), "iat of the assertion is missing")]
#[case(json!({ "nbf": NOW + 60 }), "nbf of")]
#[case(json!({ "cnf": { "jkt": "x" } }), "cnf of")]
#[case(json!({ "tenant": "acme" }), "tenant of")]
#[case(json!({ "authorization_details": [] }), "authorization_details of")]
fn assertion_outside_the_rules_is_refused(#[case] changes: Value, #[case] reason: &str) {
    let refused = checked(&changes).expect_err("refused");
    assert!(refused.contains(reason), "{refused}");
}

fn granted(claims: &Value, scope: Option<&str>, resource: Option<&str>) -> Result<String, Cause> {
    let offered = |name: &str| Offered { name: name.to_owned(), is_default: name == "message:read" };
    let talk = ["message:read", "message:send", "message:edit"].map(offered).to_vec();
    let servers = [(TALK.to_owned(), talk), (BANK.to_owned(), vec![offered("payment:make")])];
    let offer = Offer::new(servers, "https://id.example/userinfo".to_owned());
    let client: ClientMetadata = serde_json::from_value(json!({
        "client_name": "Agent", "scope": "openid message:read message:send payment:make",
    }))
    .expect("client metadata");
    let scope = scope.map(|scope| ScopeSet::parse(scope).expect("a scope list"));
    let requested = Requested { scope: scope.as_ref(), resource };
    let granted = grant(&assertion(claims).expect("an assertion"), requested, &client, &offer);
    granted.map(|granted| format!("{} at {}", granted.scope, granted.resource)).map_err(|error| error.cause)
}

#[rstest]
#[case::asserted(json!({}), None, None, Ok("message:read at https://talk.example"))]
#[case::slash(json!({ "resource": "https://talk.example/" }), None, Some(TALK), Ok("message:read at https://talk.example"))]
#[case::narrowed(json!({ "scope": "message:read message:send" }), Some("message:send payment:make"), None, Ok("message:send at https://talk.example"))]
#[case::several(json!({ "resource": [TALK, BANK], "scope": "message:read payment:make" }), None, Some(BANK), Ok("payment:make at https://bank.example"))]
#[case::owner(json!({ "resource": null, "scope": "payment:make" }), None, None, Ok("payment:make at https://bank.example"))]
#[case::default_scope(json!({ "scope": null }), None, None, Ok("message:read at https://talk.example"))]
#[case::no_sign_in(json!({ "scope": "openid message:read" }), None, None, Ok("message:read at https://talk.example"))]
#[case::unregistered(json!({ "scope": "message:read message:edit" }), None, None, Ok("message:read at https://talk.example"))]
#[case::only_unregistered(json!({ "scope": "message:edit" }), None, None, Err(Cause::ScopeUnregistered))]
#[case::wider_request(json!({}), Some("message:send"), None, Err(Cause::ScopeUnregistered))]
#[case::beyond_the_default(json!({ "scope": null }), Some("message:send"), None, Err(Cause::ScopeUnregistered))]
#[case::other_resource(json!({}), None, Some(BANK), Err(Cause::ResourceNotGranted))]
#[case::scope_of_another(json!({ "scope": "payment:make" }), None, None, Err(Cause::ScopeUnregistered))]
#[case::unknown_resource(json!({ "resource": "https://nobody.example" }), None, None, Err(Cause::AssertionInvalid))]
#[case::unnamed_resource(json!({ "resource": [TALK, BANK] }), None, None, Err(Cause::ResourceMissing))]
#[case::ambiguous(json!({ "resource": null, "scope": "message:read payment:make" }), None, None, Err(Cause::ResourceAmbiguous))]
#[case::nothing_named(json!({ "resource": null, "scope": null }), None, None, Err(Cause::ScopeMissing))]
fn grant_is_asserted_requested_registered_and_offered(
    #[case] claims: Value,
    #[case] scope: Option<&str>,
    #[case] resource: Option<&str>,
    #[case] expected: Result<&str, Cause>,
) {
    assert_eq!(granted(&claims, scope, resource), expected.map(str::to_owned));
}

#[rstest]
#[case(json!({ "email": "ada@Example.com", "email_verified": true }), true)]
#[case(json!({ "email": "ada@example.com", "email_verified": false }), false)]
#[case(json!({ "email": "ada@example.com", "email_verified": "true" }), false)]
#[case(json!({ "email": "ada@example.com" }), false)]
#[case(json!({ "email": "ada@sub.example.com", "email_verified": true }), false)]
#[case(json!({ "email": "ada@example.com@other.example", "email_verified": true }), false)]
#[case(json!({ "email": "a\u{0}@example.com", "email_verified": true }), false)]
#[case(json!({ "email": "example.com", "email_verified": true }), false)]
fn email_identifies_a_user_only_when_verified_in_a_trusted_domain(#[case] claims: Value, #[case] expected: bool) {
    let assertion = assertion(&claims).expect("an assertion");
    assert_eq!(trusted_email(&assertion, &["example.com".to_owned()]).is_some(), expected);
    assert_eq!(trusted_email(&assertion, &[]), None);
}

#[test]
fn issuer_is_read_from_a_jwt_of_this_type_only() {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let jwt = |header: &str| {
        [header, r#"{"iss":"https://idp.example"}"#, "x"].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".")
    };
    let issuer = unverified_issuer(&jwt(r#"{"alg":"ES256","typ":"oauth-id-jag+jwt"}"#));
    assert_eq!(issuer.as_deref(), Ok("https://idp.example"));
    for header in [r#"{"alg":"ES256"}"#, r#"{"alg":"ES256","typ":"JWT"}"#, r#"{"alg":"ES256","typ":7}"#, "no"] {
        assert_eq!(unverified_issuer(&jwt(header)).map_err(|error| error.cause), Err(Cause::AssertionUntrusted));
    }
}
