//! The actix-web extractor, middleware and RFC 9728 document.
#![allow(missing_docs)]

use actix_web::{App, HttpResponse, http::header, test, web};
use serde_json::{Value, json};
use writ_verifier::{Token, Verifier, VerifyError, actix::Protect, testing::Issuer};

const TALK: &str = "https://talk.example/api";
const METADATA: &str = "resource_metadata=\"https://talk.example/.well-known/oauth-protected-resource/api\"";

async fn read(token: Token) -> Result<String, VerifyError> {
    token.require("message:read")?;
    Ok(token.subject().to_owned())
}

/// Status, challenge and body of `GET path` with these `Authorization` headers.
async fn get(verifier: &Verifier, path: &str, authorization: &[&str]) -> (u16, String, String) {
    let app = App::new()
        .app_data(verifier.clone())
        .service(writ_verifier::actix::resource_metadata(verifier))
        .route("/messages", web::get().to(read))
        .service(
            web::scope("/payments")
                .wrap(Protect::new(verifier.clone()).require_authentication(&["urn:writ:acr:password"], Some(300)))
                .route("", web::get().to(|token: Token| async move { token.subject().to_owned() })),
        )
        .service(web::scope("/admin").wrap(Protect::new(verifier.clone()).require("admin")).route(
            "",
            web::get().to(|token: Token| async move { HttpResponse::Ok().body(token.client_id().to_owned()) }),
        ));
    let app = test::init_service(app).await;
    let mut request = test::TestRequest::get().uri(path);
    for value in authorization {
        request = request.append_header((header::AUTHORIZATION, *value));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    let status = response.status().as_u16();
    let body = test::read_body(response).await;
    (status, challenge, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn the_extractor_admits_and_refuses() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("Bearer {}", issuer.token(TALK).scope(scope).sign());

    let granted = get(&verifier, "/messages", &[&bearer("message:read")]).await;
    assert_eq!(granted, (200, String::new(), "alice".to_owned()));

    let (status, challenge, body) = get(&verifier, "/messages", &[&bearer("message:send")]).await;
    assert_eq!(status, 403);
    assert_eq!(
        challenge,
        format!(
            "Bearer error=\"insufficient_scope\", error_description=\"the scope message:read is \
             required\", scope=\"message:read\", {METADATA}"
        )
    );
    let body = serde_json::from_str::<Value>(&body).expect("JSON");
    assert_eq!(body["error"], json!("insufficient_scope"));

    let anonymous = get(&verifier, "/messages", &[]).await;
    assert_eq!((anonymous.0, anonymous.1), (401, format!("Bearer {METADATA}")));
    assert_eq!(get(&verifier, "/messages", &["Basic YTpi"]).await.0, 401);
    let twice = bearer("message:read");
    assert_eq!(get(&verifier, "/messages", &[&twice, &twice]).await.0, 400);
    assert_eq!(get(&verifier, "/messages", &["Bearer a b"]).await.0, 400);
}

#[tokio::test]
async fn the_middleware_guards_a_whole_scope() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("Bearer {}", issuer.token(TALK).scope(scope).sign());
    assert_eq!(get(&verifier, "/admin", &[&bearer("admin")]).await.2, "shop");
    assert_eq!(get(&verifier, "/admin", &[&bearer("message:read")]).await.0, 403);
    assert_eq!(get(&verifier, "/admin", &[]).await.0, 401);
}

#[tokio::test]
async fn an_unreachable_issuer_is_a_503_without_a_challenge() {
    let issuer = Issuer::start().await;
    issuer.set_down(true);
    let bearer = format!("Bearer {}", issuer.token(TALK).sign());
    let (status, challenge, _) = get(&issuer.verifier(TALK), "/messages", &[&bearer]).await;
    assert_eq!((status, challenge.as_str()), (503, ""));
}

#[tokio::test]
async fn the_resource_metadata_is_served_where_challenges_point() {
    let issuer = Issuer::start().await;
    let verifier =
        Verifier::builder(issuer.url(), TALK).scopes_supported(["message:read"]).build().expect("a loopback issuer");
    let path = "/.well-known/oauth-protected-resource/api";
    let (status, _, body) = get(&verifier, path, &[]).await;
    assert_eq!(status, 200);
    assert_eq!(
        serde_json::from_str::<Value>(&body).expect("JSON"),
        json!({
            "resource": TALK,
            "authorization_servers": [issuer.url()],
            "scopes_supported": ["message:read"],
            "bearer_methods_supported": ["header"],
        })
    );
}

#[tokio::test]
async fn a_sign_in_of_long_ago_or_of_another_way_is_a_step_up_challenge() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let ask = async |acr: &str, auth_time: Value| {
        let token = issuer.token(TALK).claim("acr", acr).claim("auth_time", auth_time).sign();
        get(&verifier, "/payments", &[&format!("Bearer {token}")]).await
    };
    let password = "urn:writ:acr:password";
    assert_eq!(ask(password, json!(now - 300)).await.0, 200);
    for (acr, auth_time) in [
        (password, json!(now - 340)),
        (password, json!("now")),
        (password, Value::Null),
        ("urn:example:other", json!(now)),
        ("urn:writ:acr", json!(now)),
    ] {
        let (status, challenge, body) = ask(acr, auth_time.clone()).await;
        assert_eq!(status, 401, "{acr} {auth_time}");
        let expected = "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"a more recent or another authentication is required\", \
             acr_values=\"urn:writ:acr:password\", max_age=\"300\"";
        assert_eq!(challenge, format!("{expected}, {METADATA}"));
        assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON")["error"], "insufficient_user_authentication");
    }
}

#[tokio::test]
async fn what_is_not_demanded_of_a_sign_in_is_not_looked_at() {
    let issuer = Issuer::start().await;
    let token = issuer.verifier(TALK).verify(&issuer.token(TALK).without("auth_time").sign()).await.expect("a token");
    assert!(token.require_authentication(&[], None).is_ok());
    let refused = token.require_authentication(&[], Some(u64::MAX)).expect_err("there is no auth_time");
    assert!(
        refused.challenge().is_some_and(|challenge| challenge.contains("max_age") && !challenge.contains("acr_values"))
    );
    assert!(token.require_authentication(&["urn:writ:acr:password"], None).is_err());
}
