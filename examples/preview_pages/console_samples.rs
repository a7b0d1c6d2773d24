//! The pages of the console, with sample data.

#[path = "console_groups_samples.rs"]
mod groups;
#[path = "console_server_samples.rs"]
mod server;

use actix_web::HttpResponse;
use writ::pages::{
    app_logo::AppLogo,
    consent::{AppLink, AppView},
    console::{
        Frame, Place,
        app::{AppAction, AppPage, FailureView, ScopeView, SecretView},
        apps::{AppRow, AppsPage},
        confirm::{ConfirmPage, RefusedPage, SecretPage},
        entries::{EntryView, MemberView},
        entry::{Closed, ClosedPage},
        join::JoinPage,
        overview::OverviewPage,
        user::{ConnectedView, SessionView, UserAction, UserPage},
        users::{UserRow, UsersPage},
    },
};
use writ::web::{
    locale::{Locale, Value},
    page::{Page, PageContext},
};
use writ_core::vocabulary::scope::Risk;

use super::utc;

/// The page of the console with this name.
pub(super) fn respond(name: &str, page: PageContext) -> Option<HttpResponse> {
    let response = match name {
        "console-overview" => overview(page).respond(),
        "console-overview-calm" => {
            let calm = overview(page);
            OverviewPage { review: Vec::new(), keys: Vec::new(), dead_mails: 0, has_more: false, ..calm }.respond()
        }
        "console-apps" => apps(page).respond(),
        "console-app" => app(page).respond(),
        "console-app-disabled" => {
            let disabled = Some(moment(&page, "2026-11-29T18:04Z"));
            AppPage { disabled, actions: vec![AppAction::Enable, AppAction::Delete], ..app(page) }.respond()
        }
        "console-users" => users(page).respond(),
        "console-user" => user(page).respond(),
        "console-confirm" => confirm(page).respond(),
        "console-confirm-warning" => {
            let warning = page.text("console-reset-factors-warning");
            ConfirmPage { warning, ..confirm(page) }.respond()
        }
        "console-new-administrator" => new_administrator(page).respond(),
        "console-refused" => refused(page).respond(),
        "console-secret" => SecretPage {
            frame: frame(Place::Apps),
            subject: "Shop".to_owned(),
            secret: "Zm9yIHRoZSBwcmV2aWV3IG9ubHksIG5vdCBhIHNlY3JldA".to_owned(),
            back: "/admin/apps/shop".to_owned(),
            page,
        }
        .respond(),
        "console-closed" => closed(page, Closed::NoAdministrator).respond(),
        "console-needs-factor" => closed(page, Closed::NoSecondFactor).respond(),
        "console-join" => join(page, Some("token".to_owned())).respond(),
        "console-join-void" => join(page, None).respond(),
        "console-keys"
        | "console-mail"
        | "console-mail-off"
        | "console-audit"
        | "console-audit-entry"
        | "console-settings" => return server::respond(name, page),
        name => return groups::respond(name, page),
    };
    Some(response)
}

fn frame(place: Place) -> Frame {
    Frame { place, username: "haneul".to_owned(), csrf: "token".to_owned() }
}

fn closed(page: PageContext, reason: Closed) -> ClosedPage {
    ClosedPage { page, username: "haneul".to_owned(), reason }
}

fn join(page: PageContext, token: Option<String>) -> JoinPage {
    JoinPage { page, username: "haneul".to_owned(), csrf: "token".to_owned(), token }
}

fn moment(page: &PageContext, at: &str) -> String {
    page.locale.date_time(&utc(at))
}

fn words(locale: Locale, english: &str, korean: &str) -> String {
    if locale == Locale::KO { korean } else { english }.to_owned()
}

fn row(page: &PageContext, client_id: &str, name: &str, approved: bool) -> AppRow {
    AppRow {
        client_id: client_id.to_owned(),
        path: format!("/admin/apps/{client_id}"),
        name: name.to_owned(),
        origin: page.text(if approved { "console-origin-administrator" } else { "console-origin-self" }),
        approved,
        disabled: client_id == "television",
        since: page.locale.date(&utc("2026-11-21T09:12Z")),
    }
}

fn changes(page: &PageContext) -> Vec<EntryView> {
    let entry = |action: &str, target: &str, path: Option<&str>, face: &str, who: &str| EntryView {
        sequence: 122,
        when: moment(page, "2026-11-29T18:04Z"),
        who: who.to_owned(),
        face: face.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        path: path.map(str::to_owned),
        reason: String::new(),
        members: Vec::new(),
    };
    let member = |name: &str, before: &str, after: &str| MemberView {
        name: name.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let members = vec![
        member("client_name", "Shopp", "Shop"),
        member("redirect_uris", "[\"https://shop.example/cb\"]", "[\"https://shop.example/callback\"]"),
    ];
    vec![
        EntryView {
            reason: "ticket 4711".to_owned(),
            members: vec![member("disabled_at", "null", "1796234640")],
            ..entry("user.disable", "mallory", Some("/admin/users/1"), "console", "haneul (203.0.113.7)")
        },
        EntryView { members, ..entry("client.update", "shop", Some("/admin/apps/shop"), "command-line", "root") },
        entry("key.rotate", "ES256", None, "api", "robot from 203.0.113.7"),
        entry("user.sign-out", "0198c3d2-6c1e-7d52-8a11-0c4f5f0e7a90", None, "console", "haneul (2001:db8:1:2::)"),
    ]
}

fn overview(page: PageContext) -> OverviewPage {
    OverviewPage {
        frame: frame(Place::Overview),
        review: vec![
            row(&page, "0198c3d2-6c1e-7d52-8a11-0c4f5f0e7a90", "Note Taker for Talk", false),
            row(&page, "0198c3d1-11aa-7d52-8a11-1f2f3f4f5f6f", "Riverbánk", false),
        ],
        has_more: true,
        keys: vec!["RS256".to_owned()],
        dead_mails: 3,
        changes: changes(&page),
        page,
    }
}

fn apps(page: PageContext) -> AppsPage {
    AppsPage {
        frame: frame(Place::Apps),
        apps: vec![
            row(&page, "shop", "Shop", true),
            row(&page, "television", "Television in the living room", true),
            row(&page, "0198c3d2-6c1e-7d52-8a11-0c4f5f0e7a90", "Note Taker for Talk", false),
        ],
        next: Some("/admin/apps?after=shop".to_owned()),
        wanted: "shopp".to_owned(),
        was_deleted: false,
        page,
    }
}

fn app(page: PageContext) -> AppPage {
    let counted = [("grants", Value::from(12)), ("users", 9.into())];
    let scope = |value: &str, risk, required, (sentence, consequence): ((&str, &str), (&str, &str))| ScopeView {
        value: value.to_owned(),
        sentence: words(page.locale, sentence.0, sentence.1),
        consequence: words(page.locale, consequence.0, consequence.1),
        resource_server: "Talk".to_owned(),
        risk,
        required,
    };
    let own = ["console-registered", "console-usage", "console-authentication"];
    let values = [
        vec![page.locale.date(&utc("2026-11-21T09:12Z")), page.text("console-origin-self")],
        vec![page.text_with("console-grants", &counted)],
        vec!["client_secret_basic".to_owned()],
    ];
    let mut facts: Vec<_> = own.into_iter().zip(values).collect();
    facts.push(("console-redirect-uris", vec!["https://notes.example/callback".to_owned()]));
    AppPage {
        frame: frame(Place::Apps),
        app: AppView {
            name: "Note Taker for Talk".to_owned(),
            logo: AppLogo::letter("Note"),
            links: vec![AppLink {
                text: page.text_with("consent-app-website", &[("host", "notes.example")]),
                url: "https://notes.example/".to_owned(),
            }],
            redirect_host: "notes.example".to_owned(),
            native: false,
            verified: false,
            described_at: None,
            owner: Some(page.text_with("consent-organization-unverified", &[("organization", "Notes Ltd.")])),
            contacts: vec!["help@notes.example".to_owned()],
            first_seen: page.locale.date(&utc("2026-11-21T09:12Z")),
            users: String::new(),
            look_alike: None,
        },
        client_id: "0198c3d2-6c1e-7d52-8a11-0c4f5f0e7a90".to_owned(),
        approved: false,
        facts,
        scopes: vec![
            scope(
                "profile:read",
                Risk::Low,
                true,
                (("See your profile", "프로필 보기"), ("The app sees your name.", "앱이 이름을 봅니다.")),
            ),
            scope(
                "message:send",
                Risk::High,
                false,
                (
                    ("Send messages", "메시지 보내기"),
                    ("Your friends see them as yours.", "친구에게 내가 보낸 것으로 보입니다."),
                ),
            ),
        ],
        secrets: vec![
            SecretView { made: moment(&page, "2026-11-28T10:00Z"), last_used: None },
            SecretView {
                made: moment(&page, "2026-11-21T09:12Z"),
                last_used: Some(moment(&page, "2026-11-29T17:00Z")),
            },
        ],
        disabled: None,
        failures: vec![FailureView {
            when: moment(&page, "2026-11-29T17:58Z"),
            endpoint: "token".to_owned(),
            error: "invalid_grant".to_owned(),
            cause: "redirect_uri_differs".to_owned(),
            description: "redirect_uri is not that of the authorization request".to_owned(),
        }],
        changes: changes(&page),
        actions: vec![AppAction::Approve, AppAction::RotateSecret, AppAction::Disable, AppAction::Delete],
        version: "5f0c3c8c".to_owned(),
        path: "/admin/apps/notes".to_owned(),
        done: None,
        page,
    }
}

fn users(page: PageContext) -> UsersPage {
    let user = |username: &str, name: &str, email: &str, email_verified, disabled| UserRow {
        path: format!("/admin/users/{username}"),
        username: username.to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        email_verified,
        disabled,
        since: page.locale.date(&utc("2026-10-02T09:12Z")),
    };
    UsersPage {
        frame: frame(Place::Users),
        users: vec![
            user("haneul", "김하늘", "haneul.kim@mail.example", true, false),
            user("alice", "Alice Martin", "alice@example.com", false, false),
            user("mallory", "mallory", "", false, true),
        ],
        next: Some("/admin/users?after=1".to_owned()),
        wanted: String::new(),
        was_deleted: true,
        page,
    }
}

fn user(page: PageContext) -> UserPage {
    UserPage {
        frame: frame(Place::Users),
        name: "Alice Martin".to_owned(),
        username: "alice".to_owned(),
        disabled: Some(moment(&page, "2026-11-29T18:04Z")),
        facts: vec![
            ("profile-email", vec![page.text_with("console-unverified", &[("email", "alice@example.com")])]),
            ("console-created", vec![page.locale.date(&utc("2026-10-02T09:12Z"))]),
            ("console-groups", vec!["staff".to_owned(), "support".to_owned()]),
            (
                "factor-heading",
                vec![
                    page.text_with("factor-since", &[("date", page.locale.date(&utc("2026-10-03T09:12Z")))]),
                    page.text_with("factor-codes-left", &[("count", 7)]),
                ],
            ),
        ],
        sessions: vec![SessionView {
            device: page.text_with("sessions-device", &[("browser", "Firefox"), ("system", "Linux")]),
            network: "203.0.113.7".to_owned(),
            signed_in: moment(&page, "2026-11-28T10:00Z"),
            last_seen: moment(&page, "2026-11-29T17:58Z"),
        }],
        apps: vec![ConnectedView {
            name: "Shop".to_owned(),
            path: "/admin/apps/shop".to_owned(),
            scope: ["openid", "profile:read", "message:send"].map(str::to_owned).to_vec(),
            since: page.locale.date(&utc("2026-11-21T09:12Z")),
            disconnect: "/admin/users/1/apps/shop".to_owned(),
            version: "5f0c3c8c".to_owned(),
        }],
        changes: changes(&page),
        actions: vec![UserAction::SignOut, UserAction::ResetFactors, UserAction::Enable, UserAction::Delete],
        version: "5f0c3c8c".to_owned(),
        path: "/admin/users/1".to_owned(),
        done: Some(UserAction::Unlock),
        page,
    }
}

fn confirm(page: PageContext) -> ConfirmPage {
    let counted = [("grants", Value::from(12)), ("users", 9.into())];
    ConfirmPage {
        frame: frame(Place::Apps),
        action: "/admin/apps/notes/delete".to_owned(),
        subject: "0198c3d2-6c1e-7d52-8a11-0c4f5f0e7a90".to_owned(),
        heading: page.text_with("console-delete-app-heading", &[("app", "Note Taker for Talk")]),
        effects: vec![page.text_with("console-grants-end", &counted), page.text("console-delete-app-effect")],
        warning: String::new(),
        is_grave: true,
        button: page.text("console-delete-app"),
        version: "5f0c3c8c".to_owned(),
        fields: Vec::new(),
        back: "/admin/apps/notes".to_owned(),
        page,
    }
}

fn new_administrator(page: PageContext) -> ConfirmPage {
    let names = [("username", "haneul"), ("group", "on call")];
    ConfirmPage {
        frame: frame(Place::Groups),
        action: "/admin/groups/1/add/2".to_owned(),
        subject: "on call".to_owned(),
        heading: page.text_with("console-group-add-heading-one", &names),
        effects: vec![page.text("console-administrator-effect"), page.text("console-administrator-factor")],
        warning: page.text("console-group-administrators"),
        button: page.text("console-group-add"),
        back: "/admin/groups/1".to_owned(),
        ..confirm(page)
    }
}

fn refused(page: PageContext) -> RefusedPage {
    RefusedPage {
        frame: frame(Place::Apps),
        heading: page.text("console-refused"),
        subject: "Shop".to_owned(),
        reason: page.text("console-changed"),
        changes: changes(&page),
        back: "/admin/apps/shop".to_owned(),
        page,
    }
}
