//! Groups: the claim `groups`, and clients and scopes that are open to some groups only.

use serde_json::{Value, json};
use uuid::Uuid;
use writ::{
    administration::{self, Actor, groups::Refusal},
    config::SignUpMode,
    fault::Fault,
    mail::link::{self, Purpose},
    store::{
        Id, Tx, clients, groups, invitations,
        resources::{self, ResourceServer, Scope},
        users::{self, User},
    },
};
use writ_core::{
    groups::{Group, GroupIds, MAX_OF_USER},
    token::access_token::TokenProfile,
    vocabulary::client_metadata::GroupsClaim,
};

use crate::support::{Answer, App, Page, TestServer, device};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const SCOPE: &str = "openid profile:read message:read";

/// Adds a group.
async fn group(server: &TestServer, name: &str, parent: Option<&Group>) -> Group {
    let group = Group { id: Uuid::now_v7(), name: name.to_owned(), parent: parent.map(|parent| parent.id), acr: None };
    let actor = actor(server).await;
    let created = group.clone();
    server.write(move |tx| administration::groups::create(tx, &actor, &created)).await.expect("a new group");
    server.server.refresh().await.expect("a snapshot");
    group
}

async fn actor(server: &TestServer) -> Actor {
    Actor::at_command_line("test".to_owned(), None, &server.shared_secrets().await)
}

type Change = fn(&mut Tx<'_>, &Actor, &Group, &[User]) -> Result<Result<usize, Refusal>, Fault>;

async fn change(server: &TestServer, change: Change, group: &Group, username: &'static str) -> Result<usize, Refusal> {
    let (actor, members, group) = (actor(server).await, [server.user(username).await], group.clone());
    server.write(move |tx| change(tx, &actor, &group, &members)).await
}

async fn add(server: &TestServer, group: &Group, username: &'static str) {
    assert_eq!(change(server, administration::groups::add, group, username).await, Ok(1));
}

async fn remove(server: &TestServer, group: &Group, username: &'static str) {
    assert_eq!(change(server, administration::groups::remove, group, username).await, Ok(1));
}

/// Opens a client to one group only.
async fn open_client(server: &TestServer, id: &'static str, group: &Group) {
    let open_to = GroupIds::from_iter([group.id]);
    assert!(server.write(move |tx| clients::set_open_to(tx, id, Some(&open_to))).await);
    server.server.refresh().await.expect("a snapshot");
}

/// Opens a scope of Talk to one group only.
async fn open_scope(server: &TestServer, name: &'static str, group: &Group) {
    let open_to = Some(GroupIds::from_iter([group.id]));
    server
        .write(move |tx| {
            let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
            let scope = scopes.into_iter().find(|scope| scope.name == name).expect("the scope");
            resources::update_scope(tx, &Scope { open_to, ..scope })
        })
        .await;
    server.server.refresh().await.expect("a snapshot");
}

/// Makes access tokens for Talk name the groups.
async fn name_groups_in_tokens(server: &TestServer, format: GroupsClaim) {
    server
        .write(move |tx| {
            let talk = resources::list(tx)?.into_iter().find(|resource| resource.id == "talk").expect("seeded");
            let tokens = TokenProfile { groups: Some(format), ..TokenProfile::default() };
            resources::update(tx, &ResourceServer { tokens, ..talk })
        })
        .await;
    server.server.refresh().await.expect("a snapshot");
}

fn is_not_open(page: &Page) -> bool {
    page.body.contains("id=\"not-open\"")
}

/// The link of the page back to the app.
fn back(page: &Page) -> String {
    let link = page.body.split("id=\"continue\" href=\"").nth(1).unwrap_or_else(|| panic!("no link: {page:?}"));
    link.split('"').next().expect("a quotation mark").replace("&#38;", "&")
}

async fn shop(server: &TestServer) -> App {
    let metadata = json!({
        "scope": "openid profile groups offline_access profile:read message:read message:send", "may_act": ["helper"],
    });
    server.register("shop", metadata).await
}

#[tokio::test]
async fn groups_are_disclosed_where_the_user_allowed_it_and_the_registration_says_how() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let staff = group(&server, "staff", None).await;
    let support = group(&server, "support", Some(&staff)).await;
    add(&server, &support, "alice").await;
    let of = |tokens: &Answer, token: &str| tokens.claims(token)["groups"].clone();

    let tokens = shop.tokens("openid groups profile:read").await;
    assert_eq!(of(&tokens, "id_token"), json!(["staff", "support"]));
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json["groups"], json!(["staff", "support"]));
    assert_eq!(of(&tokens, "access_token"), Value::Null, "Talk did not ask for them");
    name_groups_in_tokens(&server, GroupsClaim::Ids).await;
    let refresh_token = tokens.text("refresh_token").to_owned();
    let tokens = shop.refresh(&refresh_token).await.ok();
    assert_eq!(of(&tokens, "access_token"), json!([staff.id.to_string(), support.id.to_string()]));
    let seen = server.talk().introspect(tokens.text("access_token")).await.ok();
    assert_eq!(seen.json["groups"], json!([staff.id.to_string(), support.id.to_string()]));

    // Without the scope they are disclosed nowhere, and to another user those of that user.
    let without = shop.tokens("openid profile:read").await;
    assert_eq!((of(&without, "id_token"), of(&without, "access_token")), (Value::Null, Value::Null));
    assert_eq!(shop.userinfo(without.text("access_token")).await.ok().json.get("groups"), None);
    let sent = shop.authorize_as("minji", "openid groups", &[]).await;
    assert_eq!(of(&shop.exchange(&sent).await.ok(), "id_token"), json!([]));

    let ids = json!({ "scope": "openid groups profile:read", "groups_claim": "ids", "id_token_claims": "minimal" });
    let other = server.register("other", ids).await;
    let minimal = other.tokens("openid groups profile:read").await;
    assert_eq!(of(&minimal, "id_token"), Value::Null);
    let told = other.userinfo(minimal.text("access_token")).await.ok();
    assert_eq!(told.json["groups"], json!([staff.id.to_string(), support.id.to_string()]));

    // What changes is seen at the next issue, at the userinfo endpoint and by introspection.
    remove(&server, &support, "alice").await;
    assert_eq!(of(&shop.refresh(&refresh_token).await.ok(), "id_token"), json!([]));
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json["groups"], json!([]));
    assert_eq!(server.talk().introspect(tokens.text("access_token")).await.ok().json["groups"], json!([]));
}

#[tokio::test]
async fn exchanged_token_names_groups_only_with_their_scope() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let metadata = json!({
        "grant_types": [EXCHANGE, "client_credentials"], "scope": "openid groups message:read",
        "required_scope": "message:read",
    });
    let helper = server.register("helper", metadata).await;
    let staff = group(&server, "staff", None).await;
    add(&server, &staff, "alice").await;
    name_groups_in_tokens(&server, GroupsClaim::Names).await;
    let tokens = shop.tokens("openid groups profile:read message:read").await;
    let exchange = async |scope: &str| {
        let subject = tokens.text("access_token");
        let fields = [
            ("grant_type", EXCHANGE),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
            ("scope", scope),
        ];
        helper.post("/token", &fields).await.ok().claims("access_token")["groups"].clone()
    };
    assert_eq!(exchange("groups message:read").await, json!(["staff"]));
    assert_eq!(exchange("message:read").await, Value::Null);
    remove(&server, &staff, "alice").await;
    assert_eq!(exchange("groups message:read").await, json!([]), "not those of the subject token");
}

#[tokio::test]
async fn client_that_is_not_open_to_the_user_is_explained_and_gets_access_denied() {
    let server = TestServer::start_with(|settings| settings.mail.contact = Some("help@id.example".to_owned())).await;
    let shop = shop(&server).await;
    let staff = group(&server, "staff", None).await;
    let support = group(&server, "support", Some(&staff)).await;
    open_client(&server, "shop", &staff).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.url.contains("/not-open?request=") && is_not_open(&page), "{page:?}");
    assert!(page.body.contains("help@id.example") && page.body.contains("alice"), "{}", page.body);
    assert!(!page.body.contains("staff"), "the groups are not disclosed");
    let sent = browser.open(&back(&page)).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("access_denied"));
    assert!(sent.parameter("error_uri").is_some_and(|uri| uri.ends_with("/docs/errors/group_required")));
    let silent = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("access_denied"));

    // A request that waits at the page goes on once the user is in a group. A nested one counts.
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    add(&server, &support, "alice").await;
    let consent = browser.open(&page.url).await;
    assert!(consent.is_consent(), "{consent:?}");
    remove(&server, &support, "alice").await;
    let page = browser.allow(&consent, &SCOPE.split(' ').collect::<Vec<_>>()).await;
    assert!(is_not_open(&page), "the user left the group at the consent page: {page:?}");

    // Another account of the browser can have access.
    add(&server, &staff, "minji").await;
    let login = browser.open(&format!("/login?request={}", page.url.split("request=").nth(1).expect("a handle"))).await;
    let consent = browser.sign_in(&login, "minji").await;
    shop.exchange(&browser.allow(&consent, &SCOPE.split(' ').collect::<Vec<_>>()).await).await.ok();
}

#[tokio::test]
async fn client_gets_nothing_at_any_door_after_the_user_left_the_group() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let helper = json!({ "grant_types": [EXCHANGE, "client_credentials"], "scope": "profile:read message:read" });
    let helper = server.register("helper", helper).await;
    let tv = device::television(&server).await;
    let staff = group(&server, "staff", None).await;
    add(&server, &staff, "alice").await;
    open_client(&server, "shop", &staff).await;
    open_client(&server, "tv", &staff).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let code = shop.authorize_in(&browser, "alice", SCOPE, &[]).await.parameter("code").expect("a code");
    let (codes, later) = (device::codes(&tv, SCOPE).await, device::codes(&tv, SCOPE).await);
    device::allow(&browser, &device::question(&browser, &codes).await, &SCOPE.split(' ').collect::<Vec<_>>()).await;
    let (access_token, refresh_token) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let subject = [("grant_type", EXCHANGE), ("subject_token", access_token), ("subject_token_type", ACCESS_TOKEN)];
    let exchanged = helper.post("/token", &subject).await.ok();
    let active = async |token: &str| server.talk().introspect(token).await.ok().json["active"].clone();
    assert_eq!((active(access_token).await, active(exchanged.text("access_token")).await), (json!(true), json!(true)));

    remove(&server, &staff, "alice").await;

    assert_eq!(shop.refresh(refresh_token).await.refused(400), "invalid_grant");
    assert_eq!(shop.exchange_code(&code).await.refused(400), "invalid_grant");
    assert_eq!(device::poll(&tv, &codes).await.refused(400), "invalid_grant");
    assert_eq!(helper.post("/token", &subject).await.refused(400), "invalid_request");
    assert_eq!(shop.userinfo(access_token).await.status, 401);
    assert_eq!(shop.introspect(refresh_token).await.ok().json, json!({ "active": false }));
    for token in [access_token, exchanged.text("access_token")] {
        assert_eq!(active(token).await, false, "what was exchanged from it ends with it");
    }
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(is_not_open(&page), "remembered consent does not count: {page:?}");
    let page = device::question(&browser, &later).await;
    assert!(is_not_open(&page) && page.body.contains("/login?return_to=/device"), "{page:?}");
    assert_eq!(device::poll(&tv, &later).await.refused(400), "authorization_pending");

    // Nothing was revoked, so the grant goes on when the user is back.
    add(&server, &staff, "alice").await;
    shop.refresh(refresh_token).await.ok();
    assert_eq!(active(access_token).await, true);
}

#[tokio::test]
async fn actor_that_is_not_open_to_the_user_gets_no_exchanged_token() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let helper = json!({ "grant_types": [EXCHANGE, "client_credentials"], "scope": "profile:read message:read" });
    let helper = server.register("helper", helper).await;
    let staff = group(&server, "staff", None).await;
    open_client(&server, "helper", &staff).await;
    let tokens = shop.tokens(SCOPE).await;
    let subject = tokens.text("access_token");
    let fields = [("grant_type", EXCHANGE), ("subject_token", subject), ("subject_token_type", ACCESS_TOKEN)];
    assert_eq!(helper.post("/token", &fields).await.refused(400), "invalid_grant");
    add(&server, &staff, "alice").await;
    let exchanged = helper.post("/token", &fields).await.ok();
    remove(&server, &staff, "alice").await;
    let seen = server.talk().introspect(exchanged.text("access_token")).await.ok();
    assert_eq!(seen.json, json!({ "active": false }));
    let own = helper.post("/token", &[("grant_type", "client_credentials"), ("scope", "message:read")]).await;
    assert_eq!(own.ok().text("scope"), "message:read", "a client that acts for itself needs no user");
}

#[tokio::test]
async fn scope_that_is_not_open_to_the_user_is_left_out_unless_the_client_requires_it() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let (staff, board) = (group(&server, "staff", None).await, group(&server, "board", None).await);
    add(&server, &staff, "alice").await;
    open_scope(&server, "message:send", &board).await;
    let browser = server.browser();
    let scope = "openid profile:read message:read message:send";
    let login = browser.open(&shop.authorize_url(scope, &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(consent.is_consent() && consent.body.contains("not open to your account"), "{consent:?}");
    assert!(!consent.body.contains("value=\"message:send\""), "there is no box for it");
    let sent = browser.allow(&consent, &scope.split(' ').collect::<Vec<_>>()).await;
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(tokens.text("scope"), SCOPE);

    // It is asked for once it is open, and ends when it is not.
    add(&server, &board, "alice").await;
    let consent = browser.open(&shop.authorize_url(scope, &[])).await;
    assert!(consent.is_consent(), "{consent:?}");
    let more = shop.exchange(&browser.allow(&consent, &scope.split(' ').collect::<Vec<_>>()).await).await.ok();
    assert_eq!(more.text("scope"), scope);
    remove(&server, &board, "alice").await;
    assert_eq!(shop.refresh(more.text("refresh_token")).await.ok().text("scope"), SCOPE);
    assert_eq!(server.talk().introspect(more.text("access_token")).await.ok().text("scope"), SCOPE);
    let silent = browser.open(&shop.authorize_url(scope, &[("prompt", "none")])).await;
    assert_eq!(shop.exchange(&silent).await.ok().text("scope"), SCOPE);

    // A scope that the app requires leads to the page, which says what the app needs.
    open_scope(&server, "profile:read", &board).await;
    let page = browser.open(&shop.authorize_url(scope, &[])).await;
    assert!(is_not_open(&page) && page.body.contains("profile:read as a sentence in en"), "{page:?}");
    assert!(!page.body.contains("message:send as a sentence"), "{page:?}");
    assert_eq!(browser.open(&back(&page)).await.parameter("error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn client_of_a_deleted_group_is_open_to_no_user() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let board = group(&server, "board", None).await;
    add(&server, &board, "alice").await;
    open_client(&server, "shop", &board).await;
    let actor = actor(&server).await;
    let (refused, deleted) = (board.clone(), board.id);
    let refused = server.write(move |tx| administration::groups::delete(tx, &actor, &refused)).await;
    assert_eq!(refused, Err(Refusal::InUse("client shop".to_owned())));
    // Without that check the client is open to no user, and not to all.
    server.write(move |tx| groups::delete(tx, Id(deleted))).await;
    server.server.refresh().await.expect("a snapshot");
    assert!(server.user("alice").await.groups().is_empty());
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(is_not_open(&browser.sign_in(&login, "alice").await));
}

#[tokio::test]
async fn user_is_in_a_bounded_number_of_groups_and_a_refusal_changes_nothing() {
    let server = TestServer::start().await;
    let all: Vec<Uuid> = (0..MAX_OF_USER).map(|_| Uuid::now_v7()).collect();
    let alice = server.user_id("alice").await;
    let full = GroupIds::from_iter(all);
    server.write(move |tx| users::set_groups(tx, alice, &full)).await;
    let one_more = group(&server, "one-more", None).await;
    let actor = actor(&server).await;
    let members = [server.user("minji").await, server.user("alice").await];
    let refused = server.write(move |tx| administration::groups::add(tx, &actor, &one_more, &members)).await;
    assert_eq!(refused, Err(Refusal::TooMany));
    assert!(server.user("minji").await.groups().is_empty());
}

#[tokio::test]
async fn invitation_puts_the_new_user_into_its_groups() {
    let server = TestServer::start_with(|settings| settings.sign_up.mode = SignUpMode::Invitation).await;
    let staff = group(&server, "staff", None).await;
    let named = GroupIds::from_iter([staff.id]);
    let id = server.write(move |tx| invitations::insert(tx, "nari@example.org", &named)).await;
    let link = link::path(&server.server.front.form_key, Purpose::Invitation, id);
    let browser = server.browser();
    let page = browser.open(&link).await;
    let (csrf, token) = (page.hidden("csrf"), page.hidden("token"));
    let fields = [
        ("csrf", &*csrf),
        ("token", &token),
        ("name", "Nari"),
        ("email", "nari@example.org"),
        ("new_password", "three otters at the weir"),
    ];
    browser.post("/sign-up", &fields).await;
    assert_eq!(server.user("nari@example.org").await.groups(), GroupIds::from_iter([staff.id]));
}

#[tokio::test]
async fn user_sees_the_own_groups_and_downloads_them() {
    let server = TestServer::start().await;
    let staff = group(&server, "night watch", None).await;
    add(&server, &staff, "alice").await;
    let browser = server.browser();
    let login = browser.open("/account").await;
    browser.sign_in(&login, "alice").await;
    assert!(browser.open("/account/profile").await.body.contains("night watch"));
    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["groups"], json!(["night watch"]));
}
