//! What the extractor, the guard of routes and the RFC 9728 document promise, on actix-web and on axum alike.
#![allow(missing_docs)]

mod actix;
mod axum;

use rstest::rstest;
use serde_json::{Value, json};
use writ_verifier::{Verifier, testing::Issuer};

const TALK: &str = "https://talk.example/api";
const DOCUMENT: &str = "/.well-known/oauth-protected-resource/api";
const METADATA: &str = "resource_metadata=\"https://talk.example/.well-known/oauth-protected-resource/api\"";
/// How somebody has to have signed in, and not more than 300 seconds ago, for `/payments`.
const SIGN_IN: &str = "urn:writ:acr:password";

#[derive(Debug)]
struct Answer {
    status: u16,
    challenge: String,
    body: String,
}

#[derive(Clone, Copy)]
enum Framework {
    Actix,
    Axum,
}

impl Framework {
    /// `GET path` with these `Authorization` headers: `/messages` needs the scope `message:read`, `/admin` the scope `admin`,
    /// `/payments` a recent sign-in.
    async fn get(self, verifier: &Verifier, path: &str, authorization: &[&str]) -> Answer {
        match self {
            Self::Actix => actix::get(verifier, path, authorization).await,
            Self::Axum => axum::get(verifier, path, authorization).await,
        }
    }
}

fn document(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).expect("JSON")
}

#[rstest]
#[tokio::test]
async fn the_extractor_admits_and_refuses(#[values(Framework::Actix, Framework::Axum)] api: Framework) {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("bearer {}", issuer.token(TALK).scope(scope).sign());
    let get = async |authorization: &[&str]| api.get(&verifier, "/messages", authorization).await;

    let granted = get(&[&bearer("message:read")]).await;
    assert_eq!((granted.status, &*granted.challenge, &*granted.body), (200, "", "alice"));

    let narrow = get(&[&bearer("message:send")]).await;
    assert_eq!(narrow.status, 403);
    assert_eq!(
        narrow.challenge,
        format!(
            "Bearer error=\"insufficient_scope\", error_description=\"the scope message:read is \
             required\", scope=\"message:read\", {METADATA}"
        )
    );
    assert_eq!(document(&narrow)["error"], "insufficient_scope");

    let anonymous = get(&[]).await;
    assert_eq!((anonymous.status, anonymous.challenge), (401, format!("Bearer {METADATA}")));
    assert_eq!(get(&["Basic YTpi"]).await.status, 401);
    let twice = bearer("message:read");
    assert_eq!(get(&[&twice, &twice]).await.status, 400);
    assert_eq!(get(&["Bearer a b"]).await.status, 400);
}

#[rstest]
#[tokio::test]
async fn a_guard_stands_before_its_routes(#[values(Framework::Actix, Framework::Axum)] api: Framework) {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("Bearer {}", issuer.token(TALK).scope(scope).sign());
    assert_eq!(api.get(&verifier, "/admin", &[&bearer("admin")]).await.body, "shop");
    assert_eq!(api.get(&verifier, "/admin", &[&bearer("message:read")]).await.status, 403);
    assert_eq!(api.get(&verifier, "/admin", &[]).await.status, 401);
}

#[rstest]
#[tokio::test]
async fn a_sign_in_of_long_ago_or_of_another_way_is_a_step_up_challenge(
    #[values(Framework::Actix, Framework::Axum)] api: Framework,
) {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    #[expect(clippy::disallowed_methods, reason = "a verifier through its public face has the machine's clock")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let ask = async |acr: &str, auth_time: Value| {
        let token = issuer.token(TALK).claim("acr", acr).claim("auth_time", auth_time).sign();
        api.get(&verifier, "/payments", &[&format!("Bearer {token}")]).await
    };
    assert_eq!(ask(SIGN_IN, json!(now - 300)).await.status, 200);
    for (acr, auth_time) in [
        (SIGN_IN, json!(now - 340)),
        (SIGN_IN, json!("now")),
        (SIGN_IN, Value::Null),
        ("urn:example:other", json!(now)),
        ("urn:writ:acr", json!(now)),
    ] {
        let answer = ask(acr, auth_time.clone()).await;
        assert_eq!(answer.status, 401, "{acr} {auth_time}");
        let expected = "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"a more recent or another authentication is required\", \
             acr_values=\"urn:writ:acr:password\", max_age=\"300\"";
        assert_eq!(answer.challenge, format!("{expected}, {METADATA}"));
        assert_eq!(document(&answer)["error"], "insufficient_user_authentication");
    }
}

#[rstest]
#[tokio::test]
async fn an_unreachable_issuer_is_a_503_without_a_challenge(
    #[values(Framework::Actix, Framework::Axum)] api: Framework,
) {
    let issuer = Issuer::start().await;
    issuer.set_down(true);
    let bearer = format!("Bearer {}", issuer.token(TALK).sign());
    let answer = api.get(&issuer.verifier(TALK), "/messages", &[&bearer]).await;
    assert_eq!((answer.status, &*answer.challenge), (503, ""));
}

#[rstest]
#[tokio::test]
async fn the_resource_metadata_is_served_where_challenges_point(
    #[values(Framework::Actix, Framework::Axum)] api: Framework,
) {
    let issuer = Issuer::start().await;
    let verifier =
        Verifier::builder(issuer.url(), TALK).scopes_supported(["message:read"]).build().expect("a loopback issuer");
    let answer = api.get(&verifier, DOCUMENT, &[]).await;
    assert_eq!(answer.status, 200);
    let expected = json!({
        "resource": TALK,
        "authorization_servers": [issuer.url()],
        "scopes_supported": ["message:read"],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(document(&answer), expected);
}
