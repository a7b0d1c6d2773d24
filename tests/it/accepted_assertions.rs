//! Identity assertions as the authorization server of an API sees them: from an identity provider
//! that signs anything.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use writ::store::accounts;

use crate::{
    identity_assertions::{CHAT, agent, chat, is_active, present},
    support::{App, Site, TestServer, changed, client_key::ClientKey, seed::TALK},
};

/// An identity provider that signs anything, and the server that trusts it.
struct Forger {
    site: Site,
    chat: TestServer,
    agent: App,
    key: ClientKey,
}

impl Forger {
    async fn start() -> Self {
        let (site, key) = (Site::start(), ClientKey::new(Algorithm::ES256));
        let issuer = site.url("");
        let jwks_uri = site.publish("/jwks", key.jwks().to_string());
        site.publish(
            "/.well-known/openid-configuration",
            json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string(),
        );
        let chat = chat(json!({ "issuer": issuer, "email_domains": ["example.com"] })).await;
        let agent = agent(&chat).await;
        Self { site, chat, agent, key }
    }

    /// The claims of an assertion about alice, with changes.
    fn claims(&self, changes: &Value) -> Value {
        let now = self.chat.clock.now();
        let claims = json!({
            "iss": self.site.url(""), "sub": "U1", "aud": CHAT, "client_id": "agent", "resource": TALK,
            "jti": uuid::Uuid::new_v4().to_string(), "iat": now, "exp": now + 300, "scope": "profile:read",
            "email": "alice@example.com", "email_verified": true,
        });
        changed(claims, changes)
    }

    fn sign(&self, changes: &Value) -> String {
        self.sign_as(changes, Some("oauth-id-jag+jwt"))
    }

    fn sign_as(&self, changes: &Value, typ: Option<&str>) -> String {
        self.key.sign_as(&self.claims(changes), |header| header.typ = typ.map(str::to_owned))
    }
}

#[tokio::test]
async fn assertion_that_breaks_a_rule_is_refused() {
    let forger = Forger::start().await;
    let Forger { chat, agent, .. } = &forger;
    let now = chat.clock.now();
    present(agent, &forger.sign(&json!({})), &[]).await.ok();
    for (changes, error) in [
        (json!({ "aud": "https://other.example" }), "invalid_grant"),
        (json!({ "aud": [CHAT, "https://other.example"] }), "invalid_grant"),
        (json!({ "aud": format!("{CHAT}/token") }), "invalid_grant"),
        (json!({ "client_id": "wiki" }), "invalid_grant"),
        (json!({ "client_id": null }), "invalid_grant"),
        (json!({ "iss": "https://other.example" }), "invalid_grant"),
        (json!({ "sub": "a\u{0}b" }), "invalid_grant"),
        (json!({ "exp": now - 60, "iat": now - 360 }), "invalid_grant"),
        (json!({ "exp": now + 86_400 }), "invalid_grant"),
        (json!({ "iat": now + 60 }), "invalid_grant"),
        (json!({ "iat": null }), "invalid_grant"),
        (json!({ "jti": null }), "invalid_grant"),
        (json!({ "cnf": { "jkt": "x" } }), "invalid_grant"),
        (json!({ "resource": "https://other.example" }), "invalid_grant"),
        (json!({ "email": "nobody@example.com" }), "invalid_grant"),
        (json!({ "email": "alice@other.example" }), "invalid_grant"),
        (json!({ "email": "\u{ff41}lice@example.com" }), "invalid_grant"),
        (json!({ "email": "alice" }), "invalid_grant"),
        (json!({ "email_verified": false }), "invalid_grant"),
        (json!({ "scope": "message:send" }), "invalid_scope"),
        (json!({ "scope": "openid" }), "invalid_scope"),
        (json!({ "scope": "no:such" }), "invalid_scope"),
    ] {
        let answer = present(agent, &forger.sign(&changes), &[]).await;
        assert_eq!(answer.refused(400), error, "{changes}");
    }
    for typ in [None, Some("JWT"), Some("at+jwt"), Some("logout+jwt")] {
        let answer = present(agent, &forger.sign_as(&json!({}), typ), &[]).await;
        assert_eq!(answer.refused(400), "invalid_grant", "{typ:?}");
    }
    let stranger = ClientKey::new(Algorithm::ES256);
    let forged =
        stranger.sign_as(&forger.claims(&json!({})), |header| header.typ = Some("oauth-id-jag+jwt".to_owned()));
    for assertion in [forged.as_str(), "x", "a.b.c"] {
        assert_eq!(present(agent, assertion, &[]).await.refused(400), "invalid_grant", "{assertion}");
    }
    assert_eq!(present(agent, "", &[]).await.refused(400), "invalid_request");
    let unregistered = chat.register("shop", json!({})).await;
    assert_eq!(present(&unregistered, &forger.sign(&json!({})), &[]).await.refused(400), "unauthorized_client");
    assert_eq!(chat.count("grants").await, 1, "only the first was accepted");
}

#[tokio::test]
async fn token_request_may_narrow_the_assertion() {
    let forger = Forger::start().await;
    let wide = json!({ "scope": "profile:read message:read message:send openid" });
    let tokens = present(&forger.agent, &forger.sign(&wide), &[]).await.ok();
    assert_eq!(tokens.text("scope"), "profile:read message:read", "message:send is not registered for the client");
    let narrow = [("scope", "message:read message:send"), ("resource", TALK)];
    let tokens = present(&forger.agent, &forger.sign(&wide), &narrow).await.ok();
    assert_eq!(tokens.text("scope"), "message:read");
    let unasserted = present(&forger.agent, &forger.sign(&json!({})), &[("scope", "message:read")]).await;
    assert_eq!(unasserted.refused(400), "invalid_scope");
    let elsewhere = present(&forger.agent, &forger.sign(&json!({})), &[("resource", "https://other.example")]).await;
    assert_eq!(elsewhere.refused(400), "invalid_target");
    let tokens = present(&forger.agent, &forger.sign(&json!({ "scope": null })), &[]).await.ok();
    assert_eq!(tokens.text("scope"), "profile:read", "the default scope of the resource server");
}

#[tokio::test]
async fn assertion_is_accepted_once_on_all_nodes() {
    let forger = Forger::start().await;
    let second = forger.chat.second_node().await;
    let other = forger.agent.at(&second.issuer);
    let assertion = forger.sign(&json!({}));
    let (a, b, c, d) = tokio::join!(
        present(&forger.agent, &assertion, &[]),
        present(&other, &assertion, &[]),
        present(&forger.agent, &assertion, &[]),
        present(&other, &assertion, &[]),
    );
    let accepted = [&a, &b, &c, &d].into_iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(accepted, 1);
    assert_eq!(present(&forger.agent, &assertion, &[]).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn metadata_of_another_issuer_yields_no_keys() {
    let forger = Forger::start().await;
    let metadata = json!({ "issuer": "https://other.example", "jwks_uri": forger.site.url("/jwks") });
    forger.site.publish("/.well-known/openid-configuration", metadata.to_string());
    assert_eq!(present(&forger.agent, &forger.sign(&json!({})), &[]).await.refused(400), "invalid_grant");
    let configured = json!({ "issuer": forger.site.url(""), "jwks_uri": forger.site.url("/jwks"), "email_domains": ["example.com"] });
    let chat = chat(configured).await;
    present(&agent(&chat).await, &forger.sign(&json!({})), &[]).await.ok();
}

#[tokio::test]
async fn disabled_user_gets_no_access_and_loses_it() {
    let forger = Forger::start().await;
    let tokens = present(&forger.agent, &forger.sign(&json!({})), &[]).await.ok();
    assert_eq!(is_active(&forger.chat, &tokens).await, true);
    let alice = forger.chat.user_id("alice").await;
    assert!(forger.chat.write(move |tx| accounts::disable(tx, alice)).await);
    assert_eq!(is_active(&forger.chat, &tokens).await, false);
    let refused = present(&forger.agent, &forger.sign(&json!({})), &[]).await;
    assert_eq!(refused.refused(400), "invalid_grant");
    assert!(refused.text("error_uri").ends_with("assertion_subject_unknown"), "{refused:?}");
}

#[tokio::test]
async fn asserted_access_is_shown_and_ends_when_the_user_disconnects_the_client() {
    let forger = Forger::start().await;
    let Forger { site, chat, agent, .. } = &forger;
    let before = forger.sign(&json!({}));
    present(agent, &forger.sign(&json!({})), &[]).await.ok();
    let tokens = present(agent, &forger.sign(&json!({})), &[]).await.ok();
    assert_eq!(chat.count("grants").await, 1, "the same access is one grant");

    let browser = chat.browser();
    let apps = browser.sign_in(&browser.open("/account/apps").await, "alice").await;
    assert!(apps.body.contains("Your organization allows it through 127.0.0.1"), "{}", apps.body);
    assert!(browser.open("/account").await.body.contains("Your organization let Agent in"));
    let receipt: Value =
        serde_json::from_str(&browser.get("/account/apps/receipt?client_id=agent").await.body).expect("JSON");
    assert_eq!(receipt["receipt"]["asserted_by"], site.url(""));

    let fields = [("csrf", &*apps.hidden("csrf")), ("client_id", "agent")];
    browser.post("/account/apps", &fields).await;
    assert_eq!(is_active(chat, &tokens).await, false);
    let refused = present(agent, &before, &[]).await;
    assert_eq!(refused.refused(400), "invalid_grant");
    assert!(refused.text("error_description").contains("disconnected"), "{refused:?}");
    // The policy of the operator still stands.
    chat.clock.advance(1);
    present(agent, &forger.sign(&json!({})), &[]).await.ok();
}
