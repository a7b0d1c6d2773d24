//! `private_key_jwt` (RFC 7523): an assertion names this server, is short-lived and single-use.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    App, TestServer, changed,
    client_key::{ASSERTION_TYPE, ClientKey, post_with},
};

const OWN: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "message:read")];

/// A server, and a client `bank` that signs with `key`.
async fn bank(key: &ClientKey, more: Value) -> (TestServer, App) {
    let server = TestServer::start().await;
    let metadata = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks() });
    let app = server.register("bank", changed(metadata, &more)).await;
    assert!(app.secret.is_none(), "there is nothing to share");
    (server, app)
}

fn claims(server: &TestServer) -> Value {
    ClientKey::assertion_claims("bank", &server.issuer, server.clock.now())
}

#[tokio::test]
async fn client_assertion_works_with_every_alg_at_every_endpoint() {
    for alg in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = ClientKey::new(alg);
        let (server, bank) = bank(&key, json!({})).await;
        let tokens = post_with(&bank, "/token", &OWN, &key.sign(&claims(&server))).await.ok();
        let token = [("token", tokens.text("access_token"))];
        let told = post_with(&bank, "/introspect", &token, &key.sign(&claims(&server))).await.ok();
        assert_eq!(told.json["active"], true, "{alg:?}");
        post_with(&bank, "/revoke", &token, &key.sign(&claims(&server))).await.ok();
        let told = post_with(&bank, "/introspect", &token, &key.sign(&claims(&server))).await.ok();
        assert_eq!(told.json["active"], false, "{alg:?}");
    }
}

#[tokio::test]
async fn private_key_jwt_client_completes_the_code_flow() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({ "require_pushed_authorization_requests": true })).await;
    let pushed =
        post_with(&bank, "/par", &bank.parameters("openid profile:read", &[]), &key.sign(&claims(&server))).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let browser = server.browser();
    let login = browser.open(&format!("/authorize?client_id=bank&request_uri={}", pushed.text("request_uri"))).await;
    let consent = browser.sign_in(&login, "alice").await;
    let code = browser.allow(&consent, &["openid", "profile:read"]).await.parameter("code").expect("a code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &bank.redirect_uri),
        ("code_verifier", crate::support::app::VERIFIER),
    ];
    assert_eq!(bank.post_as("/token", &fields, None).await.refused(401), "invalid_client");
    let tokens = post_with(&bank, "/token", &fields, &key.sign(&claims(&server))).await.ok();
    assert_eq!(tokens.claims("id_token")["aud"], "bank");
}

#[tokio::test]
async fn client_assertion_is_single_use_across_nodes() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({})).await;
    let other_node = server.second_node().await;
    let assertion = key.sign(&claims(&server));
    let elsewhere = bank.at(&other_node.issuer);
    let (one, two, three) = tokio::join!(
        post_with(&bank, "/token", &OWN, &assertion),
        post_with(&elsewhere, "/token", &OWN, &assertion),
        post_with(&bank, "/token", &OWN, &assertion),
    );
    let accepted = [&one, &two, &three].into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(accepted, 1, "{one:?} {two:?} {three:?}");
    assert_eq!(post_with(&bank, "/revoke", &[("token", "x")], &assertion).await.refused(401), "invalid_client");
}

#[tokio::test]
async fn client_assertion_with_wrong_claims_is_refused() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({})).await;
    let now = server.clock.now();
    let refused: [(&str, Value); 19] = [
        ("iss", json!("shop")),
        ("iss", Value::Null),
        ("sub", json!("shop")),
        ("sub", Value::Null),
        ("aud", json!("https://other.example")),
        ("aud", json!([server.issuer, "https://other.example"])),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(now - 10)),
        ("exp", json!(now + 3700)),
        ("exp", json!(1e300)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iat", json!(now + 60)),
        ("nbf", json!(now + 60)),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("j".repeat(256))),
        ("jti", json!("j\u{0}")),
    ];
    for (name, value) in refused {
        let mut changed = claims(&server);
        changed[name] = value.clone();
        if value.is_null() {
            changed.as_object_mut().expect("an object").remove(name);
        }
        let answer = post_with(&bank, "/token", &OWN, &key.sign(&changed)).await;
        assert_eq!(answer.refused(401), "invalid_client", "{name} = {value}");
    }
    // Small clock differences are tolerated, the token endpoint is an accepted audience, and `iat`
    // is optional.
    let accepted: [(&str, Value); 7] = [
        ("exp", json!(now - 5)),
        ("exp", json!(now as f64 + 30.5)),
        ("iat", json!(now + 5)),
        ("iat", json!(now - 86_400)),
        ("aud", json!(format!("{}/token", server.issuer))),
        ("aud", json!([server.issuer])),
        ("aud", json!([server.issuer, format!("{}/token", server.issuer)])),
    ];
    for (name, value) in accepted {
        let mut changed = claims(&server);
        changed[name] = value;
        post_with(&bank, "/token", &OWN, &key.sign(&changed)).await.ok();
    }
}

#[tokio::test]
async fn client_assertion_of_another_key_or_typ_is_refused() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({})).await;
    let strange = ClientKey::new(Algorithm::ES256);
    let claims = || claims(&server);
    let forged = strange.sign_as(&claims(), |header| header.kid = Some(key.kid.clone()));
    let (head, rest) = key.sign(&claims()).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a JWT");
    let none = "eyJhbGciOiJub25lIn0";
    for assertion in [
        strange.sign(&claims()),
        forged,
        strange.sign_as(&claims(), |header| header.kid = None),
        key.sign_as(&claims(), |header| header.typ = Some("oauth-authz-req+jwt".to_owned())),
        key.sign_as(&claims(), |header| header.kid = Some("unknown".to_owned())),
        format!("{none}.{rest}"),
        format!("{none}.{}.", rest.split('.').next().expect("a payload")),
        format!("{head}.{rest}x"),
        "no JWT".to_owned(),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(post_with(&bank, "/token", &OWN, &assertion).await.refused(401), "invalid_client", "{assertion}");
    }
    // A symmetric signature with a public value proves nothing.
    let header = jsonwebtoken::Header::new(Algorithm::HS256);
    let public = serde_json::to_vec(&key.jwk).expect("JSON");
    let secret = jsonwebtoken::EncodingKey::from_secret(&public);
    let symmetric = jsonwebtoken::encode(&header, &claims(), &secret).expect("signed");
    assert_eq!(post_with(&bank, "/token", &OWN, &symmetric).await.refused(401), "invalid_client");
    post_with(&bank, "/token", &OWN, &key.sign_as(&claims(), |header| header.kid = None)).await.ok();
    let typed = key.sign_as(&claims(), |header| header.typ = Some("client-authentication+jwt".to_owned()));
    post_with(&bank, "/token", &OWN, &typed).await.ok();
}

#[tokio::test]
async fn client_assertion_excludes_other_methods() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({})).await;
    let assertion = || key.sign(&claims(&server));
    let basic = crate::support::app::basic("bank", "secret");
    let mut fields = OWN.to_vec();
    let signed = assertion();
    fields.extend([("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &*signed)]);
    assert_eq!(bank.post_as("/token", &fields, Some(&basic)).await.refused(400), "invalid_request");
    for (name, value, status, error) in
        [("client_secret", "x", 400, "invalid_request"), ("client_id", "shop", 400, "invalid_request")]
    {
        let mut fields = OWN.to_vec();
        fields.push((name, value));
        assert_eq!(post_with(&bank, "/token", &fields, &assertion()).await.refused(status), error, "{name}");
    }
    let typeless = [OWN[0], OWN[1], ("client_assertion", &*signed)];
    assert_eq!(bank.post_as("/token", &typeless, None).await.refused(400), "invalid_request");
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let other = [OWN[0], OWN[1], ("client_assertion", &*signed), ("client_assertion_type", saml)];
    assert_eq!(bank.post_as("/token", &other, None).await.refused(401), "invalid_client");
    assert_eq!(bank.post("/token", &OWN).await.refused(401), "invalid_client");
    // A client with another method cannot use an assertion.
    let shop = server.shop().await;
    let claims = ClientKey::assertion_claims("shop", &server.issuer, server.clock.now());
    assert_eq!(post_with(&shop, "/token", &OWN, &key.sign(&claims)).await.refused(401), "invalid_client");
    for nobody in ["nobody", "bank\0"] {
        let nobody = ClientKey::assertion_claims(nobody, &server.issuer, server.clock.now());
        assert_eq!(post_with(&shop, "/token", &OWN, &key.sign(&nobody)).await.refused(401), "invalid_client");
    }
}

#[tokio::test]
async fn metadata_lists_private_key_jwt_and_its_algs() {
    let server = TestServer::start().await;
    let metadata = server.metadata().await;
    for endpoint in ["token", "revocation", "introspection"] {
        let methods = metadata[format!("{endpoint}_endpoint_auth_methods_supported")].as_array().expect("a list");
        assert!(methods.contains(&json!("private_key_jwt")), "{endpoint}");
        let algorithms = &metadata[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")];
        assert_eq!(*algorithms, json!(["RS256", "PS256", "ES256", "EdDSA"]), "{endpoint}");
    }
}

#[tokio::test]
async fn client_assertion_alg_is_limited_to_the_registered_one() {
    let key = ClientKey::new(Algorithm::PS256);
    let (server, bank) = bank(&key, json!({ "token_endpoint_auth_signing_alg": "PS256" })).await;
    let assertion = key.sign(&claims(&server));
    post_with(&bank, "/token", &OWN, &assertion).await.ok();
    let other = key.sign_as(&claims(&server), |header| header.alg = Algorithm::RS256);
    assert_eq!(post_with(&bank, "/token", &OWN, &other).await.refused(401), "invalid_client");
}
