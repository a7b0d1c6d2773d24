//! The metadata document: equal at both URLs, true, and independent of request headers.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::TestServer;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const WELL_KNOWN: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

async fn document(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Value {
    let mut request = Client::new().get(format!("{}{path}", server.issuer));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    assert_eq!(
        (answer.status(), &answer.headers()["content-type"]),
        (StatusCode::OK, &"application/json".parse().expect("a header"))
    );
    answer.json().await.expect("a document")
}

#[tokio::test]
async fn issuer_ignores_host_headers() {
    let server = TestServer::start().await;
    let plain = document(&server, WELL_KNOWN[0], &[]).await;
    assert_eq!(plain["issuer"], server.issuer);
    for path in WELL_KNOWN {
        for headers in [
            &[][..],
            &[("host", "evil.example")],
            &[("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "443")],
            &[("forwarded", "for=192.0.2.1;host=evil.example;proto=https")],
        ] {
            assert_eq!(document(&server, path, headers).await, plain, "{path} {headers:?}");
        }
    }
    let shop = server.shop().await;
    let request = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let request = request.get(shop.authorize_url("profile:read", &[("prompt", "none")])).header("host", "evil.example");
    let answer = request.send().await.expect("an answer");
    let location = answer.headers()["location"].to_str().expect("ASCII");
    assert!(!location.contains("evil") && location.contains("iss=http%3A%2F%2F127.0.0.1"), "{location}");
}

#[tokio::test]
async fn metadata_endpoints_exist_and_promises_hold() {
    let server = TestServer::start().await;
    let document = document(&server, WELL_KNOWN[1], &[]).await;
    for (name, expected) in [
        ("authorization_endpoint", StatusCode::BAD_REQUEST),
        ("token_endpoint", StatusCode::METHOD_NOT_ALLOWED),
        ("userinfo_endpoint", StatusCode::UNAUTHORIZED),
        ("jwks_uri", StatusCode::OK),
        ("end_session_endpoint", StatusCode::OK),
        ("revocation_endpoint", StatusCode::METHOD_NOT_ALLOWED),
        ("introspection_endpoint", StatusCode::METHOD_NOT_ALLOWED),
        ("pushed_authorization_request_endpoint", StatusCode::METHOD_NOT_ALLOWED),
        ("device_authorization_endpoint", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let url = document[name].as_str().unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(reqwest::get(url).await.expect("an answer").status(), expected, "{name}");
    }
    for (name, expected) in [
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        (
            "grant_types_supported",
            json!(["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE, TOKEN_EXCHANGE]),
        ),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]),
        ),
        (
            "introspection_endpoint_auth_methods_supported",
            json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]),
        ),
        ("subject_types_supported", json!(["public", "pairwise"])),
        ("claims_parameter_supported", json!(true)),
        ("backchannel_logout_session_supported", json!(true)),
        ("frontchannel_logout_session_supported", json!(true)),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("request_parameter_supported", json!(true)),
        ("request_uri_parameter_supported", json!(true)),
        ("require_request_uri_registration", json!(true)),
    ] {
        assert_eq!(document[name], expected, "{name}");
    }
    let strings = |name: &str| -> Vec<String> { serde_json::from_value(document[name].clone()).expect(name) };
    for scope in ["openid", "offline_access", "profile:read", "message:send"] {
        assert!(strings("scopes_supported").iter().any(|known| known == scope), "{scope}");
    }
    for alg in ["RS256", "ES256", "EdDSA"] {
        for name in ["id_token_signing_alg_values_supported", "userinfo_signing_alg_values_supported"] {
            assert!(strings(name).iter().any(|known| known == alg), "{name}: {alg}");
        }
    }
}
