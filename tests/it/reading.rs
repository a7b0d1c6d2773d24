//! The statements on a consent page match what the server does.
//!
//! Twelve situations are opened in every language. The statements of each page are compared with
//! the measured behaviour of the server. `scripts/reading` writes the visible texts to files, with
//! questions and the measured answers, to test the pages with readers.

mod questions;
mod stage;

use writ::web::locale::Locale;

use self::{
    questions::write_files,
    stage::{Stage, statement, ticked},
};
use crate::support::{Answer, Page};

const DAY: i64 = 86_400;
/// The ends that a page can state, in seconds: once, the session or the chosen month, and a year.
const ENDS: [i64; 3] = [3_600, 30 * DAY, 365 * DAY];
/// The end without use.
const IDLE: i64 = 90 * DAY;
/// The age of a grant is rounded up to the hour.
const ROUNDING: i64 = 3_600;

/// The kind of app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An approved web app.
    Shop,
    /// An approved web app that is registered to work while the user is away.
    Mailer,
    /// An approved program on the user's device.
    Native,
    /// A web app that registered itself.
    Newcomer,
    /// A web app that registered itself with a name that resembles an approved one.
    LookAlike,
    /// A device without a browser.
    Television,
}

/// A consent page and the reader's input.
#[derive(Debug, Clone, Copy)]
struct Situation {
    name: &'static str,
    kind: Kind,
    requested: &'static str,
    /// Checkboxes whose state the reader changes.
    changed: &'static [&'static str],
    /// The chosen duration. `None` is the preselected one.
    duration: Option<&'static str>,
    /// What was allowed earlier.
    before: Option<&'static str>,
}

const FIRST: Situation = Situation {
    name: "first",
    kind: Kind::Shop,
    requested: "openid profile:read message:read message:send",
    changed: &[],
    duration: None,
    before: None,
};

const SITUATIONS: [Situation; 12] = [
    FIRST,
    Situation { name: "send-ticked", changed: &["message:send"], ..FIRST },
    Situation { name: "offline-unticked", requested: OFFLINE, changed: &["offline_access"], ..FIRST },
    Situation { name: "offline-ticked", requested: OFFLINE, ..FIRST },
    Situation { name: "works-while-away", kind: Kind::Mailer, ..FIRST },
    Situation { name: "native", kind: Kind::Native, requested: "openid profile:read offline_access", ..FIRST },
    Situation { name: "unverified", kind: Kind::Newcomer, requested: "openid profile", ..FIRST },
    Situation { name: "look-alike", kind: Kind::LookAlike, requested: "openid profile", ..FIRST },
    Situation { name: "something-new", before: Some("openid profile:read message:read"), ..FIRST },
    Situation { name: "this-time-only", requested: OFFLINE, duration: Some("once"), ..FIRST },
    Situation { name: "thirty-days", requested: OFFLINE, duration: Some("30_days"), ..FIRST },
    Situation { name: "device", kind: Kind::Television, requested: "openid profile:read message:read", ..FIRST },
];

const OFFLINE: &str = "openid profile:read message:read offline_access";

/// The measured behaviour of the server in a situation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Measured {
    /// The granted scope.
    granted: String,
    /// The requested scopes that were not granted.
    withheld: Vec<String>,
    /// Whether a refresh works after sign-out.
    survives_sign_out: bool,
    /// The seconds after which a refresh fails although the app was in use and the user stayed
    /// signed in.
    ends_after: i64,
    /// Whether a refresh fails after the idle time. Not measured if the access ends earlier.
    ends_unused: Option<bool>,
    /// The scope that remains after a denial.
    denial_leaves: Option<String>,
    /// Whether disconnecting on the linked page ends the access.
    disconnect_ends: bool,
    /// The host of the redirect.
    host: Option<String>,
    /// Whether the administrator approved the app.
    approved: bool,
}

async fn measure(situation: &Situation) -> Measured {
    let allowed = || async {
        let stage = Stage::set(situation).await;
        let page = stage.page(situation, Locale::EN).await;
        let (host, tokens) = stage.allow(situation, &page).await;
        (stage, host, tokens)
    };
    let (stage, host, tokens) = allowed().await;
    let granted = tokens.text("scope").to_owned();
    let is_granted = |scope: &str| granted.split(' ').any(|name| name == scope);
    let withheld = situation.requested.split(' ').filter(|scope| !is_granted(scope)).map(str::to_owned).collect();
    stage.sign_out().await;
    let survives_sign_out = stage.refreshes(&tokens).await;

    let (stage, _, tokens) = allowed().await;
    let connected = stage.refreshes(&tokens).await;
    stage.disconnect().await;
    let disconnect_ends = connected && !stage.refreshes(&tokens).await;

    let (stage, _, tokens) = allowed().await;
    let ends_after = end_in_use(&stage, &tokens).await;
    let ends_unused = if ends_after > IDLE {
        let (stage, _, tokens) = allowed().await;
        Some(ends_when_unused(&stage, &tokens).await)
    } else {
        None
    };

    let stage = Stage::set(situation).await;
    let page = stage.page(situation, Locale::EN).await;
    let denial_leaves = stage.deny(situation, &page).await;
    Measured {
        granted,
        withheld,
        survives_sign_out,
        ends_after,
        ends_unused,
        denial_leaves,
        disconnect_ends,
        host,
        approved: !matches!(situation.kind, Kind::Newcomer | Kind::LookAlike),
    }
}

/// Refreshes until that fails, often enough for the session, and later for the grant.
async fn end_in_use(stage: &Stage, tokens: &Answer) -> i64 {
    let mut times: Vec<i64> = [6, 12, 18, 24, 100, 180, 260, 340].map(|days| days * DAY).to_vec();
    times.extend(ENDS.into_iter().flat_map(|end| [end - 1, end, end + ROUNDING]));
    times.sort_unstable();
    times.dedup();
    let mut refresh_token = tokens.text("refresh_token").to_owned();
    let mut passed = 0;
    for at in times {
        stage.server.clock.advance(at - passed);
        passed = at;
        match stage.refresh(&refresh_token).await {
            Some(next) => refresh_token = next,
            None => {
                let end = ENDS.into_iter().rfind(|end| (*end..=end + ROUNDING).contains(&at));
                return end.unwrap_or_else(|| panic!("it ended after {at} s"));
            }
        }
    }
    panic!("it did not end");
}

/// Whether the access ends after the idle time, and not before.
async fn ends_when_unused(stage: &Stage, tokens: &Answer) -> bool {
    stage.server.clock.advance(IDLE - 1);
    let next = stage.refresh(tokens.text("refresh_token")).await.expect("a token of a grant in use");
    stage.server.clock.advance(IDLE + ROUNDING);
    stage.refresh(&next).await.is_none()
}

/// Compares the statements of a page with the measured behaviour.
fn compare(situation: &Situation, locale: Locale, page: &Page, measured: &Measured, now: i64) {
    let place = format!("{} in {locale}", situation.name);
    let product = [("product", "Writ")];
    let [_, session, _] = ENDS.map(|end| locale.duration(end));
    let named = [("product", "Writ"), ("duration", session.as_str())];
    let away = statement(page, "away");
    let ticks_offline = measured.granted.contains("offline_access");
    let stated =
        ["consent-away-optional", "consent-away-ends", "consent-away-implicit", "consent-away-own", "device-away"]
            .into_iter()
            .find(|key| locale.text_with(key, &named) == away)
            .unwrap_or_else(|| panic!("{place}: {away}"));
    let survives = match stated {
        "consent-away-optional" => ticks_offline,
        "consent-away-ends" => false,
        _ => true,
    };
    assert_eq!(survives, measured.survives_sign_out, "{place}: {away}");

    let denied = page.body.contains(&locale.text_with("consent-deny-nothing", &[("app", app_name(situation))]))
        || page.body.contains(&locale.text("device-deny-nothing"));
    assert_eq!(denied, measured.denial_leaves.is_none(), "{place}: what a denial leaves");
    let allowed_before = situation.before.map(str::to_owned);
    assert_eq!(measured.denial_leaves, allowed_before, "{place}: a denial takes nothing back");

    let end = stated_end(measured, locale, stated, now);
    assert!(page.body.contains(&end), "{place}: does not say `{end}`");
    assert_ne!(measured.ends_unused, Some(false), "{place}: it does not end without use");

    assert!(measured.disconnect_ends, "{place}: the linked page does not end the access");
    assert!(page.body.contains("href=\"/account/apps\""), "{place}");
    let verified = page.body.contains(&locale.text_with("consent-verified", &product));
    assert_eq!(verified, measured.approved, "{place}");
    if let Some(host) = measured.host.as_deref().filter(|_| situation.kind != Kind::Native) {
        assert!(page.body.contains(&format!("<bdi>{host}</bdi>")), "{place}: does not lead to {host}");
    }
    assert_eq!(measured.granted, ticked(situation, page).join(" "), "{place}: what is ticked is granted");
    assert_eq!(page.body.contains("id=\"look-alike\""), situation.kind == Kind::LookAlike, "{place}");
}

/// The text that states the measured end.
fn stated_end(measured: &Measured, locale: Locale, away: &str, now: i64) -> String {
    let [once, month, year] = ENDS;
    let end = locale.duration(measured.ends_after);
    let date = locale.date(&writ::web::zone::Zone::UTC.at(now + measured.ends_after));
    match (away, measured.ends_after) {
        ("consent-away-ends", end) if end == month => locale.text("consent-duration-session-ends"),
        (_, seconds) if seconds == once => locale.text_with("consent-duration-once-ends", &[("duration", end)]),
        (_, seconds) if seconds == year => {
            let ages = [("duration", locale.duration(IDLE)), ("max", end)];
            locale.text_with("consent-duration-idle-or-age-ends", &ages)
        }
        // Without offline access the session ends it.
        _ if !measured.survives_sign_out => end,
        _ => locale.text_with("consent-duration-ends", &[("date", date)]),
    }
}

fn app_name(situation: &Situation) -> &'static str {
    match situation.kind {
        Kind::Shop => "Shop",
        Kind::Mailer => "Mailer",
        Kind::Native => "Pocket",
        Kind::Newcomer => "Newcomer",
        Kind::LookAlike => "Sh0p",
        Kind::Television => "Television",
    }
}

async fn check(situation: Situation) {
    let measured = measure(&situation).await;
    for locale in Locale::all() {
        let stage = Stage::set(&situation).await;
        let page = stage.page(&situation, *locale).await;
        assert_eq!(page.header("content-language"), locale.to_string(), "{}", situation.name);
        compare(&situation, *locale, &page, &measured, stage.server.clock.now());
        write_files(&situation, *locale, &page, &measured);
    }
}

// Half of the situations each, so that they run concurrently.
#[tokio::test]
async fn statements_of_the_first_six_situations_are_what_the_server_does() {
    for situation in &SITUATIONS[..6] {
        check(*situation).await;
    }
}

#[tokio::test]
async fn statements_of_the_last_six_situations_are_what_the_server_does() {
    for situation in &SITUATIONS[6..] {
        check(*situation).await;
    }
}
