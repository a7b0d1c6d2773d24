//! The extractor, the middleware and the resource metadata behave alike on actix-web and axum.
#![allow(missing_docs)]

mod actix;
mod axum;

use rstest::rstest;
use serde_json::{Value, json};
use writ_verifier::{Verifier, testing::Issuer};

const TALK: &str = "https://talk.example/api";
const DOCUMENT: &str = "/.well-known/oauth-protected-resource/api";
const METADATA: &str = "resource_metadata=\"https://talk.example/.well-known/oauth-protected-resource/api\"";
/// The authentication method that `/payments` requires, at most 300 seconds ago.
const PASSWORD: &str = "urn:writ:acr:password";

#[derive(Debug)]
struct Received {
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
    /// `GET path` with these `Authorization` headers. `/messages` requires the scope
    /// `message:read`, `/admin` the scope `admin`, `/payments` a recent authentication.
    async fn get(self, verifier: &Verifier, path: &str, authorization: &[&str]) -> Received {
        match self {
            Self::Actix => actix::get(verifier, path, authorization).await,
            Self::Axum => axum::get(verifier, path, authorization).await,
        }
    }
}

fn document(received: &Received) -> Value {
    serde_json::from_str(&received.body).expect("JSON")
}

#[rstest]
#[tokio::test]
async fn extractor_accepts_and_refuses_requests(#[values(Framework::Actix, Framework::Axum)] api: Framework) {
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
async fn middleware_protects_its_routes(#[values(Framework::Actix, Framework::Axum)] api: Framework) {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("Bearer {}", issuer.token(TALK).scope(scope).sign());
    assert_eq!(api.get(&verifier, "/admin", &[&bearer("admin")]).await.body, "shop");
    assert_eq!(api.get(&verifier, "/admin", &[&bearer("message:read")]).await.status, 403);
    assert_eq!(api.get(&verifier, "/admin", &[]).await.status, 401);
}

#[rstest]
#[tokio::test]
async fn request_is_challenged_when_authentication_old_or_by_another_method(
    #[values(Framework::Actix, Framework::Axum)] api: Framework,
) {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    #[expect(clippy::disallowed_methods, reason = "the verifier under test uses the system clock")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let get = async |acr: &str, auth_time: Value| {
        let token = issuer.token(TALK).claim("acr", acr).claim("auth_time", auth_time).sign();
        api.get(&verifier, "/payments", &[&format!("Bearer {token}")]).await
    };
    assert_eq!(get(PASSWORD, json!(now - 300)).await.status, 200);
    for (acr, auth_time) in [
        (PASSWORD, json!(now - 340)),
        (PASSWORD, json!("now")),
        (PASSWORD, Value::Null),
        ("urn:example:other", json!(now)),
        ("urn:writ:acr", json!(now)),
    ] {
        let received = get(acr, auth_time.clone()).await;
        assert_eq!(received.status, 401, "{acr} {auth_time}");
        let expected = "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"a more recent or another authentication is required\", \
             acr_values=\"urn:writ:acr:password\", max_age=\"300\"";
        assert_eq!(received.challenge, format!("{expected}, {METADATA}"));
        assert_eq!(document(&received)["error"], "insufficient_user_authentication");
    }
}

#[rstest]
#[tokio::test]
async fn response_is_503_without_challenge_when_issuer_unavailable(
    #[values(Framework::Actix, Framework::Axum)] api: Framework,
) {
    let issuer = Issuer::start().await;
    issuer.set_down(true);
    let bearer = format!("Bearer {}", issuer.token(TALK).sign());
    let received = api.get(&issuer.verifier(TALK), "/messages", &[&bearer]).await;
    assert_eq!((received.status, &*received.challenge), (503, ""));
}

#[rstest]
#[tokio::test]
async fn resource_metadata_is_served_at_the_url_in_challenges(
    #[values(Framework::Actix, Framework::Axum)] api: Framework,
) {
    let issuer = Issuer::start().await;
    let verifier =
        Verifier::builder(issuer.url(), TALK).scopes_supported(["message:read"]).build().expect("a loopback issuer");
    let received = api.get(&verifier, DOCUMENT, &[]).await;
    assert_eq!(received.status, 200);
    let expected = json!({
        "resource": TALK,
        "authorization_servers": [issuer.url()],
        "scopes_supported": ["message:read"],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(document(&received), expected);
}
