//! Every page in every state and language, and their texts.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../examples/preview_pages/samples.rs"]
mod samples;
mod texts;

use actix_web::body::to_bytes;
use rstest::rstest;
use writ::web::locale::Locale;

async fn html(name: &str, locale: Locale) -> String {
    let response = samples::respond(name, locale).unwrap();
    let body = to_bytes(response.into_body()).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[actix_web::test]
async fn pages_are_small_and_declare_their_language() {
    for name in samples::NAMES {
        for locale in Locale::all() {
            let html = html(name, *locale).await;
            let most = if name.starts_with("console-") { 60_000 } else { 30_000 };
            assert!(html.len() < most, "{name} has {} bytes", html.len());
            assert!(html.contains(&format!("<html lang=\"{locale}\">")), "{name}");
            assert!(!html.contains('\u{2068}'), "{name} holds an isolating mark");
        }
    }
}

#[actix_web::test]
async fn pages_have_no_inline_scripts_or_styles() {
    for name in samples::NAMES {
        let html = html(name, Locale::EN).await;
        for attribute in ["style=", "onclick=", "onload=", "onsubmit="] {
            assert!(!html.contains(attribute), "{name} has {attribute}");
        }
        assert!(html.matches("<script").count() == html.matches("<script src=\"/assets/").count(), "{name}");
    }
}

#[actix_web::test]
async fn pages_load_nothing_from_other_origins() {
    for name in samples::NAMES {
        let html = html(name, Locale::EN).await;
        for (at, _) in html.match_indices(" src=\"") {
            assert!(html[at + 6..].starts_with("/assets/"), "{name} loads {}", &html[at..at + 60]);
        }
    }
}

#[actix_web::test]
async fn pages_have_the_headers_of_pages() {
    for name in samples::NAMES {
        let response = samples::respond(name, Locale::KO).unwrap();
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{name}");
        assert!(!policy.contains("unsafe"), "{name}");
        assert_eq!(policy.contains("form-action 'self';"), name != "form-post", "{name}");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("content-language"), "ko");
    }
}

#[actix_web::test]
async fn form_post_page_does_not_restrict_redirects_of_the_client() {
    let response = samples::respond("form-post", Locale::EN).unwrap();
    let policy = response.headers().get("content-security-policy").unwrap();
    assert!(!policy.to_str().unwrap().contains("form-action"));
}

#[actix_web::test]
async fn values_are_escaped() {
    let html = html("form-post", Locale::EN).await;
    assert!(html.contains("value=\"&#34;&#60;&#38;&#62;&#34;\""), "{html}");
}

#[actix_web::test]
async fn first_button_of_the_consent_form_does_nothing() {
    let html = html("consent-first", Locale::EN).await;
    let first = &html[html.find("<form class=\"sheet\"").unwrap()..];
    let first = &first[first.find("<button").unwrap()..];
    assert!(first.starts_with("<button class=\"unseen\" formmethod=\"dialog\""));
}

#[rstest]
#[case("consent-first")]
#[case("device")]
#[case("navigate-allowed")]
#[case("form-post")]
#[case("denied-again")]
#[case("device-allowed")]
#[actix_web::test]
async fn page_of_a_decision_and_the_page_after_it_link_to_the_connected_apps(#[case] name: &str) {
    for locale in Locale::all() {
        let html = html(name, *locale).await;
        let link = format!("<a href=\"/account/apps\">{}</a>", locale.text("apps-heading"));
        let button = link.replace("<a ", "<a class=\"button plain\" ");
        assert!(html.contains(&link) || html.contains(&button), "{name} {locale}");
    }
}

#[rstest]
#[case("login-wrong", &["username", "password"])]
#[case("device-code-wrong", &["user-code"])]
#[case("confirm-wrong", &["password"])]
#[case("password-short", &["new-password"])]
#[case("password-weak", &["new-password"])]
#[case("profile-wrong", &["website"])]
#[case("email-malformed", &["email"])]
#[case("email-digits-wrong", &["code"])]
#[case("sign-up-wrong", &["email"])]
#[case("sign-up-digits-wrong", &["code"])]
#[case("sign-up-link-wrong", &["password"])]
#[case("code-wrong", &["code"])]
#[case("factor-set-up-wrong", &["code"])]
#[case("factor-remove-wrong", &["code"])]
#[actix_web::test]
async fn error_stands_in_the_title_and_belongs_to_its_fields(#[case] name: &str, #[case] fields: &[&str]) {
    for locale in Locale::all() {
        let html = html(name, *locale).await;
        assert!(html.contains(&format!("<title>{} ", locale.text("title-error"))), "{name} {locale}");
        let wrong = html.split('<').filter(|tag| tag.contains("aria-invalid=\"true\""));
        let ids: Vec<_> = wrong
            .filter(|tag| tag.contains("aria-describedby=\"error"))
            .filter_map(|tag| tag.split_once(" id=\"")?.1.split('"').next())
            .collect();
        assert_eq!(ids, fields, "{name} {locale}");
    }
}

#[actix_web::test]
async fn access_that_continues_by_itself_is_emphasized() {
    for (name, is_emphasized) in [("consent-works-while-away", true), ("consent-first", false)] {
        let html = html(name, Locale::EN).await;
        assert_eq!(html.contains("<p class=\"fine caution\" id=\"away\">"), is_emphasized, "{name}");
    }
}

#[rstest]
#[case("login", &["id=\"username\"", "id=\"password\"", "id=\"login\"", "autocomplete=\"current-password\""])]
#[case("login-wrong", &["id=\"error\"", "role=\"alert\""])]
#[case("consent-first", &["id=\"approve\"", "id=\"deny\"", "name=\"scope\" value=\"message:send\""])]
#[case("error", &["id=\"error\""])]
#[case("logout", &["id=\"logout\""])]
#[case("logged-out", &["id=\"logged-out\""])]
#[actix_web::test]
async fn pages_have_the_ids_for_automation(#[case] name: &str, #[case] expected: &[&str]) {
    let html = html(name, Locale::EN).await;
    for part in expected {
        assert!(html.contains(part), "{name} lacks {part}");
    }
}

#[test]
fn stylesheet_warns_in_parts_of_a_page_only() {
    let sheet = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/static/style.css")).unwrap();
    let rules = sheet.split('}').filter_map(|rule| rule.split_once('{'));
    for (selectors, _) in rules.filter(|(_, declarations)| declarations.contains("background: var(--alarm-ground)")) {
        let mut frame = selectors.split(',').map(str::trim).filter(|selector| ["body", "main"].contains(selector));
        assert_eq!(frame.next(), None, "{selectors}");
    }
}

#[test]
fn no_two_rules_of_the_stylesheet_share_a_class() {
    let sheet = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/static/style.css")).unwrap();
    // A rule that continues a list of selectors begins after a comma.
    let lines = || std::iter::once("").chain(sheet.lines());
    let mut rules: Vec<&str> = lines()
        .zip(sheet.lines())
        .filter(|(before, rule)| rule.starts_with('.') && rule.ends_with(" {") && !before.ends_with(','))
        .map(|(_, rule)| rule)
        .collect();
    rules.sort_unstable();
    let twice: Vec<&[&str]> = rules.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(rules.len() > 50 && twice.is_empty(), "{twice:?}");
}
