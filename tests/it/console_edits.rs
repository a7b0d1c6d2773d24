//! Names, tokens and conditions are changed in the console, and new administrators are asked about.

use uuid::Uuid;
use writ::{
    administration,
    store::{
        clients, groups,
        resources::{self, ResourceServer, Scope},
    },
};
use writ_core::groups::{Group, GroupIds};

use crate::support::{
    Browser, Page, TestServer,
    administrator::{self, actor, demote, enter, entries, group, sign_in},
};

async fn created(server: &TestServer, name: &'static str, parent: Option<Uuid>) -> Group {
    let (actor, group) = (actor(server).await, Group { id: Uuid::now_v7(), name: name.to_owned(), parent, acr: None });
    let new = group.clone();
    server.write(move |tx| administration::groups::create(tx, &actor, &new)).await.expect("a group");
    group
}

async fn stored(server: &TestServer, group: &Group) -> Group {
    let id = group.id;
    server.write(move |tx| Ok(groups::list(tx)?.get(id).cloned())).await.expect("the group")
}

async fn is_member(server: &TestServer, username: &'static str, group: &Group) -> bool {
    server.user(username).await.groups().contains(group.id)
}

fn path(group: &Group) -> String {
    format!("/admin/groups/{}", group.id)
}

/// What a page asks about, and whether it warns.
fn warns(page: &Page) -> bool {
    assert_eq!(page.status, 200, "{page:?}");
    page.body.contains("id=\"warning\"")
}

/// Clicks the button of a page that asks, with every field of its form.
async fn confirm(browser: &Browser, page: &Page) -> Page {
    let form = page.body.split("method=\"post\" action=\"/admin").nth(1).expect("a form");
    let action = format!("/admin{}", form.split('"').next().expect("an action"));
    let form = form.split("</form>").next().expect("the end of the form");
    let fields: Vec<(String, String)> = form
        .split("type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").expect("a value");
            let value = rest.split('"').next().expect("the end of the value");
            (name.to_owned(), value.replace("&#38;", "&").replace("&#39;", "'"))
        })
        .collect();
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    fields.push(("reason", "ticket 7"));
    browser.post(&action, &fields).await
}

/// The page that asks about another name or place of a group.
async fn edit(browser: &Browser, group: &Group, name: &str, parent: Option<&Group>) -> Page {
    let version = browser.get(&path(group)).await.hidden("version");
    let parent = parent.map(|parent| parent.id.to_string()).unwrap_or_default();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("version", &*version), ("name", name), ("parent", &parent)])
        .finish();
    browser.get(&format!("{}/edit?{query}", path(group))).await
}

/// Submits the form that adds a member.
async fn add(browser: &Browser, group: &Group, login: &str) -> Page {
    let page = browser.get(&path(group)).await;
    let (csrf, version) = (page.hidden("csrf"), page.hidden("version"));
    browser.post(&path(group), &[("csrf", &csrf), ("version", &version), ("login", login)]).await
}

#[tokio::test]
async fn group_is_renamed_and_what_is_open_to_it_follows() {
    let server = administrator::start().await;
    server.shop().await;
    let staff = created(&server, "staff", None).await;
    let open_to = GroupIds::from_iter([staff.id]);
    server.write(move |tx| clients::set_open_to(tx, "shop", Some(&open_to))).await;
    let browser = enter(&server).await;
    let ask = edit(&browser, &staff, "people & co", None).await;
    assert!(!warns(&ask) && ask.body.contains("people &#38; co") && ask.body.contains("staff"), "{ask:?}");
    assert_eq!(stored(&server, &staff).await.name, "staff", "the page changes nothing");
    assert_eq!(confirm(&browser, &ask).await.next(), Some(path(&staff)));
    assert_eq!(stored(&server, &staff).await.name, "people & co");
    let page = browser.get(&path(&staff)).await;
    assert!(page.body.contains("client shop"), "{page:?}");
    assert!(browser.get("/admin/apps/shop").await.body.contains("people &#38; co"));
    let entry = entries(&server).await.pop().expect("an entry");
    assert_eq!((&*entry.action, &*entry.face, &*entry.reason), ("group.update", "console", "ticket 7"));
    assert_eq!(confirm(&browser, &ask).await.status, 409, "it was for an earlier version");
    let same = edit(&browser, &staff, "people & co", None).await;
    assert_eq!(same.next(), Some(path(&staff)), "nothing to ask about");
}

#[tokio::test]
async fn invalid_names_and_places_of_groups_are_refused() {
    let server = administrator::start().await;
    let (staff, all) = (created(&server, "staff", None).await, created(&server, "all", None).await);
    let nested = created(&server, "nested", Some(all.id)).await;
    let browser = enter(&server).await;
    for (name, parent, reason) in [
        ("all", None, "already"),
        ("a,b", None, "cannot be used"),
        ("staff", Some(&nested), "one level"),
        ("staff", Some(&staff), "one level"),
    ] {
        let ask = edit(&browser, &staff, name, parent).await;
        let page = confirm(&browser, &ask).await;
        assert!(page.status == 409 && page.body.contains(reason), "{name}: {page:?}");
    }
    assert_eq!(stored(&server, &staff).await, staff);
    let version = browser.get(&path(&staff)).await.hidden("version");
    let bad = browser.get(&format!("{}/edit?version={version}&name=x&parent=y", path(&staff))).await;
    assert_eq!(bad.status, 400, "{bad:?}");
    let without = browser.get(&format!("{}/edit?name=x", path(&staff))).await;
    assert_eq!(without.next(), Some(path(&staff)), "what was not seen is not changed");
}

#[tokio::test]
async fn new_administrator_is_asked_about_also_in_a_nested_group() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let administrators = group(&server).await;
    let nested = created(&server, "on call", Some(administrators.id)).await;
    for (group, username) in [(&administrators, "minji"), (&nested, "bob")] {
        if username == "bob" {
            server.write(|tx| writ::store::users::insert(tx, &writ::store::users::User::named("bob"))).await;
        }
        let first = add(&browser, group, username).await.next().expect("a page that asks");
        assert!(!is_member(&server, username, group).await, "{username}");
        let ask = browser.get(&first).await;
        assert!(warns(&ask) && ask.body.contains("becomes an administrator"), "{ask:?}");
        assert_eq!(confirm(&browser, &ask).await.next(), Some(path(group)));
        assert!(is_member(&server, username, group).await, "{username}");
        assert_eq!(confirm(&browser, &ask).await.status, 404, "the user is in it already");
    }
    let entry = entries(&server).await.pop().expect("an entry");
    assert_eq!((&*entry.action, &*entry.reason), ("group.add", "ticket 7"));

    let remove = browser.get(&path(&nested)).await;
    let link = remove.body.split("id=\"remove-1\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert!(warns(&browser.get(link.expect("a link")).await), "a nested group has administrators, too");
    let unknown = add(&browser, &nested, "nobody").await;
    assert!(unknown.status == 409 && unknown.body.contains("no user"), "{unknown:?}");
}

#[tokio::test]
async fn question_about_a_new_administrator_is_void_when_something_changed() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let administrators = group(&server).await;
    let first = add(&browser, &administrators, "minji").await.next().expect("a page that asks");
    let ask = browser.get(&first).await;
    let (staff, by) = (created(&server, "staff", None).await, actor(&server).await);
    let minji = server.user("minji").await;
    server.write(move |tx| administration::groups::add(tx, &by, &staff, &[minji])).await.expect("a member");
    assert_eq!(confirm(&browser, &ask).await.status, 409);
    assert!(!is_member(&server, "minji", &administrators).await);
    let cross = browser.post(&first, &[("csrf", "x"), ("version", &ask.hidden("version"))]).await;
    assert_eq!(cross.status, 400, "{cross:?}");
    demote(&server, "alice").await;
    assert_eq!(confirm(&browser, &ask).await.status, 403);
    assert!(!is_member(&server, "minji", &administrators).await);
}

#[tokio::test]
async fn group_that_goes_into_the_administrators_is_warned_about() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let (administrators, staff) = (group(&server).await, created(&server, "staff", None).await);
    let other = created(&server, "other", None).await;
    let (by, minji, of) = (actor(&server).await, server.user("minji").await, staff.clone());
    server.write(move |tx| administration::groups::add(tx, &by, &of, &[minji])).await.expect("a member");
    let (of_minji, _) = sign_in(&server, "minji").await;
    assert_eq!(of_minji.get("/admin").await.status, 403);

    let harmless = edit(&browser, &staff, "staff", Some(&other)).await;
    assert!(!warns(&harmless), "{harmless:?}");
    let by = actor(&server).await;
    let under = Group { parent: Some(administrators.id), ..other.clone() };
    server.write(move |tx| administration::groups::update(tx, &by, &under)).await.expect("changed");
    assert_eq!(confirm(&browser, &harmless).await.status, 409, "the other group is nested now");

    let ask = edit(&browser, &staff, "staff", Some(&administrators)).await;
    assert!(warns(&ask) && ask.body.contains("become administrators") && ask.body.contains("1 member"), "{ask:?}");
    assert_eq!(confirm(&browser, &ask).await.next(), Some(path(&staff)));
    assert_eq!(of_minji.get("/admin").await.status, 200);
    let ask = edit(&browser, &staff, "staff", None).await;
    assert!(warns(&ask) && ask.body.contains("no longer administrators"), "{ask:?}");
    confirm(&browser, &ask).await;
    assert_eq!(of_minji.get("/admin").await.status, 403);

    let ask = edit(&browser, &administrators, "former", None).await;
    assert!(warns(&ask), "{ask:?}");
    let page = confirm(&browser, &ask).await;
    assert!(page.status == 409 && page.body.contains("No administrator would be left"), "{page:?}");
}

#[tokio::test]
async fn confirmation_of_a_harmless_move_makes_no_administrators() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let (staff, other) = (created(&server, "staff", None).await, created(&server, "other", None).await);
    let harmless = edit(&browser, &staff, "staff", Some(&other)).await;
    // The other group takes the name of the administrators' one meanwhile.
    let administrators = group(&server).await;
    let by = actor(&server).await;
    server
        .write(move |tx| {
            let former = Group { name: "former".to_owned(), ..administrators };
            let now = Group { name: "administrators".to_owned(), ..other };
            let alice = writ::store::users::find_by_login(tx, "alice")?.expect("alice");
            administration::groups::add(tx, &by, &now, &[alice])?.expect("a member");
            administration::groups::update(tx, &by, &former)?.expect("renamed");
            administration::groups::update(tx, &by, &now)
        })
        .await
        .expect("renamed");
    assert_eq!(confirm(&browser, &harmless).await.status, 409);
    assert_eq!(stored(&server, &staff).await.parent, None);
}

async fn talk(server: &TestServer) -> ResourceServer {
    let all = server.write(resources::list).await;
    all.into_iter().find(|server| server.id == "talk").expect("the resource server")
}

/// The page that asks about a change of the resource server, whose form has these fields.
async fn edit_talk(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let version = browser.get("/admin/resources/talk").await.hidden("version");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("version", &version).extend_pairs(fields);
    browser.get(&format!("/admin/resources/talk/edit?{}", query.finish())).await
}

#[tokio::test]
async fn names_audience_and_tokens_of_a_resource_server_are_changed() {
    let server = administrator::start().await;
    server.shop().await.tokens("openid message:read").await;
    let browser = enter(&server).await;
    let before = talk(&server).await;
    let shown = browser.get("/admin/resources/talk").await;
    for field in ["name-en", "name-ko", "audience", "token_typ", "token_alg", "token_lifetime", "token_groups"] {
        assert!(shown.body.contains(&format!("name=\"{field}\"")), "{field}: {shown:?}");
    }
    let new = [
        ("name-en", "Chat"),
        ("name-ko", "채팅"),
        ("name-de", ""),
        ("audience", &*before.audience),
        ("token_typ", "JWT"),
        ("token_alg", "ES256"),
        ("token_lifetime", "300"),
        ("token_groups", "ids"),
    ];
    let ask = edit_talk(&browser, &new).await;
    assert!(ask.body.contains("JWT, ES256, 300 s, groups: ids") && ask.body.contains("new name"), "{ask:?}");
    assert!(!ask.body.contains("are not renewed"), "{ask:?}");
    assert_eq!(confirm(&browser, &ask).await.next().as_deref(), Some("/admin/resources/talk"));
    let after = talk(&server).await;
    assert_eq!(
        after.names.into_iter().collect::<Vec<_>>(),
        [("en".to_owned(), "Chat".to_owned()), ("ko".to_owned(), "채팅".to_owned())]
    );
    assert_eq!(
        (after.tokens.lifetime, after.audience, after.scopes.len()),
        (Some(300), before.audience, before.scopes.len())
    );
    let entry = entries(&server).await.pop().expect("an entry");
    assert_eq!((&*entry.action, &*entry.face), ("resource.update", "console"));
    assert_eq!(confirm(&browser, &ask).await.status, 409, "it was for an earlier version");

    let moved = [("name-en", "Chat"), ("audience", "https://chat.example"), ("token_typ", "")];
    let ask = edit_talk(&browser, &moved).await;
    assert!(ask.body.contains("are not renewed") && ask.body.contains("1 grant has its scopes."), "{ask:?}");
    confirm(&browser, &ask).await;
    let after = talk(&server).await;
    assert_eq!((&*after.audience, after.tokens.typ, after.tokens.lifetime), ("https://chat.example", None, None));
}

#[tokio::test]
async fn invalid_changes_of_a_resource_server_are_refused() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let before = talk(&server).await;
    let audience = ("audience", &*before.audience);
    for (fields, reason) in [
        (vec![("name-en", "X"), ("audience", "talk")], "absolute URI"),
        (vec![("name-ko", "톡"), audience], "English is missing"),
        (vec![("name-en", "X"), ("name-x y", "b"), audience], "English is missing"),
        (vec![("name-en", "X"), ("token_lifetime", "0"), audience], "86400"),
        (vec![("name-en", "X"), ("token_lifetime", "86401"), audience], "86400"),
    ] {
        let page = confirm(&browser, &edit_talk(&browser, &fields).await).await;
        assert!(page.status == 409 && page.body.contains(reason), "{fields:?}: {page:?}");
    }
    for fields in [
        vec![("name-en", "X"), ("token_alg", "none"), audience],
        vec![("name-en", "X"), ("token_typ", "x"), audience],
        vec![("name-en", "X"), ("token_lifetime", "x"), audience],
        vec![("name-en", "X\u{0}"), audience],
        vec![("name-en", "X")],
    ] {
        assert_eq!(edit_talk(&browser, &fields).await.status, 400, "{fields:?}");
    }
    assert_eq!(talk(&server).await.names, before.names);
    let ask = edit_talk(&browser, &[("name-en", "X"), audience]).await;
    let body = [("csrf", "x"), ("version", &*ask.hidden("version")), ("name-en", "X"), audience];
    assert_eq!(browser.post("/admin/resources/talk/edit", &body).await.status, 400);
    demote(&server, "alice").await;
    assert_eq!(confirm(&browser, &ask).await.status, 403);
    assert_eq!(talk(&server).await.names, before.names);
}

async fn scope(server: &TestServer) -> Scope {
    let mut scopes = talk(server).await.scopes;
    scopes.retain(|scope| scope.name == "message:read");
    scopes.remove(0)
}

/// Saves the form of the scope with other conditions. `None` leaves the fields out.
async fn save(browser: &Browser, groups: Option<&str>, mfa: bool) -> Page {
    let path = "/admin/scopes/message:read";
    let page = browser.get(path).await;
    let (csrf, version) = (page.hidden("csrf"), page.hidden("version"));
    let words = [("sentence-en", "Read your messages"), ("consequence-en", "All of them."), ("risk", "low")];
    let mut fields = [&[("csrf", &*csrf), ("version", &*version)], &words[..]].concat();
    if let Some(groups) = groups {
        fields.extend([("conditions", "1"), ("groups", groups)]);
    }
    if mfa {
        fields.push(("mfa", "1"));
    }
    browser.post(path, &fields).await
}

#[tokio::test]
async fn groups_and_demand_of_a_scope_are_changed() {
    let server = administrator::start().await;
    let (staff, all) = (created(&server, "staff", None).await, created(&server, "all", None).await);
    let browser = enter(&server).await;
    let ids = |groups: &[&Group]| Some(groups.iter().map(|group| group.id).collect::<GroupIds>());
    assert_eq!(save(&browser, Some("staff"), true).await.status, 303);
    let stored = scope(&server).await;
    assert_eq!((stored.open_to, stored.acr.is_some()), (ids(&[&staff]), true));
    let page = browser.get("/admin/scopes/message:read").await;
    assert!(
        page.body.contains("value=\"staff\"") && page.body.contains("name=\"mfa\" value=\"1\" checked"),
        "{page:?}"
    );
    assert_eq!(save(&browser, None, false).await.status, 303);
    let stored = scope(&server).await;
    assert_eq!((stored.open_to, stored.acr.is_some()), (ids(&[&staff]), true), "a form without the fields keeps them");
    let unknown = save(&browser, Some("staff, nope"), true).await;
    assert!(unknown.status == 409 && unknown.body.contains("no group"), "{unknown:?}");
    assert_eq!(scope(&server).await.open_to, ids(&[&staff]));
    save(&browser, Some(" all ,staff,"), false).await;
    let stored = scope(&server).await;
    assert_eq!((stored.open_to, stored.acr.is_some()), (ids(&[&staff, &all]), false));
    save(&browser, Some(""), false).await;
    assert_eq!(scope(&server).await.open_to, None, "open to all users again");
}

#[tokio::test]
async fn scope_that_is_open_to_nobody_is_not_opened_by_other_changes() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let by = actor(&server).await;
    let before = scope(&server).await;
    let closed = Scope { open_to: Some(GroupIds::default()), ..before.clone() };
    server.write(move |tx| administration::scopes::update(tx, &by, &before, &closed)).await.expect("closed");
    assert_eq!(save(&browser, Some(""), false).await.status, 303);
    assert_eq!(scope(&server).await.open_to, Some(GroupIds::default()));
}
