//! Mutated requests to every route: no response is a 5xx, reflects markup, or redirects to an
//! unregistered URI. `WRIT_HOSTILE_REQUESTS` sets the number of requests (500 by default), and
//! `WRIT_HOSTILE_SEED` selects others.

use futures_util::{StreamExt, stream};
use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::json;
use writ::config::RegistrationMode;
use writ_core::vocabulary::administration_scope::AdministrationScope;

use crate::support::{App, TestServer, app::CHALLENGE, console::Console};

/// A part of every hostile value.
const MARKUP: &str = "\"'><xss-marker onload=x>";
/// The number of concurrent requests.
const PARALLEL: usize = 8;

/// Parameters of the routes, each with an accepted value.
const PARAMETERS: [(&str, &str); 42] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("scope", "openid profile:read"),
    ("state", "s"),
    ("nonce", "n"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
    ("response_mode", "query"),
    ("prompt", "none"),
    ("max_age", "0"),
    ("display", "popup"),
    ("ui_locales", "ko en"),
    ("login_hint", "alice"),
    ("id_token_hint", "e30.e30.e30"),
    ("claims", "{\"userinfo\":{\"name\":null}}"),
    ("acr_values", "1"),
    ("resource", "https://talk.example"),
    ("request", "e30.e30.e30"),
    ("request_uri", "urn:ietf:params:oauth:request_uri:x"),
    ("authorization_details", "[]"),
    ("grant_type", "authorization_code"),
    ("code", "AZ4kf5rWc.x"),
    ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ("refresh_token", "x"),
    ("device_code", "x"),
    ("subject_token", "e30.e30.e30"),
    ("token", "e30.e30.e30"),
    ("client_secret", "secret"),
    ("client_assertion", "e30.e30.e30"),
    ("post_logout_redirect_uri", "https://shop.example/out"),
    ("user_code", "BCDF-GHJK"),
    ("username", "alice"),
    ("password", "wrong"),
    ("csrf", "x"),
    ("decision", "approve"),
    ("return_to", "/account"),
    ("again", "client_id=shop"),
    ("login", "alice"),
    ("after", "shop"),
    ("limit", "2"),
    ("force", "true"),
];

/// Values that no route accepts.
const HOSTILE: [&str; 12] = [
    "\"'><xss-marker onload=x>",
    "https://evil.example/\"'><xss-marker onload=x>",
    "//evil.example/x",
    "javascript:alert(1)",
    "\u{0}\u{1}\r\nset-cookie: x=1",
    "\u{202e}\u{feff}\u{1f600}한",
    "-9223372036854775809",
    "99999999999999999999999999",
    "{\"a\":[[[[[[[[[[[[]]]]]]]]]]]]}",
    "' OR 1=1 --",
    "%%%ff%00%zz",
    "",
];

/// SplitMix64: the same seed yields the same requests.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % u64::try_from(bound).expect("a bound")).expect("below the bound")
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// The paths of all routes in `src/app.rs`.
fn routes() -> Vec<String> {
    let table = include_str!("../../src/app.rs");
    let quoted = table.split('"').skip(1).step_by(2).filter(|text| text.starts_with('/'));
    quoted.map(|path| path.replace("{path:.*}", "x/y").replace(['{', '}'], "")).collect()
}

fn value(random: &mut Random, accepted: &str) -> String {
    match random.below(8) {
        0..4 => accepted.to_owned(),
        4 => (*random.of(&HOSTILE)).to_owned(),
        5 => format!("{accepted}{MARKUP}"),
        6 => accepted.repeat(1 + random.below(40)),
        _ => accepted.chars().take(random.below(1 + accepted.chars().count())).collect(),
    }
}

fn pairs(random: &mut Random) -> Vec<(String, String)> {
    let chosen = random.below(14);
    (0..chosen)
        .map(|_| {
            let (name, accepted) = *random.of(&PARAMETERS);
            let name = if random.one_in(20) { format!("{name}{MARKUP}") } else { name.to_owned() };
            (name, value(random, accepted))
        })
        .collect()
}

fn request(random: &mut Random, http: &Client, issuer: &str, routes: &[String], administrator: &str) -> RequestBuilder {
    let mut path = random.of(routes).clone();
    if random.one_in(10) {
        path.push_str(&format!("/{}", url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect::<String>()));
    }
    let methods = [Method::GET, Method::GET, Method::POST, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let method = random.of(&methods).clone();
    if !random.one_in(4) {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs(random)).finish();
        path.push_str(&format!("?{query}"));
    }
    let mut request = http.request(method, format!("{issuer}{path}"));
    request = match random.below(6) {
        0..3 => request.form(&pairs(random)),
        3 => {
            let members: serde_json::Map<_, _> =
                pairs(random).into_iter().map(|(name, value)| (name, json!(value))).collect();
            request.json(&members)
        }
        4 => request.header("content-type", *random.of(&["application/json", "text/plain", "x"])).body(MARKUP),
        _ => request,
    };
    let headers = [
        ("authorization", "Basic c2hvcDpzZWNyZXQ="),
        ("authorization", "Bearer e30.e30.e30"),
        ("authorization", administrator),
        ("if-match", "*"),
        ("writ-reason", "because"),
        ("cookie", "writ_session=x; writ_device=a.b~c.d; writ_browser=z"),
        ("accept-language", "ko;q=0.9, *;q=x, en-GB-oxendict"),
        ("accept", "text/html"),
        ("x-forwarded-for", "::1, 999.1.1.1"),
        ("if-none-match", "\"x\""),
        ("accept-encoding", "br, gzip"),
    ];
    for _ in 0..random.below(3) {
        let (name, accepted) = *random.of(&headers);
        let value: String = value(random, accepted).chars().filter(|c| !c.is_control()).collect();
        request = request.header(name, value.as_bytes());
    }
    request
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// What is wrong with a response, if anything.
async fn fault(request: RequestBuilder) -> Option<String> {
    let request = request.build().ok()?;
    let sent = format!("{} {} {:?}", request.method(), request.url(), request.body().and_then(|body| body.as_bytes()));
    let response = match client().execute(request).await {
        Ok(response) => response,
        Err(error) => return Some(format!("{sent}: {error}")),
    };
    check(sent, response).await
}

/// What is wrong with a response, or with the pages of the server that it leads to.
async fn check(sent: String, mut response: Response) -> Option<String> {
    for _ in 0..3 {
        let url = response.url().clone();
        let next = response.headers().get("location").and_then(|value| value.to_str().ok()).map(|next| url.join(next));
        let fault = fault_of(&sent, response).await;
        match next {
            Some(Ok(next)) if fault.is_none() && next.origin() == url.origin() => {
                response = client().get(next).send().await.ok()?;
            }
            _ => return fault,
        }
    }
    None
}

async fn fault_of(sent: &str, response: Response) -> Option<String> {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, location, media_type) =
        (response.status(), header("location").to_owned(), header("content-type").to_owned());
    let leads_away = ["https://evil", "//evil", "javascript:"].iter().any(|start| location.starts_with(start));
    let body = response.text().await.unwrap_or_default();
    let reflects = media_type.starts_with("text/html") && body.contains("<xss-marker");
    (status.is_server_error() || leads_away || reflects).then(|| format!("{sent}: {status} {location} {body}"))
}

fn client() -> Client {
    static CLIENT: std::sync::LazyLock<Client> = std::sync::LazyLock::new(|| {
        Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("a client")
    });
    CLIENT.clone()
}

async fn start() -> (TestServer, App) {
    let server = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::Open;
        settings.admin_api.enabled = true;
        settings.console.enabled = true;
        settings.throttle.network_attempts = 1_000_000;
        settings.throttle.account_attempts = 1_000_000;
    })
    .await;
    let shop = server.shop().await;
    (server, shop)
}

#[tokio::test]
async fn mutated_requests_over_every_route_yield_no_5xx_and_no_reflection() {
    let (server, shop) = start().await;
    let routes = routes();
    assert!(routes.len() > 40 && routes.iter().any(|path| path == "/par"), "{routes:?}");
    let seed = number("WRIT_HOSTILE_SEED", 1);
    let mut random = Random(seed);
    let count = number("WRIT_HOSTILE_REQUESTS", 500);
    let scopes: Vec<&str> = AdministrationScope::ALL.iter().map(|scope| scope.as_str()).collect();
    let administrator = format!("Bearer {}", Console::new(&server, &scopes.join(" ")).await.token);
    let requests = (0..count).map(|_| request(&mut random, &client(), &server.issuer, &routes, &administrator));
    let faults: Vec<String> = stream::iter(requests)
        .map(fault)
        .buffer_unordered(PARALLEL)
        .filter_map(|fault| async { fault })
        .collect()
        .await;
    assert!(faults.is_empty(), "seed {seed}: {} of {count}: {:#?}", faults.len(), &faults[..faults.len().min(3)]);
    // The server still works.
    shop.tokens("openid profile:read").await;
}
