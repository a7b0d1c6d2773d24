//! The pages of the console about groups, resource servers and scopes, with sample data.

use actix_web::HttpResponse;
use writ::pages::console::{
    Place,
    group::{GroupPage, MemberRow},
    groups::{GroupRow, GroupsPage},
    resource::{ResourcePage, ScopeRow},
    resources::{ResourceRow, ResourcesPage},
    scope::{ScopePage, WordsView},
};
use writ::web::page::{Page, PageContext};
use writ_core::{
    token::access_token::{AccessTokenTyp, TokenProfile},
    vocabulary::scope::Risk,
};

use super::{changes, frame, words};

/// The page with this name.
pub(super) fn respond(name: &str, page: PageContext) -> Option<HttpResponse> {
    let response = match name {
        "console-groups" => groups(page).respond(),
        "console-group" => group(page).respond(),
        "console-resources" => resources(page).respond(),
        "console-resource" => resource(page).respond(),
        "console-scope" => scope(page).respond(),
        _ => return None,
    };
    Some(response)
}

fn row(name: &str, parent: &str) -> GroupRow {
    GroupRow { path: format!("/admin/groups/{name}"), name: name.to_owned(), parent: parent.to_owned() }
}

fn groups(page: PageContext) -> GroupsPage {
    GroupsPage {
        frame: frame(Place::Groups),
        groups: vec![row("administrators", ""), row("on call", "administrators"), row("staff", "")],
        parents: vec![("1".to_owned(), "administrators".to_owned()), ("2".to_owned(), "staff".to_owned())],
        next: None,
        was_deleted: false,
        page,
    }
}

fn group(page: PageContext) -> GroupPage {
    let member = |username: &str, name: &str| MemberRow {
        path: format!("/admin/users/{username}"),
        username: username.to_owned(),
        name: name.to_owned(),
        remove: format!("/admin/groups/1/members/{username}"),
        version: "5f0c3c8c".to_owned(),
    };
    GroupPage {
        frame: frame(Place::Groups),
        name: "administrators".to_owned(),
        parent: None,
        nested: Vec::new(),
        parents: vec![("2".to_owned(), "staff".to_owned(), false)],
        uses: vec!["client back-office".to_owned(), "scope salary:read".to_owned()],
        has_more_uses: false,
        is_of_administrators: true,
        count: page.text_with("console-group-members", &[("count", 2)]),
        members: vec![member("haneul", "김하늘"), member("alice", "Alice Martin")],
        next: None,
        version: "5f0c3c8c".to_owned(),
        path: "/admin/groups/1".to_owned(),
        changes: changes(&page),
        page,
    }
}

fn resources(page: PageContext) -> ResourcesPage {
    ResourcesPage {
        frame: frame(Place::Resources),
        resources: vec![ResourceRow {
            path: "/admin/resources/talk".to_owned(),
            id: "talk".to_owned(),
            name: words(page.locale, "Talk", "톡"),
            audience: "https://talk.example.com".to_owned(),
            scopes: 4,
        }],
        next: None,
        was_deleted: false,
        page,
    }
}

fn resource(page: PageContext) -> ResourcePage {
    let scope = |name: &str, english: &str, korean: &str, risk, word: &str, findings| ScopeRow {
        path: format!("/admin/scopes/{name}"),
        name: name.to_owned(),
        sentence: words(page.locale, english, korean),
        risk,
        risk_word: page.text(word),
        findings,
    };
    ResourcePage {
        frame: frame(Place::Resources),
        id: "talk".to_owned(),
        name: words(page.locale, "Talk", "톡"),
        names: [("en", "Talk"), ("ko", "톡"), ("de", ""), ("ja", "")]
            .map(|(language, name)| (language.to_owned(), name.to_owned()))
            .to_vec(),
        audience: "https://talk.example.com".to_owned(),
        tokens: TokenProfile { typ: Some(AccessTokenTyp::Jwt), lifetime: Some(300), ..TokenProfile::default() },
        facts: vec![
            ("console-audience", vec!["https://talk.example.com".to_owned()]),
            ("console-introspection", vec![page.text("console-resource-secret")]),
        ],
        scopes: vec![
            scope("message:read", "Read your messages", "메시지 읽기", Risk::Elevated, "risk-elevated", 0),
            scope("message:send", "Send messages", "메시지 보내기", Risk::High, "risk-high", 3),
        ],
        next: Some("/admin/resources/talk?after=message%3Asend".to_owned()),
        version: "5f0c3c8c".to_owned(),
        path: "/admin/resources/talk".to_owned(),
        changes: Vec::new(),
        page,
    }
}

fn scope(page: PageContext) -> ScopePage {
    let text = |language: &str, sentence: &str, consequence: &str, findings: Vec<String>| WordsView {
        language: language.to_owned(),
        sentence: sentence.to_owned(),
        consequence: consequence.to_owned(),
        findings,
    };
    ScopePage {
        frame: frame(Place::Resources),
        name: "message:send".to_owned(),
        resource: "talk".to_owned(),
        resource_path: "/admin/resources/talk".to_owned(),
        groups: "staff".to_owned(),
        is_closed: false,
        demands_mfa: true,
        words: vec![
            text("en", "Send messages", "They appear in your rooms.", vec![page.text("console-finding-others")]),
            text("ko", "메시지 보내기", "친구에게 내가 보낸 것으로 보입니다.", Vec::new()),
            text("de", "", "", vec![page.text("console-finding-missing")]),
            text(
                "ja",
                "Send messages",
                "They appear in your rooms.",
                vec![page.text_with("console-finding-untranslated", &[("language", "en")])],
            ),
        ],
        risk: Risk::High,
        is_default: false,
        version: "5f0c3c8c".to_owned(),
        path: "/admin/scopes/message%3Asend".to_owned(),
        changes: changes(&page),
        page,
    }
}
