//! The log: the exact cause of each refusal with its request id, and no secrets at any level.

use serde_json::{Value, json};

use crate::support::{
    Page,
    app::{VERIFIER, basic},
    process::Process,
    seed::{MASTER_KEY, PASSWORD},
};

const WRONG_PASSWORD: &str = "an old password of hers";
const SCOPE: &str = "openid profile:read message:read";

/// The request id that an error page shows.
fn request_id(page: &Page) -> String {
    let ids = page.body.split("<code>").skip(1).filter_map(|rest| rest.split('<').next());
    ids.last().unwrap_or_else(|| panic!("no request id: {}", page.body)).to_owned()
}

#[tokio::test]
async fn secrets_are_not_logged_at_any_level() {
    for format in ["text", "json"] {
        let process = Process::start(&format!("[log]\nfilter = \"trace\"\nformat = \"{format}\"\n")).await;
        let app = process.register("careful", json!({ "rotate_refresh_tokens": true })).await;
        let client_secret = app.secret.clone().expect("a secret");
        let mut secrets: Vec<(&str, String)> = vec![
            ("the password", PASSWORD.to_owned()),
            ("a wrong password", WRONG_PASSWORD.to_owned()),
            ("the client's secret", client_secret.clone()),
            ("the resource server's secret", process.talk_secret.clone()),
            ("the Basic header", basic("careful", &client_secret).split_off(6)),
            ("the code verifier", VERIFIER.to_owned()),
            ("the master key", MASTER_KEY.clone()),
        ];
        let browser = process.browser();
        let login = browser.open(&app.authorize_url(SCOPE, &[])).await;
        secrets.push(("the sign-in form's token", login.hidden("csrf")));
        let wrong = browser.post_password(&login, "alice", WRONG_PASSWORD).await;
        assert!(wrong.is_login());
        let signed_in = browser.post_password(&login, "alice", PASSWORD).await;
        secrets.push(("the session", signed_in.cookie("writ_session").expect("a session")));
        let consent = browser.follow(signed_in).await;
        secrets.push(("the request's handle", consent.hidden("request")));
        let sent = browser.allow(&consent, &["openid", "profile:read", "message:read"]).await;
        let code = sent.parameter("code").expect("a code");
        secrets.push(("the code", code.clone()));
        let tokens = app.exchange(&sent).await.ok();
        let newer = app.refresh(tokens.text("refresh_token")).await.ok();
        for answer in [&tokens, &newer] {
            for name in ["access_token", "id_token", "refresh_token"] {
                secrets.push((name, answer.text(name).to_owned()));
            }
        }
        // Secrets in their normal places, and in wrong ones.
        app.userinfo(newer.text("access_token")).await.ok();
        process.talk().introspect(newer.text("access_token")).await.ok();
        app.userinfo(newer.text("refresh_token")).await;
        app.introspect(newer.text("id_token")).await.ok();
        app.refresh(&client_secret).await;
        app.exchange_code(newer.text("access_token")).await;
        app.exchange_code(&code).await;
        let fields =
            [("grant_type", "client_credentials"), ("client_id", "careful"), ("client_secret", &*client_secret)];
        app.post_as("/token", &fields, None).await;
        app.post_as("/token", &[fields[0], ("scope", PASSWORD)], Some("Basic nonsense")).await;
        app.post_as("/token", &fields, Some(&basic("careful", &client_secret))).await;
        app.post_as("/token", &[fields[0], (&*client_secret, "%"), (&*client_secret, "%")], None).await;
        app.post("/revoke", &[("token", newer.text("access_token"))]).await.ok();
        app.post("/revoke", &[("token", newer.text("refresh_token"))]).await.ok();
        browser.get(&format!("/authorize/resume?request={}", consent.hidden("request"))).await;
        let out = browser.get("/logout").await;
        browser.post("/logout", &[("csrf", &out.hidden("csrf")), ("request", "")]).await;

        let log = process.log();
        assert!(log.contains("signed in") && log.contains("refused"), "the log is at work: {log}");
        for (what, secret) in &secrets {
            // The secret parts as well: the part of a handle after the dot, the signature of a
            // token.
            let halves = [secret.as_str(), secret.rsplit('.').next().unwrap_or_default()];
            assert!(!halves.iter().any(|half| log.contains(half)), "{format}: {what} is in the log");
        }
    }
}

#[tokio::test]
async fn refusals_are_logged_with_cause_and_request_id() {
    let process = Process::start("[log]\nformat = \"json\"\n").await;
    let app = process.register("shop", json!({})).await;
    let browser = process.browser();
    let page = browser.get(&app.authorize_url("profile:read", &[("redirect_uri", "https://evil.example/")])).await;
    let id = request_id(&page);
    let sent = app.authorize("profile:read").await;
    app.exchange(&sent).await.ok();
    app.exchange(&sent).await;
    app.post_as("/token", &[("grant_type", "client_credentials")], Some(&basic("shop", VERIFIER))).await;
    app.post_as("/token", &[("grant_type", "client_credentials")], Some(&basic("nobody", VERIFIER))).await;
    let login = browser.get("/login").await;
    browser.post_password(&login, "alice", "wrong").await;
    browser.post_password(&login, "nobody", "wrong").await;

    let log = process.log();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let of_page: Vec<&Value> = events.iter().filter(|event| event["span"]["request_id"] == id).collect();
    let refusal = of_page.iter().find(|event| event["message"] == "refused").unwrap_or_else(|| panic!("{id}: {log}"));
    assert_eq!((&refusal["endpoint"], &refusal["code"]), (&json!("authorization"), &json!("invalid_request")));
    assert_eq!(refusal["cause"], "redirect_uri_unregistered");
    assert_eq!((&refusal["expected"], &refusal["actual"]), (&json!(app.redirect_uri), &json!("https://evil.example/")));
    for (member, text) in [
        ("cause", "code_replayed"),
        ("detail", "replay of the code of grant "),
        ("cause", "client_secret_wrong"),
        ("detail", "wrong secret for client shop"),
        ("cause", "client_not_found"),
        ("detail", "no client has the client_id \"nobody\""),
        ("cause", "wrong password"),
        ("cause", "there is no such user"),
    ] {
        let event = events.iter().find(|event| event[member].as_str().is_some_and(|found| found.starts_with(text)));
        let event = event.unwrap_or_else(|| panic!("no {text}: {log}"));
        assert!(event["span"]["request_id"].is_string(), "{event}");
    }
}
