//! Signing in: what it requires, what it reveals, and how often it may be tried.

use reqwest::StatusCode;

use writ::store::{
    Id,
    sessions::{self, Session},
};

use crate::support::{Browser, Page, TestServer, seed::PASSWORD};

/// The page without the parts that differ on purpose.
fn shown(page: &Page) -> String {
    let body = page.body.replace(&page.hidden("csrf"), "");
    let name = body.split("name=\"username\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    body.replace(&format!("value=\"{}\"", name.expect("a name")), "")
}

/// Submits one password in a new browser, without an authorization request.
async fn attempt(server: &TestServer, username: &str, password: &str) -> Page {
    let browser = server.browser();
    let login = browser.get("/login").await;
    browser.post_password(&login, username, password).await
}

fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.cookie("writ_session").is_some_and(|cookie| !cookie.is_empty())
}

fn is_throttled(page: &Page) -> bool {
    let throttled = page.status == StatusCode::TOO_MANY_REQUESTS;
    assert_eq!(throttled, page.header("retry-after").parse::<i64>().is_ok_and(|seconds| seconds > 0), "{page:?}");
    throttled
}

#[tokio::test]
async fn username_or_email_matches_in_any_case_and_password_exactly() {
    let server = TestServer::start().await;
    for name in ["alice", "ALICE", " alice ", "alice@example.com", "Alice@Example.COM"] {
        assert!(is_in(&attempt(&server, name, PASSWORD).await), "{name}");
    }
    for (name, password) in [
        ("alice", ""),
        ("alice", "Correct horse battery staple"),
        ("alice", "correct horse battery staple "),
        ("alice", "correct horse battery stapl"),
        ("", PASSWORD),
        ("minji@example", PASSWORD),
        ("alice%", PASSWORD),
        ("alice' OR '1'='1", PASSWORD),
    ] {
        let page = attempt(&server, name, password).await;
        assert_eq!(
            (page.status, page.cookie("writ_session")),
            (StatusCode::BAD_REQUEST, None),
            "{name:?} {password:?}"
        );
        assert!(!page.body.contains(PASSWORD), "a password is not shown again");
    }
    for (name, password) in [(&"a".repeat(321)[..], PASSWORD), ("alice", &"a".repeat(1025)[..])] {
        let page = attempt(&server, name, password).await;
        assert!(page.is_error() && page.cookie("writ_session").is_none(), "{page:?}");
    }
}

#[tokio::test]
async fn sign_in_does_not_reveal_whether_an_account_exists() {
    let server = TestServer::start().await;
    let minji = server.user_id("minji").await;
    server.write(move |tx| writ::store::accounts::disable(tx, minji)).await;
    let wrong = attempt(&server, "alice", "wrong").await;
    let unknown = attempt(&server, "nobody", "wrong").await;
    let unknown_address = attempt(&server, "nobody@example.com", "wrong").await;
    let disabled = attempt(&server, "minji", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    for page in [&unknown, &unknown_address, &disabled] {
        assert_eq!((page.status, shown(page)), (wrong.status, shown(&wrong)));
        assert_eq!(page.cookie("writ_session"), None);
    }
    // The rate limit reveals nothing either.
    for name in ["alice", "nobody"] {
        let mut refused = 0;
        for _ in 0..9 {
            refused += usize::from(is_throttled(&attempt(&server, name, "wrong").await));
        }
        assert_eq!(refused, 0, "{name}");
        assert!(is_throttled(&attempt(&server, name, PASSWORD).await), "{name}");
    }
}

#[tokio::test]
async fn disabled_user_is_signed_out_at_once_and_can_return_when_enabled() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    assert!(browser.sign_in(&login, "alice").await.is_consent());
    let alice = server.user_id("alice").await;
    server.write(move |tx| writ::store::accounts::disable(tx, alice)).await;
    assert!(browser.open(&shop.authorize_url("profile:read", &[])).await.is_login());
    assert_eq!(attempt(&server, "alice", PASSWORD).await.status, StatusCode::BAD_REQUEST);
    server.write(move |tx| writ::store::accounts::enable(tx, alice)).await;
    assert!(is_in(&attempt(&server, "alice", PASSWORD).await));
}

#[tokio::test]
async fn account_is_throttled_under_all_its_names_and_recovers() {
    let server = TestServer::start_with(|settings| {
        settings.throttle.account_attempts = 4;
        settings.throttle.account_interval = 30;
    })
    .await;
    for name in ["alice", "alice@example.com", "ALICE", " alice@example.com"] {
        assert!(!is_throttled(&attempt(&server, name, "wrong").await), "{name}");
    }
    for name in ["alice", "alice@example.com"] {
        let page = attempt(&server, name, PASSWORD).await;
        assert!(is_throttled(&page), "{name}: the right password is not even looked at");
        assert_eq!(page.cookie("writ_session"), None);
    }
    assert!(is_in(&attempt(&server, "minji", PASSWORD).await), "another account is not concerned");
    // One more attempt per interval, regardless of the refused ones.
    for _ in 0..20 {
        assert!(is_throttled(&attempt(&server, "alice", "wrong").await));
    }
    server.clock.advance(30);
    assert!(!is_throttled(&attempt(&server, "alice", "wrong").await));
    assert!(is_throttled(&attempt(&server, "alice", "wrong").await));
    server.clock.advance(30);
    assert!(is_in(&attempt(&server, "alice", PASSWORD).await));
}

#[tokio::test]
async fn correct_password_refunds_the_attempt() {
    let server = TestServer::start_with(|settings| {
        settings.throttle.account_attempts = 2;
        settings.throttle.network_attempts = 2;
    })
    .await;
    for _ in 0..6 {
        assert!(is_in(&attempt(&server, "alice", PASSWORD).await));
    }
}

#[tokio::test]
async fn network_is_throttled_across_accounts() {
    let server = TestServer::start_with(|settings| {
        settings.throttle.network_attempts = 5;
        settings.throttle.network_interval = 7;
        settings.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let from = async |address: &str, username: &str| {
        let http = reqwest::Client::builder().cookie_store(true).build().expect("a client");
        let url = format!("{}/login", server.issuer);
        let body = http.get(&url).send().await.expect("an answer").text().await.expect("a page");
        let csrf = body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("csrf");
        let fields = [("csrf", csrf), ("username", username), ("password", "wrong")];
        http.post(&url).header("x-forwarded-for", address).form(&fields).send().await.expect("an answer").status()
    };
    for (number, address) in
        ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1", "2001:db8::1", "2001:db8::3"].iter().enumerate()
    {
        assert_eq!(from(address, &format!("person-{number}")).await, StatusCode::BAD_REQUEST, "{address}");
    }
    assert_eq!(from("2001:db8::9", "person-9").await, StatusCode::TOO_MANY_REQUESTS, "one /64 is one network");
    assert_eq!(from("2001:db8:0:1::1", "person-9").await, StatusCode::BAD_REQUEST);
    assert_eq!(from("192.0.2.1", "person-9").await, StatusCode::BAD_REQUEST);
    server.clock.advance(7);
    assert_eq!(from("2001:db8::9", "person-9").await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn concurrent_guesses_do_not_exceed_the_limit() {
    let server = TestServer::start_with(|settings| {
        settings.throttle.account_attempts = 5;
        settings.throttle.account_interval = 86_400;
    })
    .await;
    let browser = server.browser();
    let login = browser.get("/login").await;
    let guesses = (0..64).map(|number| {
        let name = if number % 2 == 0 { "alice" } else { "alice@example.com" };
        let (browser, login) = (&browser, &login);
        async move { browser.post_password(login, name, &format!("guess {number}")).await }
    });
    let pages = futures_util::future::join_all(guesses).await;
    let heard = pages.iter().filter(|page| !is_throttled(page)).count();
    assert_eq!(heard, 5);
    assert!(is_throttled(&attempt(&server, "alice", PASSWORD).await));
}

#[tokio::test]
async fn sign_in_replaces_the_session() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let login = browser.get("/login").await;
    let first = browser.post_password(&login, "alice", PASSWORD).await.cookie("writ_session").expect("a session");
    let login = browser.get("/login").await;
    let second = browser.post_password(&login, "alice", PASSWORD).await.cookie("writ_session").expect("a session");
    assert_ne!(first, second);
    assert!(!holds(&server, &first).await, "the earlier session is over");
    assert!(holds(&server, &second).await);
    // A session id chosen by the attacker is not a session, before and after.
    let planted = "AaIHwE-rdyilygKNggl4wQ.hr3PlO2HbWwO7U38acO6dkNN7HSOo6RHht1TNLRH268";
    let http = reqwest::Client::new();
    let url = format!("{}/login", server.issuer);
    let page = http.get(&url).header("cookie", format!("writ_session={planted}")).send().await.expect("an answer");
    assert!(page.headers().get("set-cookie").is_some_and(|cookie| !cookie.to_str().expect("ASCII").contains(planted)));
    let forged = format!("{}.{}", second.split_once('.').expect("a handle").0, crate::support::app::VERIFIER);
    for cookie in [planted, &forged, "", "nonsense"] {
        assert!(!holds(&server, cookie).await, "{cookie}");
    }
}

#[tokio::test]
async fn session_ends_when_idle_too_old_or_signed_out() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let sign_in = async |browser: &Browser| {
        let login = browser.get("/login").await;
        browser.post_password(&login, "alice", PASSWORD).await.cookie("writ_session").expect("a session")
    };
    let idle = sign_in(&browser).await;
    let settings = &server.server.settings.sessions;
    server.clock.advance(settings.idle_lifetime - 60);
    assert!(holds(&server, &idle).await);
    server.clock.advance(settings.idle_lifetime + 1);
    assert!(!holds(&server, &idle).await);
    let used = sign_in(&browser).await;
    for _ in 0..settings.lifetime / settings.idle_lifetime {
        server.clock.advance(settings.idle_lifetime - 60);
        assert!(holds(&server, &used).await);
    }
    server.clock.advance(settings.idle_lifetime - 60);
    assert!(!holds(&server, &used).await, "however much it is used");

    let browser = server.browser();
    let left = sign_in(&browser).await;
    let page = browser.get("/logout").await;
    assert!(browser.post("/logout", &[("csrf", "nonsense")]).await.is_error());
    assert!(holds(&server, &left).await, "the form of another user signs no user out");
    let out = browser.post("/logout", &[("csrf", &page.hidden("csrf")), ("request", "")]).await;
    assert!(out.body.contains("id=\"logged-out\""), "{out:?}");
    assert!(!holds(&server, &left).await, "the cookie is dead, not only forgotten");
}

#[tokio::test]
async fn sign_in_form_is_bound_to_browser_and_request() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let other = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let request = login.hidden("request");
    let credentials = [("username", "alice"), ("password", PASSWORD)];
    for csrf in ["", "nonsense", &other.hidden("csrf")] {
        let page =
            browser.post("/login", &[&[("request", &*request), ("csrf", csrf)], &credentials[..]].concat()).await;
        assert!(page.is_login() && page.status == StatusCode::BAD_REQUEST, "{csrf}: {page:?}");
        assert_eq!(page.cookie("writ_session"), None);
    }
    // The cookie was lost, or another site posted the form.
    let elsewhere = server.browser();
    let csrf = login.hidden("csrf");
    let fields = [&[("request", &*request), ("csrf", &csrf)], &credentials[..]].concat();
    let page = elsewhere.post("/login", &fields).await;
    assert!(page.is_error(), "{page:?}");
    // Another browser with its own cookie.
    elsewhere.get("/login").await;
    let page = elsewhere.post("/login", &fields).await;
    assert!(page.cookie("writ_session").is_none(), "{page:?}");
    assert!(browser.sign_in(&login, "alice").await.is_consent());
}

/// Whether this cookie belongs to an active session.
async fn holds(server: &TestServer, cookie: &str) -> bool {
    let request = reqwest::Client::new().get(format!("{}/logout", server.issuer));
    let answer = request.header("cookie", format!("writ_session={cookie}")).send().await.expect("an answer");
    answer.text().await.expect("a page").contains("id=\"logout\"")
}

/// Prints what a refused sign-in takes for a known and for an unknown name; see
/// `scripts/sign-in-times`.
#[tokio::test]
#[ignore = "measures time, for an idle machine"]
async fn sign_in_times_of_known_and_unknown_names() {
    let server = TestServer::start_with(|settings| {
        settings.throttle.account_attempts = 1_000_000;
        settings.throttle.network_attempts = 1_000_000;
    })
    .await;
    let names = ["alice", "unknown", "alice@example.com", "unknown@example.com"];
    let mut times = names.map(|_| Vec::new());
    let browser = server.browser();
    let login = browser.get("/login").await;
    for round in 0..110 {
        for (name, times) in names.iter().zip(&mut times) {
            let started = std::time::Instant::now();
            browser.post_password(&login, name, "wrong").await;
            // The first ones warm up.
            if round >= 10 {
                times.push(started.elapsed());
            }
        }
    }
    for (name, mut times) in names.iter().zip(times) {
        times.sort_unstable();
        println!("{name:20} quartiles {:?} {:?} {:?}", times[25], times[50], times[75]);
    }
}

#[tokio::test]
async fn sign_in_ends_the_longest_unused_sessions_above_the_bound() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let login = browser.open("/login").await;
    assert!(is_in(&browser.post_password(&login, "alice", PASSWORD).await));
    let (alice, now) = (server.user_id("alice").await, server.clock.now());
    server
        .write(move |tx| {
            (0..110).try_for_each(|number| {
                let session = Session {
                    id: Id::now_v7(),
                    secret_hash: Vec::new(),
                    user_id: alice,
                    auth_time: now,
                    last_seen_at: now - 1000 + number,
                    expires_at: now + 1000,
                    user_agent: String::new(),
                    network: String::new(),
                    sid: Id::now_v7(),
                    client_id: None,
                    evidence: None,
                };
                sessions::insert(tx, &session)
            })
        })
        .await;
    assert!(is_in(&attempt(&server, "alice", PASSWORD).await));
    let left = server.write(move |tx| sessions::list_of_user(tx, alice)).await;
    assert_eq!(left.len(), 100);
    assert_eq!(left.iter().filter(|session| session.last_seen_at == now).count(), 2, "those of browsers in use");
    assert!(left.iter().all(|session| session.last_seen_at >= now - 1000 + 12));
}
