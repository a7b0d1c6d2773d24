//! Shop with a fake authorization server and a fake API: are its requests right, and does it refuse
//! wrong responses?

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header::AUTHORIZATION,
    web::{Data, Form, Json, get, post},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{
    Client, Response, StatusCode,
    header::{LOCATION, SET_COOKIE},
};
use serde_json::{Value, json};
use url::Url;
use writ::demo::shop::{Settings, Shop};

const CHALLENGE: &str = r#"Bearer error="insufficient_scope", error_description="the scope message:send is required", scope="message:send""#;

/// The authorization server and the API in one, with the requests that they received.
#[derive(Default)]
struct World {
    token_requests: Mutex<Vec<TokenRequest>>,
    tokens_seen_by_talk: Mutex<Vec<String>>,
}

struct TokenRequest {
    authorization: String,
    form: HashMap<String, String>,
}

/// A browser at a shop whose authorization server and API are `world`.
struct Visit {
    world: Arc<World>,
    issuer: String,
    shop: String,
    browser: Client,
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base_url)
}

async fn token(request: HttpRequest, form: Form<HashMap<String, String>>, world: Data<World>) -> Json<Value> {
    let authorization = authorization(&request);
    let mut requests = world.token_requests.lock().expect("no panic");
    requests.push(TokenRequest { authorization, form: form.into_inner() });
    Json(json!({
        "access_token": format!("token-{}", requests.len()),
        "token_type": "Bearer",
        "expires_in": 5,
        "refresh_token": "refresh-1",
        "scope": "profile:read message:read",
    }))
}

fn authorization(request: &HttpRequest) -> String {
    let header = request.headers().get(AUTHORIZATION).expect("the caller authenticates");
    header.to_str().expect("text").to_owned()
}

fn remember_token(request: &HttpRequest, world: &World) {
    world.tokens_seen_by_talk.lock().expect("no panic").push(authorization(request));
}

async fn profile(request: HttpRequest, world: Data<World>) -> Json<Value> {
    remember_token(&request, &world);
    Json(json!({ "handle": "minji", "name": "김민지 <script>" }))
}

async fn refuse(request: HttpRequest, world: Data<World>) -> HttpResponse {
    remember_token(&request, &world);
    HttpResponse::Forbidden()
        .insert_header(("WWW-Authenticate", CHALLENGE))
        .json(json!({ "error": "insufficient_scope" }))
}

impl Visit {
    async fn begin() -> Self {
        let world = Data::new(World::default());
        let (socket, issuer) = listener();
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
        });
        let served = world.clone();
        let server = HttpServer::new(move || {
            let metadata = metadata.clone();
            App::new()
                .app_data(served.clone())
                .route(
                    "/.well-known/oauth-authorization-server",
                    get().to(move || std::future::ready(Json(metadata.clone()))),
                )
                .route("/token", post().to(token))
                .route("/profile", get().to(profile))
                .route("/messages", post().to(refuse))
        });
        tokio::spawn(server.workers(1).listen(socket).expect("a listener").run());

        let (socket, shop) = listener();
        let settings = Settings {
            base_url: shop.clone(),
            issuer: issuer.clone(),
            talk: issuer.clone(),
            client_id: "shop".into(),
            client_secret: "the secret".into(),
        };
        let opened = Shop::open(settings).await.expect("metadata is served");
        tokio::spawn(opened.listen(socket).expect("a listener"));
        let browser =
            Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { world: world.into_inner(), issuer, shop, browser }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.browser.get(format!("{}{path}", self.shop));
        request.send().await.expect("Shop answers")
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.browser.post(format!("{}{path}", self.shop)).form(form);
        request.send().await.expect("Shop answers")
    }

    /// Starts a login and returns the parameters of the authorization request.
    async fn begin_log_in(&self) -> HashMap<String, String> {
        let response = self.get("/log-in").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let url = Url::parse(response.headers()[LOCATION].to_str().expect("text")).expect("a URL");
        assert!(url.as_str().starts_with(&format!("{}/authorize?", self.issuer)));
        url.query_pairs().into_owned().collect()
    }

    async fn return_with(&self, parameters: &[(&str, &str)]) -> Response {
        let url = Url::parse_with_params(&format!("{}/callback", self.shop), parameters);
        self.browser.get(url.expect("a URL")).send().await.expect("Shop answers")
    }

    /// Logs in and returns the page that follows.
    async fn log_in(&self) -> String {
        let asked = self.begin_log_in().await;
        let answer = [("code", "c1"), ("state", asked["state"].as_str()), ("iss", self.issuer.as_str())];
        let response = self.return_with(&answer).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()[LOCATION], "/");
        self.get("/").await.text().await.expect("a page")
    }

    fn token_requests(&self) -> usize {
        self.world.token_requests.lock().expect("no panic").len()
    }
}

#[actix_web::test]
async fn request_has_pkce_and_state_and_the_cookie_is_httponly() {
    let visit = Visit::begin().await;
    let cookie = visit.get("/log-in").await.headers()[SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.starts_with("shop_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));

    let first = visit.begin_log_in().await;
    assert_eq!(first["response_type"], "code");
    assert_eq!(first["client_id"], "shop");
    assert_eq!(first["redirect_uri"], format!("{}/callback", visit.shop));
    assert_eq!(first["scope"], "profile:read message:read message:send");
    assert_eq!(first["code_challenge_method"], "S256");
    assert!(!first.contains_key("prompt"));
    let second = visit.begin_log_in().await;
    assert_ne!(first["state"], second["state"]);
    assert_ne!(first["code_challenge"], second["code_challenge"]);

    let again = visit.get("/log-in?ask_again=true").await;
    assert!(again.headers()[LOCATION].to_str().expect("text").contains("prompt=consent"));
}

#[actix_web::test]
async fn code_is_exchanged_with_the_verifier_and_the_secret() {
    let visit = Visit::begin().await;
    let asked = visit.begin_log_in().await;
    let answer = [("code", "c1"), ("state", asked["state"].as_str()), ("iss", visit.issuer.as_str())];
    visit.return_with(&answer).await;

    let requests = visit.world.token_requests.lock().expect("no panic");
    let [request] = requests.as_slice() else { panic!("one token request") };
    let verifier = digest(&SHA256, request.form["code_verifier"].as_bytes());
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(verifier), asked["code_challenge"]);
    assert_eq!(request.form["code"], "c1");
    assert_eq!(request.form["redirect_uri"], asked["redirect_uri"]);
    // RFC 6749 §2.3.1: the secret is form-encoded before it is put into Basic.
    assert_eq!(request.authorization, "Basic c2hvcDp0aGUrc2VjcmV0");
}

#[actix_web::test]
async fn customer_sees_the_name_and_the_granted_scopes() {
    let visit = Visit::begin().await;
    let page = visit.log_in().await;
    assert!(page.contains("김민지 &#60;script&#62;"), "the name is there, and it is text");
    assert!(page.contains(r#"class="granted" data-scope="message:read""#));
    assert!(page.contains(r#"class="withheld" data-scope="message:send""#));

    let forgotten = visit.post("/forget", &[]).await;
    assert_eq!(forgotten.status(), StatusCode::SEE_OTHER);
    assert!(!visit.get("/").await.text().await.expect("a page").contains("김민지"));
}

#[actix_web::test]
async fn refusal_by_talk_is_shown_with_its_challenge() {
    let visit = Visit::begin().await;
    visit.log_in().await;
    let sent = visit.post("/send-message", &[("text", "Hello")]).await;
    assert_eq!(sent.headers()[LOCATION], "/#answer");
    let page = visit.get("/").await.text().await.expect("a page");
    assert!(page.contains("403 Forbidden"));
    assert!(page.contains("scope=&#34;message:send&#34;"));
    assert!(page.contains("it does not carry <code>message:send</code>"));
}

#[actix_web::test]
async fn expiring_token_is_refreshed() {
    let visit = Visit::begin().await;
    visit.log_in().await;
    visit.post("/send-message", &[("text", "Hello")]).await;
    let requests = visit.world.token_requests.lock().expect("no panic");
    assert_eq!(requests[1].form["grant_type"], "refresh_token");
    assert_eq!(requests[1].form["refresh_token"], "refresh-1");
    let tokens = visit.world.tokens_seen_by_talk.lock().expect("no panic");
    assert_eq!(*tokens, ["Bearer token-1", "Bearer token-2"]);
}

#[actix_web::test]
async fn denial_is_shown_without_an_error() {
    let visit = Visit::begin().await;
    let asked = visit.begin_log_in().await;
    let answer = [("error", "access_denied"), ("state", asked["state"].as_str()), ("iss", visit.issuer.as_str())];
    let response = visit.return_with(&answer).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.text().await.expect("a page").contains("No hard feelings"));
    assert_eq!(visit.token_requests(), 0);
}

#[actix_web::test]
async fn unrequested_response_is_never_exchanged() {
    let visit = Visit::begin().await;
    let issuer = visit.issuer.clone();
    let no_session = visit.return_with(&[("code", "c1"), ("state", "s"), ("iss", &issuer)]).await;
    assert_eq!(no_session.status(), StatusCode::BAD_REQUEST);

    let state = visit.begin_log_in().await["state"].clone();
    let from_elsewhere = visit.return_with(&[("code", "c1"), ("state", &state), ("iss", "https://evil.example")]).await;
    assert_eq!(from_elsewhere.status(), StatusCode::BAD_REQUEST);
    let replayed = visit.return_with(&[("code", "c1"), ("state", &state), ("iss", &issuer)]).await;
    assert_eq!(replayed.status(), StatusCode::BAD_REQUEST, "one log-in takes one answer");

    let state = visit.begin_log_in().await["state"].clone();
    let without_issuer = visit.return_with(&[("code", "c1"), ("state", &state)]).await;
    assert_eq!(without_issuer.status(), StatusCode::BAD_REQUEST);

    visit.begin_log_in().await;
    let wrong_state = visit.return_with(&[("code", "c1"), ("state", "forged"), ("iss", &issuer)]).await;
    assert_eq!(wrong_state.status(), StatusCode::BAD_REQUEST);

    let state = visit.begin_log_in().await["state"].clone();
    let empty = visit.return_with(&[("state", &state), ("iss", &issuer)]).await;
    assert_eq!(empty.status(), StatusCode::BAD_REQUEST);

    let state = visit.begin_log_in().await["state"].clone();
    let twice = visit.return_with(&[("code", "c1"), ("code", "c2"), ("state", &state), ("iss", &issuer)]).await;
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
    assert_eq!(visit.token_requests(), 0);
}

#[actix_web::test]
async fn form_of_another_origin_is_refused() {
    let visit = Visit::begin().await;
    visit.log_in().await;
    for site in ["same-site", "cross-site"] {
        let request = visit.browser.post(format!("{}/forget", visit.shop)).header("Sec-Fetch-Site", site);
        assert_eq!(request.send().await.expect("Shop answers").status(), StatusCode::FORBIDDEN);
    }
    assert!(visit.get("/").await.text().await.expect("a page").contains("김민지"));
}
