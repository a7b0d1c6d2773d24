//! Invalid token requests: each gets its error code, none a server error, none echoes a secret.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{
    Answer, App, TestServer,
    app::{CHALLENGE, VERIFIER, basic},
};

const OTHER_VERIFIER: &str = "dBkftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Asserts a JSON error response with all required headers.
fn assert_refused(answer: &Answer, error: &str, what: &str) {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    assert_eq!((answer.status, answer.json["error"].as_str()), (status, Some(error)), "{what}: {answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert!(!answer.text("error_description").is_empty(), "{what}");
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge.starts_with("Basic "), error == "invalid_client", "{what}: {challenge}");
}

/// Posts a body unchanged.
async fn post_raw(app: &App, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = reqwest::Client::new().post(app.url("/token")).header("content-type", content_type).body(body);
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn client_authentication_obeys_the_registered_method() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let secret = shop.secret.clone().expect("a secret");
    let poster = server.register("poster", json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    let poster_secret = poster.secret.clone().expect("a secret");
    let header_only = server.register("header", json!({ "token_endpoint_auth_method": "client_secret_basic" })).await;
    let header_secret = header_only.secret.clone().expect("a secret");
    server.native().await;
    let grant = ("grant_type", "client_credentials");
    let right = basic("shop", &secret);
    assert_eq!(shop.post_as("/token", &[grant], Some(&right)).await.status, 200);
    assert_eq!(shop.post_as("/token", &[grant, ("client_id", "shop")], Some(&right)).await.status, 200);
    assert_eq!(shop.post_as("/token", &[grant], Some(&right.replace("Basic", "bAsIc"))).await.status, 200);
    let posted = [grant, ("client_id", "poster"), ("client_secret", &poster_secret)];
    assert_eq!(shop.post_as("/token", &posted, None).await.status, 200);

    let unpinned = [grant, ("client_id", "shop"), ("client_secret", &secret)];
    assert_eq!(shop.post_as("/token", &unpinned, None).await.status, 200);

    let raw = |credentials: &str| format!("Basic {}", BASE64_STANDARD.encode(credentials));
    for (what, fields, header, error) in [
        ("nothing", vec![], None, "invalid_client"),
        ("no secret", vec![("client_id", "shop")], None, "invalid_client"),
        ("an empty secret", vec![("client_id", "shop"), ("client_secret", "")], None, "invalid_client"),
        ("post for basic", vec![("client_id", "header"), ("client_secret", &header_secret)], None, "invalid_client"),
        ("basic for post", vec![], Some(basic("poster", &poster_secret)), "invalid_client"),
        ("basic for a public client", vec![], Some(basic("pocket", "")), "invalid_client"),
        ("another's secret", vec![], Some(basic("shop", &poster_secret)), "invalid_client"),
        ("an unknown client", vec![], Some(basic("nobody", &secret)), "invalid_client"),
        ("a resource server", vec![], Some(basic("talk", &server.talk_secret)), "invalid_client"),
        ("two methods", vec![("client_secret", secret.as_str())], Some(right.clone()), "invalid_request"),
        ("another client_id", vec![("client_id", "poster")], Some(right.clone()), "invalid_request"),
        ("an assertion", vec![("client_assertion", "e30.e30.x")], Some(right.clone()), "invalid_request"),
        ("a Bearer header", vec![("client_id", "shop")], Some(format!("Bearer {secret}")), "invalid_client"),
        ("no base64", vec![], Some("Basic !!!".to_owned()), "invalid_client"),
        ("no colon", vec![], Some(raw("shop")), "invalid_client"),
        ("a scheme alone", vec![], Some("Basic".to_owned()), "invalid_client"),
        ("bad percent-encoding", vec![], Some(raw(&format!("sh%zzop:{secret}"))), "invalid_client"),
        ("an ampersand", vec![], Some(raw(&format!("shop&x:{secret}"))), "invalid_client"),
        ("a shortened secret", vec![], Some(basic("shop", &secret[1..])), "invalid_client"),
        ("a lengthened secret", vec![], Some(basic("shop", &format!("{secret}="))), "invalid_client"),
    ] {
        let fields = [vec![grant], fields].concat();
        let answer = shop.post_as("/token", &fields, header.as_deref()).await;
        assert_refused(&answer, error, what);
        assert!(!answer.body.contains(&secret) && !answer.body.contains(&poster_secret), "{what}: {}", answer.body);
    }
    let not_utf8 = format!("Basic {}", BASE64_STANDARD.encode(b"shop:\xff\xfe"));
    assert_refused(&shop.post_as("/token", &[grant], Some(&not_utf8)).await, "invalid_client", "no UTF-8");
}

#[tokio::test]
async fn token_request_body_is_one_form() {
    let server = TestServer::start().await;
    let poster = server.register("poster", json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    let secret = poster.secret.clone().expect("a secret");
    let good = format!("grant_type=client_credentials&client_id=poster&client_secret={secret}");
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post_raw(&poster, "Application/X-WWW-Form-Urlencoded; charset=utf-8", good.clone()).await.status, 200);
    let json = json!({ "grant_type": "client_credentials", "client_secret": secret, "x": "=%zz" }).to_string();
    for (what, content_type, body, error) in [
        ("JSON", "application/json", json.clone().into_bytes(), "invalid_request"),
        ("JSON that says it is a form", form, json.into_bytes(), "invalid_request"),
        ("multipart", "multipart/form-data; boundary=x", good.clone().into_bytes(), "invalid_request"),
        ("plain text", "text/plain", good.clone().into_bytes(), "invalid_request"),
        ("no type", "", good.clone().into_bytes(), "invalid_request"),
        ("nothing", form, Vec::new(), "invalid_request"),
        ("a repeated parameter", form, format!("{good}&scope=a&scope=a").into_bytes(), "invalid_request"),
        ("a repeated secret", form, format!("{good}&client_secret={secret}").into_bytes(), "invalid_request"),
        ("a secret for a name", form, format!("{good}&{secret}&{secret}").into_bytes(), "invalid_request"),
        ("a secret for a broken name", form, format!("{good}&{secret}=%zz").into_bytes(), "invalid_request"),
        ("bad percent-encoding", form, format!("{good}&x=%4").into_bytes(), "invalid_request"),
        ("encoded bytes that are no UTF-8", form, format!("{good}&x=%ff").into_bytes(), "invalid_request"),
        ("bytes that are no UTF-8", form, [good.as_bytes(), b"&x=\xff"].concat(), "invalid_request"),
        ("a control character", form, format!("{good}&x=%00").into_bytes(), "invalid_request"),
        ("too many parameters", form, format!("{good}{}", "&x".repeat(101)).into_bytes(), "invalid_request"),
        ("too long a body", form, format!("{good}&x={}", "a".repeat(17_000)).into_bytes(), "invalid_request"),
        ("another grant", form, good.replace("client_credentials", "password").into_bytes(), "unsupported_grant_type"),
        ("implicit", form, good.replace("client_credentials", "implicit").into_bytes(), "unsupported_grant_type"),
        ("no grant", form, good.replace("grant_type", "grant").into_bytes(), "invalid_request"),
        ("an unknown scope", form, format!("{good}&scope=payment:make").into_bytes(), "invalid_scope"),
        ("a scope about a user", form, format!("{good}&scope=openid").into_bytes(), "invalid_scope"),
        ("an unknown resource", form, format!("{good}&resource=https://x.example").into_bytes(), "invalid_target"),
        ("no code", form, good.replace("client_credentials", "authorization_code").into_bytes(), "invalid_request"),
        ("no refresh token", form, good.replace("client_credentials", "refresh_token").into_bytes(), "invalid_request"),
    ] {
        let answer = post_raw(&poster, content_type, body).await;
        assert_refused(&answer, error, what);
        assert!(!answer.body.contains(&secret), "{what}: {}", answer.body);
    }
    let get = reqwest::get(format!("{}?{good}", poster.url("/token"))).await.expect("an answer");
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn unregistered_grant_type_is_unauthorized_client() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let login = server.register("login", json!({ "grant_types": ["authorization_code"] })).await;
    let tokens = login.tokens("profile:read").await;
    assert_eq!(tokens.json["refresh_token"], json!(null));
    let refresh_token = shop.tokens("profile:read").await.text("refresh_token").to_owned();
    assert_refused(&login.refresh(&refresh_token).await, "unauthorized_client", "refresh_token");
    let answer = login.post("/token", &[("grant_type", "client_credentials")]).await;
    assert_refused(&answer, "unauthorized_client", "client_credentials");
}

#[tokio::test]
async fn code_is_bound_to_client_redirect_uri_and_verifier() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let other = server.register("other", json!({})).await;
    let code = shop.code("openid profile:read").await;
    let fields = |changes: &[(&'static str, &'static str)]| {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", "https://shop.example/callback"),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        fields
    };
    let long = "a".repeat(129).leak();
    for (what, client, changes, error) in [
        ("another client", &other, vec![], "invalid_grant"),
        ("no verifier", &shop, vec![("code_verifier", "")], "invalid_grant"),
        ("another verifier", &shop, vec![("code_verifier", OTHER_VERIFIER)], "invalid_grant"),
        ("the challenge as its own verifier", &shop, vec![("code_verifier", CHALLENGE)], "invalid_grant"),
        ("a short verifier", &shop, vec![("code_verifier", "short")], "invalid_grant"),
        ("a long verifier", &shop, vec![("code_verifier", long)], "invalid_grant"),
        ("no redirect_uri", &shop, vec![("redirect_uri", "")], "invalid_grant"),
        ("another redirect_uri", &shop, vec![("redirect_uri", "https://shop.example/callback/")], "invalid_grant"),
        ("another resource", &shop, vec![("resource", "https://bank.example")], "invalid_target"),
        ("a text that is no code", &shop, vec![("code", "nonsense")], "invalid_grant"),
        ("a dot", &shop, vec![("code", ".")], "invalid_grant"),
    ] {
        let answer = client.post("/token", &fields(&changes)).await;
        assert_refused(&answer, error, what);
        assert!(!answer.body.contains(&code), "{what}: {}", answer.body);
    }
    let (id, secret) = code.split_once('.').expect("a handle");
    let (other_id, _) = shop
        .code("openid profile:read")
        .await
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a handle");
    for forged in [format!("{other_id}.{secret}"), format!("{id}.{}", VERIFIER), format!("{id}."), format!("{code}A")] {
        assert_refused(&shop.exchange_code(&forged).await, "invalid_grant", "a forged code");
    }
    // None of these attempts has used up the code.
    shop.exchange_code(&code).await.ok();
}

#[tokio::test]
async fn code_expires_and_is_void_for_a_disabled_user() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let code = shop.code("profile:read").await;
    server.clock.advance(61);
    assert_refused(&shop.exchange_code(&code).await, "invalid_grant", "an expired code");
    let code = shop.code("profile:read").await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| writ::store::accounts::disable(tx, alice)).await;
    assert_refused(&shop.exchange_code(&code).await, "invalid_grant", "the code of a disabled user");
}

#[tokio::test]
async fn pkce_is_optional_only_when_registered_and_then_all_or_nothing() {
    let server = TestServer::start().await;
    let old = server.register("old", json!({ "require_pkce": false })).await;
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let fields = [("grant_type", "authorization_code"), ("redirect_uri", old.redirect_uri.as_str())];
    let with = |code: &'static str, verifier: Option<&'static str>| {
        let mut all = fields.to_vec();
        all.push(("code", code));
        all.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        all
    };
    // Without a challenge, a nonce binds the request.
    let page = server.browser().get(&old.authorize_url("openid profile:read", &none)).await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));
    let bound = [&none[..], &[("nonce", "n-1")]].concat();
    let page = server.browser().get(&old.authorize_url("profile:read", &bound)).await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"), "a nonce without openid binds nothing");
    let method_alone = [("code_challenge", ""), ("nonce", "n-1")];
    let page = server.browser().get(&old.authorize_url("openid profile:read", &method_alone)).await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));

    let sent = old.authorize_as("alice", "openid profile:read", &bound).await;
    let code: &'static str = sent.parameter("code").expect("a code").leak();
    let unasked = old.post("/token", &with(code, Some(VERIFIER))).await;
    assert_refused(&unasked, "invalid_grant", "a verifier where no challenge was sent");
    assert_eq!(old.post("/token", &with(code, None)).await.ok().claims("id_token")["nonce"], "n-1");
    // A challenge that was sent is still enforced.
    let code: &'static str = old.code("openid profile:read").await.leak();
    assert_refused(&old.post("/token", &with(code, None)).await, "invalid_grant", "a missing verifier");
    old.post("/token", &with(code, Some(VERIFIER))).await.ok();
}
