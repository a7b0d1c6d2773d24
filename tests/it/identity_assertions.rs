//! Identity assertions (ID-JAG): an identity provider lets a client use an API of another
//! authorization server, by the policies of both operators.

use serde_json::{Value, json};
use uuid::Uuid;
use writ::{
    config::TrustedIssuer,
    store::{Id, accounts, clients, connections, linked_subjects},
};
use writ_core::{
    groups::GroupIds,
    token::identity_assertion::{GRANT_PROFILE, TOKEN_TYPE},
};

use crate::support::{Answer, App, TestServer, seed::TALK};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
/// The issuer identifier of the authorization server of the API. Its tests use its address.
pub(crate) const CHAT: &str = "http://chat.localhost";

/// An identity provider with the client `wiki`, which is `agent` at the server of an API.
struct Enterprise {
    idp: TestServer,
    chat: TestServer,
    wiki: App,
    agent: App,
}

impl Enterprise {
    async fn start() -> Self {
        let idp = identity_provider().await;
        let trusted = json!({ "issuer": idp.issuer, "email_domains": ["example.com"] });
        let chat = chat(trusted).await;
        let wiki =
            idp.register("wiki", json!({ "grant_types": ["authorization_code", "refresh_token", EXCHANGE] })).await;
        let agent = agent(&chat).await;
        Self { idp, chat, wiki, agent }
    }

    /// An assertion for the user's sign-in.
    async fn assertion(&self, tokens: &Answer) -> String {
        exchange(&self.wiki, tokens.text("id_token"), &[]).await.ok().text("access_token").to_owned()
    }
}

async fn identity_provider() -> TestServer {
    TestServer::start_with(|settings| {
        settings.identity_assertions.allowed = serde_json::from_value(json!([{
            "audience": CHAT, "resources": [TALK], "scope": "profile:read message:read", "email": true,
            "clients": { "wiki": "agent" },
        }]))
        .expect("policies");
    })
    .await
}

/// The server of the API, which trusts one identity provider.
pub(crate) async fn chat(trusted: Value) -> TestServer {
    TestServer::start_with(|settings| {
        settings.server.issuer = CHAT.parse().expect("an issuer");
        settings.outgoing.allow_loopback = true;
        settings.identity_assertions.trusted_issuers =
            vec![serde_json::from_value::<TrustedIssuer>(trusted).expect("an issuer")];
    })
    .await
}

pub(crate) async fn agent(chat: &TestServer) -> App {
    let metadata = json!({
        "client_name": "Agent", "grant_types": ["authorization_code", JWT_BEARER],
        "scope": "openid profile:read message:read",
    });
    chat.register("agent", metadata).await
}

/// Requests an assertion. `changes` replace parameters, or remove them if empty.
async fn exchange(app: &App, subject_token: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", EXCHANGE),
        ("requested_token_type", TOKEN_TYPE),
        ("audience", CHAT),
        ("subject_token", subject_token),
        ("subject_token_type", ID_TOKEN),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    app.post("/token", &fields).await
}

pub(crate) async fn present(app: &App, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", JWT_BEARER), ("assertion", assertion)];
    fields.extend(more);
    app.post("/token", &fields).await
}

pub(crate) async fn is_active(server: &TestServer, tokens: &Answer) -> Value {
    server.talk().introspect(tokens.text("access_token")).await.ok().json["active"].clone()
}

#[tokio::test]
async fn sign_in_at_the_identity_provider_grants_access_to_the_api() {
    let Enterprise { idp, chat, wiki, agent } = Enterprise::start().await;
    let signed_in = wiki.tokens("openid profile:read").await;
    let parameters = [("resource", TALK), ("scope", "profile:read message:send")];
    let answer = exchange(&wiki, signed_in.text("id_token"), &parameters).await.ok();
    assert_eq!((answer.text("issued_token_type"), answer.text("token_type")), (TOKEN_TYPE, "N_A"));
    assert_eq!((answer.text("scope"), &answer.json["expires_in"]), ("profile:read", &json!(300)));
    assert_eq!((answer.json.get("refresh_token"), answer.json.get("id_token")), (None, None));
    assert_eq!(answer.header("cache-control"), "no-store");
    let claims = answer.claims("access_token");
    for (name, expected) in [
        ("iss", json!(idp.issuer)),
        ("sub", json!(idp.user_id("alice").await.to_string())),
        ("aud", json!(CHAT)),
        ("client_id", json!("agent")),
        ("resource", json!(TALK)),
        ("scope", json!("profile:read")),
        ("email", json!("alice@example.com")),
        ("email_verified", json!(true)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    // It is no access token, and no ID token either.
    let assertion = answer.text("access_token");
    assert_eq!(wiki.userinfo(assertion).await.status, 401);
    assert_eq!(exchange(&wiki, assertion, &[]).await.refused(400), "invalid_request");

    let tokens = present(&agent, assertion, &[]).await.ok();
    assert_eq!((tokens.text("token_type"), tokens.text("scope")), ("Bearer", "profile:read"));
    assert_eq!((tokens.json.get("refresh_token"), tokens.json.get("id_token")), (None, None));
    let claims = tokens.claims("access_token");
    assert_eq!((&claims["iss"], &claims["aud"], &claims["client_id"]), (&json!(CHAT), &json!(TALK), &json!("agent")));
    assert_eq!(claims["sub"], chat.user_id("alice").await.to_string());
    assert_eq!((claims.get("acr"), claims.get("auth_time")), (None, None), "the user did not sign in here");
    assert_eq!(is_active(&chat, &tokens).await, true);
}

#[tokio::test]
async fn metadata_advertises_what_the_operator_configured() {
    let Enterprise { idp, chat, .. } = Enterprise::start().await;
    let neither = TestServer::start().await;
    let (issues, accepts) =
        ("identity_chaining_requested_token_types_supported", "authorization_grant_profiles_supported");
    for (server, issued, accepted) in [
        (&idp, json!([TOKEN_TYPE]), Value::Null),
        (&chat, Value::Null, json!([GRANT_PROFILE])),
        (&neither, Value::Null, Value::Null),
    ] {
        let metadata = server.metadata().await;
        let grants = metadata["grant_types_supported"].as_array().expect("a list");
        assert_eq!(grants.contains(&json!(JWT_BEARER)), !accepted.is_null());
        assert_eq!((&metadata[issues], &metadata[accepts]), (&issued, &accepted));
    }
    let app = agent(&neither).await;
    assert_eq!(present(&app, "x", &[]).await.refused(400), "unsupported_grant_type");
    let shop = neither.register("shop", json!({ "grant_types": ["authorization_code", EXCHANGE] })).await;
    let tokens = shop.tokens("openid profile:read").await;
    assert_eq!(exchange(&shop, tokens.text("id_token"), &[]).await.refused(400), "unauthorized_client");
}

#[tokio::test]
async fn linked_subject_counts_before_the_email_address() {
    let enterprise = Enterprise::start().await;
    let Enterprise { idp, chat, wiki, agent } = &enterprise;
    let signed_in = wiki.tokens("openid profile:read").await;
    let (minji, alice) = (chat.user_id("minji").await, idp.user_id("alice").await.to_string());
    let (issuer, subject) = (idp.issuer.clone(), alice.clone());
    chat.write(move |tx| linked_subjects::insert(tx, minji, &issuer, &subject)).await;
    let tokens = present(agent, &enterprise.assertion(&signed_in).await, &[]).await.ok();
    assert_eq!(tokens.claims("access_token")["sub"], minji.to_string());
    let (issuer, subject) = (idp.issuer.clone(), alice);
    assert!(chat.write(move |tx| accounts::unlink(tx, minji, &issuer, &subject, None)).await);
    let tokens = present(agent, &enterprise.assertion(&signed_in).await, &[]).await.ok();
    assert_eq!(tokens.claims("access_token")["sub"], chat.user_id("alice").await.to_string());
}

#[tokio::test]
async fn address_alone_does_not_count_for_a_user_who_is_linked_or_took_a_link_back() {
    let enterprise = Enterprise::start().await;
    let Enterprise { idp, chat, wiki, agent } = &enterprise;
    let signed_in = wiki.tokens("openid profile:read").await;
    let (alice, issuer) = (chat.user_id("alice").await, idp.issuer.clone());
    // The address may have passed to another subject.
    let own = issuer.clone();
    chat.write(move |tx| linked_subjects::insert(tx, alice, &own, "another")).await;
    let assertion = enterprise.assertion(&signed_in).await;
    assert_eq!(present(agent, &assertion, &[]).await.refused(400), "invalid_grant");
    assert!(chat.write(move |tx| accounts::unlink(tx, alice, &issuer, "another", None)).await);
    assert_eq!(present(agent, &assertion, &[]).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn identity_provider_issues_assertions_for_a_sign_in_that_is_in_force() {
    let Enterprise { idp, wiki, .. } = Enterprise::start().await;
    let other =
        idp.register("other", json!({ "grant_types": ["authorization_code", "refresh_token", EXCHANGE] })).await;
    let browser = idp.browser();
    let tokens = wiki.tokens_in(&browser, "alice", "openid profile:read").await;
    let id_token = tokens.text("id_token");
    let of_other = other.tokens("openid profile:read").await;
    for (name, value, error) in [
        ("audience", "", "invalid_request"),
        ("audience", "https://other.example", "unauthorized_client"),
        ("resource", "https://other.example", "invalid_target"),
        ("scope", "message:send", "invalid_scope"),
        ("subject_token", "", "invalid_request"),
        ("subject_token", "no token", "invalid_request"),
        ("subject_token", of_other.text("id_token"), "invalid_request"),
        ("subject_token", tokens.text("access_token"), "invalid_request"),
        ("subject_token_type", "", "invalid_request"),
        ("subject_token_type", REFRESH_TOKEN, "invalid_request"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request"),
    ] {
        assert_eq!(exchange(&wiki, id_token, &[(name, value)]).await.refused(400), error, "{name}={value}");
    }
    let denied = exchange(&other, of_other.text("id_token"), &[]).await;
    assert_eq!(denied.refused(400), "unauthorized_client", "no policy names this client");
    idp.change_client("wiki", json!({ "grant_types": ["authorization_code", EXCHANGE], "subject_type": "pairwise" }))
        .await;
    assert_eq!(exchange(&wiki, id_token, &[]).await.refused(400), "unauthorized_client");
    idp.change_client("wiki", json!({ "grant_types": ["authorization_code", "refresh_token", EXCHANGE] })).await;
    exchange(&wiki, id_token, &[("audience", "http://chat.localhost/")]).await.ok();

    let alice = idp.user_id("alice").await;
    assert!(idp.write(move |tx| connections::disconnect(tx, alice, "wiki", "")).await);
    assert_eq!(exchange(&wiki, id_token, &[]).await.refused(400), "invalid_request", "disconnected");
    let again = wiki.tokens_in(&browser, "alice", "openid profile:read").await;
    exchange(&wiki, again.text("id_token"), &[]).await.ok();
    idp.write(move |tx| accounts::end_other_sessions(tx, alice, Id::now_v7())).await;
    assert_eq!(exchange(&wiki, again.text("id_token"), &[]).await.refused(400), "invalid_request", "signed out");
    let again = wiki.tokens("openid profile:read").await;
    idp.clock.advance(again.claims("id_token")["exp"].as_i64().expect("a time") - idp.clock.now());
    assert_eq!(exchange(&wiki, again.text("id_token"), &[]).await.refused(400), "invalid_request", "expired");
}

#[tokio::test]
async fn refresh_token_of_a_sign_in_is_a_subject_token() {
    let Enterprise { idp, chat, wiki, agent } = Enterprise::start().await;
    let of = async |token: &str| exchange(&wiki, token, &[("subject_token_type", REFRESH_TOKEN)]).await;
    let tokens = wiki.tokens("openid profile:read").await;
    let assertion = of(tokens.text("refresh_token")).await.ok();
    let accepted = present(&agent, assertion.text("access_token"), &[]).await.ok();
    assert_eq!(accepted.claims("access_token")["sub"], chat.user_id("alice").await.to_string());
    wiki.refresh(tokens.text("refresh_token")).await.ok();
    of(tokens.text("refresh_token")).await.ok();
    let rotating =
        json!({ "grant_types": ["authorization_code", "refresh_token", EXCHANGE], "rotate_refresh_tokens": true });
    idp.change_client("wiki", rotating).await;
    let replaced = wiki.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(of(tokens.text("refresh_token")).await.refused(400), "invalid_request", "it was replaced");
    of(replaced.text("refresh_token")).await.ok();
    let no_sign_in = wiki.tokens("profile:read").await;
    assert_eq!(of(no_sign_in.text("refresh_token")).await.refused(400), "invalid_request");
    idp.change_client("wiki", json!({ "grant_types": ["authorization_code", EXCHANGE] })).await;
    assert_eq!(of(replaced.text("refresh_token")).await.refused(400), "invalid_request", "it may not refresh");
    idp.change_client("wiki", json!({ "grant_types": ["authorization_code", "refresh_token", EXCHANGE] })).await;
    of(replaced.text("refresh_token")).await.ok();
    let alice = idp.user_id("alice").await;
    assert!(idp.write(move |tx| accounts::disable(tx, alice)).await);
    assert_eq!(of(replaced.text("refresh_token")).await.refused(400), "invalid_request");
}

/// Opens a client to a group without members.
async fn close_client(server: &TestServer, id: &'static str) {
    let open_to = GroupIds::from_iter([Uuid::now_v7()]);
    assert!(server.write(move |tx| clients::set_open_to(tx, id, Some(&open_to))).await);
    server.server.refresh().await.expect("a snapshot");
}

#[tokio::test]
async fn assertion_is_neither_issued_nor_accepted_where_the_client_is_not_open_to_the_user() {
    let enterprise = Enterprise::start().await;
    let Enterprise { idp, chat, wiki, agent } = &enterprise;
    let tokens = wiki.tokens("openid profile:read").await;
    let assertion = enterprise.assertion(&tokens).await;
    close_client(chat, "agent").await;
    assert_eq!(present(agent, &assertion, &[]).await.refused(400), "invalid_grant");
    assert!(chat.write(|tx| clients::set_open_to(tx, "agent", None)).await);
    chat.server.refresh().await.expect("a snapshot");
    present(agent, &assertion, &[]).await.ok();
    close_client(idp, "wiki").await;
    assert_eq!(exchange(wiki, tokens.text("id_token"), &[]).await.refused(400), "invalid_grant");
    let refresh_token = [("subject_token_type", REFRESH_TOKEN)];
    assert_eq!(exchange(wiki, tokens.text("refresh_token"), &refresh_token).await.refused(400), "invalid_grant");
}
