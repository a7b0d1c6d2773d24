//! Back-channel and front-channel logout: what apps learn when a session ends.

use serde_json::{Value, json};
use writ::{
    keys::TokenType,
    store::{
        accounts,
        logout_deliveries::{self, LogoutDelivery},
        sessions,
    },
};

use crate::support::{App, Browser, Receiver, TestServer, address, eventually};

const SCOPE: &str = "openid profile:read";
const BYE: &str = "https://shop.example/bye";

async fn start() -> TestServer {
    TestServer::start_with(|settings| settings.outgoing.allow_loopback = true).await
}

async fn shop(server: &TestServer, receiver: &Receiver) -> App {
    let metadata = json!({ "backchannel_logout_uri": receiver.url, "post_logout_redirect_uris": [BYE] });
    server.register("shop", metadata).await
}

/// Signs out as the user.
async fn sign_out(browser: &Browser) {
    let question = browser.open("/logout").await;
    let done = browser.post("/logout", &[("csrf", &question.hidden("csrf")), ("request", "")]).await;
    assert!(done.body.contains("id=\"logged-out\""), "{done:?}");
}

async fn deliveries(server: &TestServer, client_id: &'static str) -> Vec<LogoutDelivery> {
    server.write(move |tx| logout_deliveries::list_of_client(tx, client_id, 100)).await
}

/// The claims of the logout token in a body, after checking its signature and type.
fn logout_token(server: &TestServer, body: &str) -> Value {
    let token = body.strip_prefix("logout_token=").expect("a logout token and nothing else");
    server.server.snapshot().keys.verify(token, TokenType::LogoutToken).expect("a logout token of this server")
}

#[tokio::test]
async fn backchannel_logout_posts_a_signed_token_and_records_the_delivery() {
    let server = start().await;
    let receiver = Receiver::start();
    let shop = shop(&server, &receiver).await;
    let browser = server.browser();
    let id_token = shop.tokens_in(&browser, "alice", SCOPE).await.claims("id_token");
    shop.tokens_in(&browser, "alice", SCOPE).await;
    sign_out(&browser).await;
    eventually("the app is notified", async || deliveries(&server, "shop").await[0].delivered_at.is_some()).await;

    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 1, "one session, one token, however many grants: {bodies:?}");
    let claims = logout_token(&server, &bodies[0]);
    assert_eq!((&claims["sub"], &claims["sid"]), (&id_token["sub"], &id_token["sid"]));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(server.issuer), &json!("shop")));
    assert_eq!(claims["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    assert!(claims["nonce"].is_null() && claims["jti"].is_string(), "{claims}");
    assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(120));
    let delivery = &deliveries(&server, "shop").await[0];
    assert_eq!((delivery.attempts, delivery.last_outcome.as_deref()), (1, Some("HTTP 200")));
    assert_eq!(claims["jti"], delivery.id.to_string());
    // A logout token is not accepted as an ID token.
    let token = bodies[0].strip_prefix("logout_token=").expect("a token");
    let refused = browser.open(&format!("/end_session?id_token_hint={token}")).await;
    assert!(refused.next().is_none(), "a logout token is no hint: {refused:?}");
}

#[tokio::test]
async fn failed_logout_delivery_is_retried_and_finally_given_up() {
    let server = start().await;
    let receiver = Receiver::start();
    // A redirect is a final response and is not followed.
    receiver.answer(302);
    let shop = shop(&server, &receiver).await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    sign_out(&browser).await;
    let attempts = async |count: i32| {
        eventually("an attempt", async || deliveries(&server, "shop").await[0].attempts == count).await;
    };
    attempts(1).await;
    receiver.answer(500);
    server.clock.advance(11);
    attempts(2).await;
    let delivery = &deliveries(&server, "shop").await[0];
    assert_eq!((delivery.last_outcome.as_deref(), delivery.delivered_at), (Some("HTTP 500"), None));
    assert_eq!(receiver.bodies().len(), 2);
    receiver.answer(204);
    server.clock.advance(61);
    attempts(3).await;
    let delivery = &deliveries(&server, "shop").await[0];
    assert!(delivery.delivered_at.is_some() && delivery.next_attempt_at.is_none(), "{delivery:?}");
    let tokens: Vec<Value> = receiver.bodies().iter().map(|body| logout_token(&server, body)).collect();
    assert!(tokens.iter().all(|token| token["jti"] == tokens[0]["jti"]), "{tokens:?}");

    receiver.answer(400);
    shop.tokens_in(&browser, "alice", SCOPE).await;
    sign_out(&browser).await;
    for count in 1..=8 {
        attempts(count).await;
        server.clock.advance(86_401);
    }
    assert_eq!(deliveries(&server, "shop").await[0].next_attempt_at, None);
}

#[tokio::test]
async fn loopback_logout_uri_is_not_called_by_default() {
    let server = TestServer::start().await;
    let receiver = Receiver::start();
    let shop = shop(&server, &receiver).await;
    let named = receiver.url.replace("127.0.0.1", "localhost");
    let secure = named.replace("http:", "https:");
    let other = server.register("other", json!({ "backchannel_logout_uri": secure })).await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    other.tokens_in(&browser, "alice", SCOPE).await;
    sign_out(&browser).await;
    for client in ["shop", "other"] {
        eventually("an attempt", async || deliveries(&server, client).await[0].attempts == 1).await;
        let delivery = &deliveries(&server, client).await[0];
        assert_eq!(delivery.last_outcome.as_deref(), Some("the URL is not allowed"), "{client}");
    }
    assert!(receiver.bodies().is_empty());
}

#[tokio::test]
async fn logout_reaches_only_clients_of_the_ended_session() {
    let server = start().await;
    let receiver = Receiver::start();
    let shop = shop(&server, &receiver).await;
    server.register("bystander", json!({ "backchannel_logout_uri": receiver.url })).await;
    let silent = server.register("silent", json!({})).await;
    let told = async |count: usize| {
        assert_eq!(deliveries(&server, "shop").await.len(), count);
        assert!(deliveries(&server, "bystander").await.is_empty() && deliveries(&server, "silent").await.is_empty());
    };
    let browsers = [server.browser(), server.browser(), server.browser(), server.browser()];
    let mut sids = Vec::new();
    for browser in &browsers {
        sids.push(shop.tokens_in(browser, "alice", SCOPE).await.claims("id_token")["sid"].clone());
        silent.tokens_in(browser, "alice", SCOPE).await;
    }
    // The same user signs in again, then another one: the session continues until a sign-out.
    let again = browsers[0].open(&shop.authorize_url("openid", &[("prompt", "login")])).await;
    browsers[0].sign_in(&again, "alice").await;
    told(0).await;
    let again = browsers[0].open(&shop.authorize_url("openid", &[("prompt", "login")])).await;
    browsers[0].sign_in(&again, "minji").await;
    told(0).await;
    sign_out(&browsers[0]).await;
    told(1).await;
    assert_eq!(deliveries(&server, "shop").await[0].sid.to_string(), sids[0].as_str().expect("a sid"));

    let alice = server.user_id("alice").await;
    let live = server.write(move |tx| sessions::list_of_user(tx, alice)).await;
    let (one, kept) = (live[0].id, live[1].id);
    assert!(server.write(move |tx| accounts::end_session_of_user(tx, alice, one)).await);
    assert!(!server.write(move |tx| accounts::end_session_of_user(tx, alice, one)).await, "it is over already");
    told(2).await;
    server.write(move |tx| accounts::end_other_sessions(tx, alice, kept)).await;
    told(3).await;
    server.write(move |tx| accounts::disable(tx, alice)).await;
    told(4).await;
}

#[tokio::test]
async fn deleting_an_account_still_delivers_logouts() {
    let server = start().await;
    let receiver = Receiver::start();
    let shop = shop(&server, &receiver).await;
    let sub = shop.tokens_in(&server.browser(), "alice", SCOPE).await.claims("id_token")["sub"].clone();
    let alice = server.user_id("alice").await;
    server.write(move |tx| accounts::delete(tx, alice)).await;
    eventually("the app is notified", async || !receiver.bodies().is_empty()).await;
    assert_eq!(logout_token(&server, &receiver.bodies()[0])["sub"], sub);
}

#[tokio::test]
async fn frontchannel_frames_cover_the_session_before_redirecting() {
    let server = start().await;
    let shop = server
        .register(
            "shop",
            json!({
                "frontchannel_logout_uri": "https://shop.example/forget?a=1", "post_logout_redirect_uris": [BYE],
            }),
        )
        .await;
    server.register("bystander", json!({ "frontchannel_logout_uri": "https://shop.example/bystander" })).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let sid = tokens.claims("id_token")["sid"].as_str().expect("a sid").to_owned();
    let asked = [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", BYE)];
    let page = browser.open(&address("/end_session", &asked)).await;
    assert_eq!((page.status.as_u16(), page.next()), (200, None), "frames need time to load");
    let issuer: String = url::form_urlencoded::byte_serialize(server.issuer.as_bytes()).collect();
    let frame =
        format!("<iframe hidden src=\"https://shop.example/forget?a=1&#38;iss={issuer}&#38;sid={sid}\"></iframe>");
    assert!(page.body.contains(&frame), "{}", page.body);
    assert_eq!(page.body.matches("<iframe").count(), 1);
    assert!(page.header("content-security-policy").ends_with("; frame-src https://shop.example"));
    assert!(page.body.contains(&format!("content=\"3; url={BYE}\"")), "{}", page.body);
    // After the session has ended, there are no clients to notify.
    let again = browser.open(&address("/end_session", &asked)).await;
    assert_eq!(again.next().as_deref(), Some(BYE));
    assert!(!browser.open("/logout").await.header("content-security-policy").contains("frame-src"));
}
