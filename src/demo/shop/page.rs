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
    super::language::Language,
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
struct Welcome {
    language: Language,
}

/// The page for a visitor who is not logged in.
pub(super) fn welcome(language: Language) -> HttpResponse {
    render(StatusCode::OK, &Welcome { language })
}

#[derive(Template)]
#[template(path = "demo/counter.html")]
struct Counter<'a> {
    language: Language,
    name: &'a str,
    handle: &'a str,
    scopes: Vec<Scope>,
    answer: &'a Answer,
    claims: Vec<Claim>,
    /// Where the account of the customer is.
    issuer: &'a str,
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
pub(super) fn counter(customer: &Customer, issuer: &str, language: Language) -> HttpResponse {
    let profile = customer.profile.as_ref();
    let page = Counter {
        language,
        name: profile.map_or(language.say("stranger", "손님"), |user| &user.name),
        handle: profile.map_or("", |user| &user.handle),
        scopes: customer
            .scopes()
            .map(|(name, granted)| Scope { name, granted, means: scope_means(name, language) })
            .collect(),
        answer: &customer.answer,
        claims: explain(customer.claims(), language),
        issuer,
    };
    render(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "demo/trouble.html")]
struct Trouble<'a> {
    language: Language,
    why: &'a NotLoggedIn,
    detail: String,
}

/// The page after a failed login.
pub(super) fn trouble(why: &NotLoggedIn, status: StatusCode, language: Language) -> HttpResponse {
    let detail = why.to_string();
    render(status, &Trouble { language, why, detail })
}

fn render(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status).content_type(ContentType::html()).body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn scope_means(scope: &str, language: Language) -> &'static str {
    match scope {
        "profile:read" => language.say("Know your name", "내 이름 알기"),
        "message:read" => language.say("Read your messages", "내 메시지 읽기"),
        "message:send" => language.say("Write messages in your name", "내 이름으로 메시지 보내기"),
        "payment:make" => language.say("Charge your Talk wallet", "내 톡 지갑으로 결제하기"),
        _ => "",
    }
}

/// The claims of an access token (RFC 9068 §2.2) and Writ's own `grant_id`, with explanations, in
/// reading order.
const CLAIMS: [(&str, &str, &str); 11] = [
    ("iss", "who signed this token: Writ", "이 토큰에 서명한 곳: Writ"),
    ("sub", "the user: you", "누구의 토큰인지: 나"),
    ("aud", "the only API that may accept it: Talk", "이 토큰을 받을 수 있는 곳: 톡 하나뿐"),
    ("client_id", "who may use it: Shop", "이 토큰을 쓸 수 있는 앱: 항구책방"),
    ("scope", "what it allows: what you ticked", "할 수 있는 일: 내가 선택한 것"),
    ("auth_time", "when you signed in", "내가 로그인한 시각"),
    (
        "acr",
        "how you signed in: with a password, or with two factors (mfa)",
        "로그인한 방법: 비밀번호, 또는 2단계 인증(mfa)",
    ),
    ("iat", "when it was issued", "발급한 시각"),
    ("exp", "when it ends", "끝나는 시각"),
    ("jti", "its own number", "이 토큰의 고유 번호"),
    ("grant_id", "the decision of yours that it comes from", "이 토큰이 나온 내 허용의 번호"),
];

/// The claims in [`CLAIMS`] first, then the others.
fn explain(mut claims: Map<String, Value>, language: Language) -> Vec<Claim> {
    let known = CLAIMS.iter().filter_map(|&(name, english, korean)| {
        let value = claims.remove(name)?;
        Some(Claim { value: claim_text(name, &value), name: name.into(), means: language.say(english, korean) })
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
