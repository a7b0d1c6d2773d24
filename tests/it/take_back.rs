//! Revocations by a user are final, even while codes are being issued.

use futures_util::future::join_all;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use writ::{
    fault::Fault,
    store::{Id, Tx, accounts, clients, connections, device_requests, grants, requests, sessions, users},
};
use writ_core::grants::Grant;

use crate::support::{Answer, App, Browser, Page, TestServer, device};

const SCOPE: &str = "openid profile:read message:read";
const CLIENTS: [&str; 3] = ["shop", "pocket", "tv"];
const ROUNDS: usize = 8;

/// A unit of work that revokes something of a user's clients.
type TakeBack = fn(&mut Tx<'_>, Id) -> Result<(), Fault>;

/// Two nodes, and a browser in which alice has allowed three clients.
struct Stage {
    server: TestServer,
    second: TestServer,
    alice: Id,
    browser: Browser,
    /// A confidential client on a web server.
    shop: App,
    /// A native app, whose code starts its own session.
    pocket: App,
    /// A device.
    tv: App,
}

/// What can be issued.
struct Waiting {
    shop_code: String,
    shop_refresh: String,
    pocket_code: String,
    pocket_refresh: String,
    allowed_device: Answer,
    asked_device: Answer,
    question: Page,
    consent: Page,
}

impl Stage {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let second = server.second_node().await;
        let alice = server.user_id("alice").await;
        let browser = server.browser();
        let (shop, pocket, tv) = Self::register(&server).await;
        Self { server, second, alice, browser, shop, pocket, tv }
    }

    async fn register(server: &TestServer) -> (App, App, App) {
        (server.shop().await, server.native().await, device::television(server).await)
    }

    /// Registers the clients again, and signs alice in if she is signed out.
    async fn begin_round(&mut self) -> Waiting {
        self.server.write(|tx| CLIENTS.into_iter().try_for_each(|id| clients::delete(tx, id).map(drop))).await;
        (self.shop, self.pocket, self.tv) = Self::register(&self.server).await;
        self.second.server.refresh().await.expect("refreshed");
        self.server.clock.advance(60);
        let (browser, shop, pocket, tv) = (&self.browser, &self.shop, &self.pocket, &self.tv);
        let shop_tokens = shop.tokens_in(browser, "alice", SCOPE).await;
        let pocket_tokens = pocket.tokens_in(browser, "alice", SCOPE).await;
        let code = async |app: &App| app.authorize_in(browser, "alice", SCOPE, &[]).await.parameter("code");
        let allowed_device = device::codes(tv, SCOPE).await;
        let scopes: Vec<&str> = SCOPE.split(' ').collect();
        device::allow(browser, &device::question(browser, &allowed_device).await, &scopes).await;
        let asked_device = device::codes(tv, SCOPE).await;
        Waiting {
            question: device::question(browser, &asked_device).await,
            shop_code: code(shop).await.expect("a code"),
            shop_refresh: shop_tokens.text("refresh_token").to_owned(),
            pocket_code: code(pocket).await.expect("a code"),
            pocket_refresh: pocket_tokens.text("refresh_token").to_owned(),
            consent: browser.open(&shop.authorize_url(SCOPE, &[("prompt", "consent")])).await,
            allowed_device,
            asked_device,
        }
    }

    /// Issues everything at once, on both nodes. No response is a server error.
    async fn issue(&self, waiting: &Waiting, decides: bool) {
        let there = |app: &App| app.at(&self.second.issuer);
        let (shop, pocket, tv) = (there(&self.shop), there(&self.pocket), there(&self.tv));
        let other = self.browser.at(&self.second.issuer);
        let loops = join_all([
            request_codes(&self.browser, &self.shop),
            request_codes(&other, &shop),
            request_codes(&self.browser, &self.shop),
            request_codes(&other, &shop),
        ]);
        let tokens = async {
            let (one, two, three, four, five) = tokio::join!(
                shop.exchange_code(&waiting.shop_code),
                self.pocket.exchange_code(&waiting.pocket_code),
                self.shop.refresh(&waiting.shop_refresh),
                pocket.refresh(&waiting.pocket_refresh),
                device::poll(&tv, &waiting.allowed_device),
            );
            [one, two, three, four, five].map(|answer| answer.status)
        };
        let scopes: Vec<&str> = SCOPE.split(' ').collect();
        let decisions = async {
            if !decides {
                return Vec::new();
            }
            let (one, two) = tokio::join!(
                device::allow(&other, &waiting.question, &scopes),
                self.browser.post_decision(&waiting.consent, &scopes, "approve"),
            );
            vec![one.status, two.status]
        };
        let (codes, tokens, decisions) = tokio::join!(loops, tokens, decisions);
        for status in codes.into_iter().chain(tokens).chain(decisions) {
            assert!(status < StatusCode::INTERNAL_SERVER_ERROR, "{status}");
        }
    }

    /// The live grants, and the clients that can still redeem what they were allowed.
    async fn left(&self) -> (Vec<Grant>, Vec<String>) {
        let alice = self.alice;
        let unit = move |tx: &mut Tx<'_>| {
            let mut unfetched = device_requests::list_allowed(tx, alice)?;
            unfetched.extend(requests::list_allowed(tx, alice)?);
            Ok((grants::list_live_of_user(tx, alice)?, unfetched.into_iter().map(|one| one.client_id).collect()))
        };
        self.server.server.store.read(unit).await.expect("read")
    }
}

/// Requests codes without interaction, until a request fails or 20 were issued. Returns the last
/// status.
async fn request_codes(browser: &Browser, app: &App) -> StatusCode {
    let url = app.authorize_url(SCOPE, &[("prompt", "none")]);
    let mut page = browser.get(&url).await;
    for _ in 1..20 {
        if page.parameter("code").is_none() {
            break;
        }
        page = browser.get(&url).await;
    }
    page.status
}

fn disconnect(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    CLIENTS.into_iter().try_for_each(|client| connections::disconnect(tx, user, client, "").map(drop))
}

fn narrow(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    let remove = |client| connections::remove_scope(tx, user, client, "message:read", "").map(drop);
    CLIENTS.into_iter().try_for_each(remove)
}

fn delete_clients(tx: &mut Tx<'_>, _: Id) -> Result<(), Fault> {
    CLIENTS.into_iter().try_for_each(|client| clients::delete(tx, client).map(drop))
}

fn sign_out(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    let browsers = sessions::list_of_user(tx, user)?.into_iter().filter(|session| session.client_id.is_none());
    browsers.into_iter().try_for_each(|session| accounts::end_session(tx, session.id).map(drop))
}

fn sign_out_everywhere(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    accounts::end_other_sessions(tx, user, Id::now_v7()).map(drop)
}

fn set_password(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    let hash = users::find(tx, user)?.and_then(|user| user.password_hash).unwrap_or_default();
    accounts::set_password(tx, user, &hash).map(drop)
}

/// As on the account page, in the session that continues.
fn change_password(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    let hash = users::find(tx, user)?.and_then(|user| user.password_hash).unwrap_or_default();
    let browser = sessions::list_of_user(tx, user)?.into_iter().find(|session| session.client_id.is_none());
    accounts::change_password(tx, user, &hash, browser.map_or_else(Id::now_v7, |session| session.id), true)
}

fn disable(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    accounts::disable(tx, user).map(drop)
}

fn delete_account(tx: &mut Tx<'_>, user: Id) -> Result<(), Fault> {
    accounts::delete(tx, user).map(drop)
}

/// In many rounds, everything is issued while `take_back` commits. Afterwards only the grants that
/// `keeps` names are live. If it ends every session of the user, nothing can be redeemed.
#[rstest]
#[case::disconnect(disconnect, |_: &Grant| false, false)]
#[case::narrow(narrow, |grant: &Grant| !grant.allowed().contains("message:read"), false)]
#[case::client_delete(delete_clients, |_: &Grant| false, false)]
// A device and a native app have their own session.
#[case::sign_out(sign_out, |grant: &Grant| grant.client_id != "shop", false)]
#[case::sign_out_everywhere(sign_out_everywhere, |_: &Grant| false, true)]
#[case::password_change(set_password, |_: &Grant| false, true)]
// The browser's session continues; that of the device ends.
#[case::password_change_in_a_session(change_password, |grant: &Grant| grant.client_id != "tv", false)]
#[case::user_disable(disable, |_: &Grant| false, true)]
#[case::user_delete(delete_account, |_: &Grant| false, true)]
#[tokio::test]
async fn nothing_issued_meanwhile_survives(
    #[case] take_back: TakeBack,
    #[case] keeps: fn(&Grant) -> bool,
    #[case] ends_sessions: bool,
) {
    let mut stage = Stage::new().await;
    let alice = stage.alice;
    let row = stage.server.user("alice").await;
    for round in 0..ROUNDS {
        let waiting = stage.begin_round().await;
        let taken_back = async {
            // At a different time of the race in each round.
            for _ in 0..round {
                stage.browser.get("/healthz").await;
            }
            stage.second.write(move |tx| take_back(tx, alice)).await;
        };
        tokio::join!(stage.issue(&waiting, ends_sessions), taken_back);
        let row = row.clone();
        let restore = move |tx: &mut Tx<'_>| match users::find(tx, alice)? {
            Some(_) => accounts::enable(tx, alice).map(drop),
            None => users::insert(tx, &row),
        };
        stage.server.write(restore).await;
        let (grants, unfetched) = stage.left().await;
        let living: Vec<_> = grants.iter().filter(|grant| !keeps(grant)).collect();
        assert!(living.is_empty(), "round {round}: {living:?}");
        assert!(!ends_sessions || unfetched.is_empty(), "round {round}: {unfetched:?} can be fetched");
        for codes in [&waiting.allowed_device, &waiting.asked_device] {
            let polled = device::poll(&stage.tv, codes).await;
            let may_poll = !ends_sessions && !allows_reading(&polled);
            assert!(polled.status != StatusCode::OK || may_poll, "round {round}: {polled:?}");
        }
    }
}

/// A device was allowed and has not polled; a request was allowed and not followed.
#[rstest]
#[case::disconnect(disconnect)]
#[case::narrow(narrow)]
#[case::password_change(set_password)]
#[case::password_change_in_a_session(change_password)]
#[case::sign_out_everywhere(sign_out_everywhere)]
#[case::user_disable(disable)]
#[case::client_delete(delete_clients)]
#[tokio::test]
async fn decision_that_was_not_fetched_is_shown_and_ends(#[case] take_back: TakeBack) {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "client_name": "Corner Shop" })).await;
    let tv = device::television(&server).await;
    let browser = server.browser();
    browser.sign_in(&browser.open("/account").await, "alice").await;
    let scopes: Vec<&str> = SCOPE.split(' ').collect();
    let codes = device::codes(&tv, SCOPE).await;
    device::allow(&browser, &device::question(&browser, &codes).await, &scopes).await;
    let consent = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let decided = browser.post_decision(&consent, &scopes, "approve").await;
    let apps = browser.open("/account/apps").await.body;
    assert!(apps.contains("Corner Shop") && apps.contains("Television"), "{apps}");

    let alice = server.user_id("alice").await;
    server.write(move |tx| take_back(tx, alice)).await;
    server.write(move |tx| accounts::enable(tx, alice)).await;
    server.clock.advance(5);
    let polled = device::poll(&tv, &codes).await;
    assert!(!allows_reading(&polled), "{polled:?}");
    if let Some(code) = browser.follow(decided).await.parameter("code") {
        assert!(!allows_reading(&shop.exchange_code(&code).await));
    }
}

fn allows_reading(answer: &Answer) -> bool {
    answer.json["scope"].as_str().is_some_and(|scope| scope.contains("message:read"))
}

/// Allowed devices poll on both nodes while the user disconnects their client.
#[tokio::test]
async fn device_that_polls_sees_a_disconnect() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let tv = device::television(&server).await;
    second.server.refresh().await.expect("refreshed");
    let there = tv.at(&second.issuer);
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    browser.sign_in(&browser.open("/account").await, "alice").await;
    for round in 0..8 {
        let mut devices = Vec::new();
        for _ in 0..6 {
            let codes = device::codes(&tv, "profile:read").await;
            device::allow(&browser, &device::question(&browser, &codes).await, &["profile:read"]).await;
            devices.push(codes);
        }
        let nodes = [&tv, &there].into_iter().cycle();
        let polls = join_all(devices.iter().zip(nodes).map(|(codes, tv)| device::poll(tv, codes)));
        let disconnect = second.write(move |tx| connections::disconnect(tx, alice, "tv", ""));
        let (polled, _) = tokio::join!(polls, disconnect);
        assert!(polled.iter().all(|answer| answer.status < StatusCode::INTERNAL_SERVER_ERROR), "{polled:?}");
        let living = server.write(move |tx| grants::list_live_of_user(tx, alice)).await;
        assert!(living.is_empty(), "round {round}: {living:?}");
    }
}
