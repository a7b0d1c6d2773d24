//! Presets: providers that answer in their documented shapes.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::StatusCode;
use serde_json::{Value, json};
use writ::store::linked_subjects;
use writ_jose::CompactJws;

use crate::support::{
    Browser, Page, TestServer, changed,
    client_key::ClientKey,
    provider::{Away, CLIENT_ID, START, StubProvider, is_account, is_first_time, leave, sign_in_and_link},
};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const CALLBACK: &str = "/login/with/stub/callback";

/// A server with a preset whose endpoints are those of the stub.
async fn server(stub: &StubProvider, preset: &str, members: Value) -> TestServer {
    let endpoint = |path: &str| stub.site.url(path);
    let trusted: &[&str] = if ["apple", "github"].contains(&preset) { &[] } else { &["example.com", "gmail.com"] };
    let mut all = json!({
        "preset": preset, "create_accounts": true, "trusted_email_domains": trusted,
        "authorization_endpoint": endpoint("/authorize"), "token_endpoint": endpoint("/token"),
    });
    let further: &[&str] = match preset {
        "google" => &[],
        "naver" | "github" => &["userinfo_endpoint"],
        "apple" | "line" => &["jwks_uri"],
        _ => &["jwks_uri", "userinfo_endpoint"],
    };
    for member in further {
        all[*member] = json!(endpoint(if *member == "jwks_uri" { "/jwks" } else { "/user" }));
    }
    if preset == "google" {
        for member in ["authorization_endpoint", "token_endpoint"] {
            all.as_object_mut().expect("an object").remove(member);
        }
    }
    stub.server(changed(all, &members)).await
}

fn is_refused(page: &Page) -> bool {
    page.is_login() && page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"error\"")
}

/// Follows an authorization response with this code.
async fn back(browser: &Browser, away: &Away) -> Page {
    let page = browser.get(&away.callback("code=c")).await;
    browser.follow(page).await
}

/// What the server has posted to the token endpoint last.
fn token_request(stub: &StubProvider) -> Vec<(String, String)> {
    let body = stub.site.bodies("/token").pop().expect("a request");
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn field(request: &[(String, String)], name: &str) -> Option<String> {
    request.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
}

async fn links(server: &TestServer, username: &'static str) -> Vec<String> {
    let id = server.user_id(username).await;
    let links = server.write(move |tx| linked_subjects::list_of_user(tx, id)).await;
    links.into_iter().map(|link| link.subject).collect()
}

#[tokio::test]
async fn google_opens_accounts_only_with_addresses_that_it_runs() {
    let stub = StubProvider::start();
    let server = server(&stub, "google", json!({ "hosted_domain": "example.com" })).await;
    let away = leave(&server.browser(), START).await;
    assert_eq!(away.parameter("hd").as_deref(), Some("example.com"));
    let address = json!({ "email": "alice@example.com", "email_verified": true });
    for changes in [json!({ "hd": null }), json!({ "hd": "other.example" }), json!({ "hd": ["example.com"] })] {
        let page = stub.sign_in(&server, &server.browser(), START, changed(address.clone(), &changes)).await;
        assert!(is_refused(&page), "{changes}: {}", page.body);
    }
    let without_scheme = stub.issuer().replace("http://", "");
    let claims = json!({ "hd": "example.com", "iss": without_scheme });
    assert!(is_refused(&stub.sign_in(&server, &server.browser(), START, changed(address.clone(), &claims)).await));
    let claims = changed(address, &json!({ "hd": "example.com" }));
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, claims).await));
    assert_eq!(links(&server, "alice").await, ["u1"]);
}

#[tokio::test]
async fn google_does_not_run_the_address_of_an_account_elsewhere() {
    let stub = StubProvider::start();
    let server = server(&stub, "google", json!({})).await;
    let claims = json!({ "email": "alice@example.com", "email_verified": true });
    let page = stub.sign_in(&server, &server.browser(), START, claims).await;
    assert!(is_first_time(&page), "{}", page.body);
    assert!(links(&server, "alice").await.is_empty());
    let shop = server.shop().await;
    let login = server.browser().open(&shop.authorize_url("profile:read", &[("max_age", "60")])).await;
    assert!(login.is_login() && !login.body.contains(START), "it does not say when: {}", login.body);
}

#[tokio::test]
async fn apple_gets_a_signed_client_secret_and_posts_its_response() {
    let stub = StubProvider::start();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), key.serialize_pem()).expect("written");
    let signed = json!({ "team_id": "TEAM", "key_id": "KEY", "private_key_file": file.path() });
    let members = json!({ "client_secret": null, "client_secret_jwt": signed });
    let server = server(&stub, "apple", members).await;
    let (browser, apple) = (server.browser(), server.browser());
    let away = leave(&browser, START).await;
    assert_eq!(away.parameter("response_mode").as_deref(), Some("form_post"));
    assert_eq!(away.parameter("scope").as_deref(), Some("openid name email"));
    let claims = json!({ "email": "ada@privaterelay.appleid.example", "email_verified": "true", "name": null });
    stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &claims)));

    // The form of another site comes without the cookies of this one.
    let user = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"alice@example.com"}"#;
    let form = [("state", &*away.state), ("code", "c"), ("user", user), ("id_token", "x")];
    let posted = apple.post(CALLBACK, &form).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER, "{}", posted.body);
    assert_eq!(stub.site.fetched("/token"), 0, "a form alone redeems nothing");
    let next = posted.next().expect("a redirect");
    assert!(next.starts_with(&format!("{CALLBACK}?")) && !next.contains("id_token"), "{next}");
    let elsewhere = apple.get(&next).await;
    assert!(elsewhere.status == StatusCode::BAD_REQUEST && !elsewhere.is_login(), "another browser");
    let page = browser.open(&next).await;
    assert!(is_first_time(&page), "{}", page.body);
    assert!(page.body.contains("value=\"Ada Lovelace\"") && page.body.contains("privaterelay"), "{}", page.body);
    assert!(!page.body.contains("alice@example.com"), "the form proves no address");

    let secret = field(&token_request(&stub), "client_secret").expect("a client secret");
    let jws = CompactJws::split(&secret).expect("a JWT");
    let header = jws.header().expect("a header");
    assert_eq!((header["alg"].as_str(), header["kid"].as_str()), (Some("ES256"), Some("KEY")));
    let claims: Value = serde_json::from_slice(&jws.payload().expect("a payload")).expect("claims");
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("TEAM"), &json!(CLIENT_ID)));
    assert_eq!(claims["aud"], "https://appleid.apple.com");
    let now = server.clock.now();
    assert!((now..now + 15_777_000).contains(&claims["exp"].as_i64().expect("a time")), "{claims}");
    let again = browser.open(&next).await;
    assert!(again.status == StatusCode::BAD_REQUEST && !is_first_time(&again), "the state works once");
}

#[tokio::test]
async fn response_is_posted_only_where_the_provider_posts_it() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let browser = server.browser();
    let away = leave(&browser, START).await;
    let posted = browser.post(CALLBACK, &[("state", &away.state), ("code", "c")]).await;
    assert_eq!(posted.status, StatusCode::NOT_FOUND, "{}", posted.body);
    let named = browser.get(&away.callback("error=access_denied&name=Eve")).await;
    assert!(is_refused(&named) && !named.body.contains("Eve"), "{}", named.body);

    let table = json!({ "team_id": "TEAM", "key_id": "KEY" });
    let wrong = stub.settings(&json!({ "preset": "apple", "client_secret": null, "client_secret_jwt": table }));
    assert!(
        writ::upstream::Providers::new(&writ::config::Settings {
            upstream: writ::config::UpstreamSettings { providers: vec![wrong] },
            ..writ::config::Settings::default()
        })
        .is_err()
    );
}

#[tokio::test]
async fn microsoft_names_the_tenant_and_verifies_no_address() {
    let stub = StubProvider::start();
    let issuer = stub.site.url("/common/v2.0");
    let server = server(&stub, "microsoft", json!({ "tenant": "common", "issuer": issuer })).await;
    let of_tenant = |tenant: &str| stub.site.url(&format!("/{tenant}/v2.0"));
    let address = json!({ "email": "alice@example.com", "email_verified": true, "tid": TENANT });
    for changes in [
        json!({ "iss": issuer }),
        json!({ "iss": of_tenant("9188040d-6c67-4c5b-b112-36a304b66dad") }),
        json!({ "iss": of_tenant(TENANT), "tid": null }),
        json!({ "iss": of_tenant("x"), "tid": "x" }),
        json!({ "iss": of_tenant(TENANT), "aud": "other" }),
    ] {
        let page = stub.sign_in(&server, &server.browser(), START, changed(address.clone(), &changes)).await;
        assert!(is_refused(&page), "{changes}: {}", page.body);
    }
    let claims = changed(address, &json!({ "iss": of_tenant(TENANT) }));
    let page = stub.sign_in(&server, &server.browser(), START, claims.clone()).await;
    assert!(is_first_time(&page), "an administrator of any tenant may have entered the address: {}", page.body);
    let verified = changed(claims, &json!({ "xms_edov": true }));
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, verified.clone()).await));
    assert_eq!(links(&server, "alice").await, [format!("{TENANT}/u1")]);
    let other = "11111111-2222-4333-8444-555555555555";
    let same_sub = changed(verified, &json!({ "iss": of_tenant(other), "tid": other, "email": null }));
    stub.site.publish_json("/user", &json!({ "sub": "u1" }));
    let page = stub.sign_in(&server, &server.browser(), START, same_sub).await;
    assert!(is_first_time(&page), "the sub of another tenant is another user: {}", page.body);
}

#[tokio::test]
async fn microsoft_signs_out_in_a_frame_of_the_tenant() {
    let stub = StubProvider::start();
    let (issuer, of_tenant) = (stub.site.url("/common/v2.0"), stub.site.url(&format!("/{TENANT}/v2.0")));
    let server = server(&stub, "microsoft", json!({ "tenant": "common", "issuer": issuer })).await;
    let (browser, frame) = (server.browser(), server.browser());
    let claims = json!({
        "iss": of_tenant, "tid": TENANT, "sid": "s1", "email": "alice@example.com", "xms_edov": true,
    });
    assert!(is_account(&stub.sign_in(&server, &browser, START, claims).await));
    let logout = async |iss: &str| {
        let query = crate::support::address("", &[("iss", iss), ("sid", "s1")]);
        frame.get(&format!("{START}/frontchannel-logout{query}")).await.status
    };
    for other in [&*issuer, &stub.site.url("/x/v2.0"), "https://login.example/common/v2.0"] {
        assert_eq!(logout(other).await, StatusCode::BAD_REQUEST, "{other}");
    }
    assert!(is_account(&browser.open("/account").await));
    assert_eq!(logout(&of_tenant).await, StatusCode::OK);
    assert!(browser.open("/account").await.is_login());
    let back_channel = browser.post(&format!("{START}/backchannel-logout"), &[("logout_token", "x")]).await;
    assert_eq!(back_channel.status, StatusCode::NOT_FOUND, "no token of a single issuer");
}

#[tokio::test]
async fn kakao_says_at_its_userinfo_endpoint_whether_an_address_counts() {
    let stub = StubProvider::start();
    let server = server(&stub, "kakao", json!({})).await;
    let account = |is_valid: bool| {
        json!({ "id": 583_231, "kakao_account": {
            "profile": { "nickname": "민지" }, "email": "alice@example.com",
            "is_email_valid": is_valid, "is_email_verified": true,
        } })
    };
    let claims = json!({ "sub": "583231", "email": "alice@example.com", "name": null });
    stub.site.publish_json("/user", &account(false));
    let page = stub.sign_in(&server, &server.browser(), START, claims.clone()).await;
    assert!(is_first_time(&page) && page.body.contains("민지"), "{}", page.body);
    let request = token_request(&stub);
    assert_eq!(field(&request, "client_secret").as_deref(), Some("secret"), "in the form");
    stub.site.publish_json("/user", &changed(account(true), &json!({ "id": 7 })));
    assert!(is_refused(&stub.sign_in(&server, &server.browser(), START, claims.clone()).await), "another user");
    stub.site.publish_json("/user", &account(true));
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, claims).await));
    assert_eq!(links(&server, "alice").await, ["583231"]);
}

#[tokio::test]
async fn naver_nests_the_user_and_gets_the_state_again() {
    let stub = StubProvider::start();
    let server = server(&stub, "naver", json!({})).await;
    stub.site.publish_json("/token", &json!({ "access_token": "at", "token_type": "bearer", "expires_in": "3600" }));
    let browser = server.browser();
    for answer in [
        json!({ "resultcode": "024", "message": "Authentication failed" }),
        json!({ "resultcode": "00", "response": {} }),
        json!({ "response": [], "id": "x" }),
    ] {
        stub.site.publish_json("/user", &answer);
        let page = back(&browser, &leave(&browser, START).await).await;
        assert!(is_refused(&page), "{answer}: {}", page.body);
    }
    let user = json!({ "id": "32742776", "nickname": "ada", "email": "alice@example.com", "email_verified": true });
    stub.site.publish_json("/user", &json!({ "resultcode": "00", "message": "success", "response": user }));
    let away = leave(&browser, START).await;
    assert_eq!((away.parameter("scope"), away.parameter("nonce")), (None, None));
    let page = back(&browser, &away).await;
    assert!(is_first_time(&page) && page.body.contains("ada"), "its address is never verified: {}", page.body);
    assert_eq!(field(&token_request(&stub), "state"), Some(away.state));
    stub.site.publish_json("/token", &json!({ "error": "invalid_request", "error_description": "no code" }));
    assert!(is_refused(&back(&browser, &leave(&browser, START).await).await));
}

#[tokio::test]
async fn line_signs_with_the_client_secret_and_no_other_provider_does() {
    let stub = StubProvider::start();
    let with_line = server(&stub, "line", json!({})).await;
    let signed = |claims: &Value, alg: Algorithm, secret: &[u8]| {
        jsonwebtoken::encode(&Header::new(alg), claims, &EncodingKey::from_secret(secret)).expect("signed")
    };
    let jwks = stub.key.jwks().to_string();
    let browser = with_line.browser();
    for forge in ["published key", "key set as secret", "another secret", "another algorithm", "wrong nonce", "none"] {
        let away = leave(&browser, START).await;
        let claims = stub.claims(with_line.clock.now(), &away.nonce, &json!({}));
        stub.issue(&match forge {
            "published key" => stub.key.sign(&claims),
            "key set as secret" => signed(&claims, Algorithm::HS256, jwks.as_bytes()),
            "another secret" => signed(&claims, Algorithm::HS256, b"other"),
            "another algorithm" => signed(&claims, Algorithm::HS512, b"secret"),
            "wrong nonce" => signed(&changed(claims, &json!({ "nonce": "other" })), Algorithm::HS256, b"secret"),
            _ => format!("{}.", signed(&claims, Algorithm::HS256, b"secret").rsplit_once('.').expect("a dot").0),
        });
        let page = back(&browser, &away).await;
        assert!(is_refused(&page), "{forge}: {}", page.body);
    }
    let away = leave(&browser, START).await;
    assert!(away.parameter("max_age").is_some(), "without it, LINE does not say when the user authenticated");
    let claims = stub.claims(with_line.clock.now(), &away.nonce, &json!({ "amr": ["linesso"] }));
    stub.issue(&signed(&claims, Algorithm::HS256, b"secret"));
    assert!(is_first_time(&back(&browser, &away).await));
    assert_eq!(stub.site.fetched("/jwks"), 0);

    // The same token at a provider with published keys, and one with the published key as secret.
    let other = stub.server(json!({})).await;
    let browser = other.browser();
    for secret in [&b"secret"[..], jwks.as_bytes()] {
        let away = leave(&browser, START).await;
        stub.issue(&signed(&stub.claims(other.clock.now(), &away.nonce, &json!({})), Algorithm::HS256, secret));
        assert!(is_refused(&back(&browser, &away).await));
    }
}

#[tokio::test]
async fn github_discloses_verified_addresses_elsewhere_and_refuses_with_status_200() {
    let stub = StubProvider::start();
    let server = server(&stub, "github", json!({})).await;
    let browser = server.browser();
    let refusal = json!({ "error": "bad_verification_code", "error_description": "The code is incorrect." });
    stub.site.publish_json("/token", &refusal);
    assert!(is_refused(&back(&browser, &leave(&browser, START).await).await));
    let tokens = json!({ "access_token": "gho_x", "scope": "read:user,user:email", "token_type": "bearer" });
    stub.site.publish_json("/token", &tokens);
    stub.site.publish_json("/user", &json!({ "login": "ada", "id": 1, "name": null, "email": "alice@example.com" }));
    let page = back(&browser, &leave(&browser, START).await).await;
    assert!(is_first_time(&page) && page.body.contains("ada"), "without the scope: {}", page.body);
    for (is_primary, is_verified) in [(true, false), (false, true)] {
        let email = json!({ "email": "alice@example.com", "primary": is_primary, "verified": is_verified });
        stub.site.publish_json("/user/emails", &json!([email]));
        let page = back(&browser, &leave(&browser, START).await).await;
        assert!(is_first_time(&page) && !page.body.contains("alice@example.com"), "{}", page.body);
    }
    let emails = json!([
        { "email": "minji@example.com", "primary": false, "verified": true, "visibility": null },
        { "email": "alice@example.com", "primary": true, "verified": true, "visibility": "private" },
    ]);
    stub.site.publish_json("/user/emails", &emails);
    let mixed_up = leave(&browser, START).await.callback("code=c&iss=https://github.com/login/oauth");
    assert!(is_refused(&browser.get(&mixed_up).await), "it is not the issuer of this configuration");
    let page = back(&browser, &leave(&browser, START).await).await;
    assert!(is_first_time(&page) && page.body.contains("alice@example.com"), "{}", page.body);
    assert!(links(&server, "alice").await.is_empty(), "GitHub does not run the mailbox");
    sign_in_and_link(&browser, &page, "alice").await;
    assert_eq!(links(&server, "alice").await, ["1"]);
}

#[tokio::test]
async fn preset_does_not_weaken_the_signature() {
    for preset in ["google", "microsoft", "kakao"] {
        let stub = StubProvider::start();
        let members = if preset == "microsoft" { json!({ "tenant": "consumers" }) } else { json!({}) };
        let server = server(&stub, preset, members).await;
        let browser = server.browser();
        let stranger = ClientKey::new(Algorithm::ES256);
        let away = leave(&browser, START).await;
        let claims = stub.claims(server.clock.now(), &away.nonce, &json!({}));
        stub.issue(&stranger.sign_as(&claims, |header| header.kid = Some(stub.key.kid.clone())));
        assert!(is_refused(&back(&browser, &away).await), "{preset}");
    }
}
