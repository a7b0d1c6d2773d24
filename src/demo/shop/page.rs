//! The pages of Shop.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::DefaultHeaders,
};
use askama::Template;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    customer::Customer,
    log_in::NotLoggedIn,
    talk_api::{Answer, Meaning},
};

const STYLESHEET: &str = include_str!("../../../templates/demo/shop.css");
const ICON: &str = include_str!("../../../templates/demo/icon.svg");

/// The headers of every response: no external content, no scripts, no framing.
pub(super) fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((CACHE_CONTROL, "no-store"))
}

pub(super) async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLESHEET)
}

pub(super) async fn icon() -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(ICON)
}

#[derive(Template)]
#[template(path = "demo/welcome.html")]
struct Welcome;

/// The page for a visitor who is not logged in.
pub(super) fn welcome() -> HttpResponse {
    render(StatusCode::OK, &Welcome)
}

#[derive(Template)]
#[template(path = "demo/counter.html")]
struct Counter<'a> {
    name: &'a str,
    handle: &'a str,
    scopes: Vec<Scope>,
    answer: &'a Answer,
    claims: Vec<Claim>,
}

struct Scope {
    name: &'static str,
    granted: bool,
    /// What this scope makes possible at Shop.
    means: &'static str,
}

struct Claim {
    name: String,
    value: String,
    means: &'static str,
}

/// The page for a customer: the profile, the granted scopes, and Talk's latest response.
pub(super) fn counter(customer: &Customer) -> HttpResponse {
    let profile = customer.profile.as_ref();
    let page = Counter {
        name: profile.map_or("stranger", |person| &person.name),
        handle: profile.map_or("", |person| &person.handle),
        scopes: customer.scopes().map(|(name, granted)| Scope { name, granted, means: scope_means(name) }).collect(),
        answer: &customer.answer,
        claims: explain(customer.claims()),
    };
    render(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "demo/trouble.html")]
struct Trouble<'a> {
    why: &'a NotLoggedIn,
    detail: String,
}

/// The page after a failed login.
pub(super) fn trouble(why: &NotLoggedIn, status: StatusCode) -> HttpResponse {
    let detail = why.to_string();
    render(status, &Trouble { why, detail })
}

fn render(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status).content_type(ContentType::html()).body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn scope_means(scope: &str) -> &'static str {
    match scope {
        "profile:read" => "Know your name",
        "message:read" => "Read your messages",
        "message:send" => "Write messages in your name",
        _ => "",
    }
}

/// The claims of an access token (RFC 9068 §2.2) and Writ's own `grant_id`, with explanations, in
/// reading order.
const CLAIMS: [(&str, &str); 11] = [
    ("iss", "who signed this token: Writ"),
    ("sub", "the user: you"),
    ("aud", "the only API that may accept it: Talk"),
    ("client_id", "who may use it: Shop"),
    ("scope", "what it allows: what you ticked"),
    ("auth_time", "when you signed in"),
    ("acr", "how you signed in: with a password"),
    ("iat", "when it was issued"),
    ("exp", "when it ends"),
    ("jti", "its own number"),
    ("grant_id", "the decision of yours that it comes from"),
];

/// The claims in [`CLAIMS`] first, then the others.
fn explain(mut claims: Map<String, Value>) -> Vec<Claim> {
    let known = CLAIMS.iter().filter_map(|&(name, means)| {
        let value = claims.remove(name)?;
        Some(Claim { value: claim_text(name, &value), name: name.into(), means })
    });
    let mut explained: Vec<Claim> = known.collect();
    explained.extend(claims.into_iter().map(|(name, value)| Claim {
        value: claim_text(&name, &value),
        name,
        means: "",
    }));
    explained
}

/// A claim as text: times as dates, strings without quotes, others as JSON.
fn claim_text(claim: &str, value: &Value) -> String {
    let time = match claim {
        "iat" | "exp" | "auth_time" => value.as_i64(),
        _ => None,
    };
    let date = time.and_then(|seconds| Timestamp::from_second(seconds).ok());
    match (date, value.as_str()) {
        (Some(date), _) => date.to_string(),
        (None, Some(text)) => text.into(),
        (None, None) => value.to_string(),
    }
}
