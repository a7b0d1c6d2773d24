//! The pages of the console about the server itself, with sample data.

use actix_web::HttpResponse;
use writ::pages::console::{
    Place,
    audit::AuditPage,
    audit_entry::EntryPage,
    keys::{KeyView, KeysPage, RotationView},
    mails::{MailView, MailsPage},
    settings::{SectionView, SettingView, SettingsPage},
};
use writ::web::page::{Page, PageContext};

use super::{changes, frame, moment, utc};

/// The page with this name.
pub(super) fn respond(name: &str, page: PageContext) -> Option<HttpResponse> {
    let response = match name {
        "console-keys" => keys(page).respond(),
        "console-mail" => mails(page).respond(),
        "console-mail-off" => {
            MailsPage { is_off: true, dead: 0, mails: Vec::new(), next: None, ..mails(page) }.respond()
        }
        "console-audit" => audit(page).respond(),
        "console-audit-entry" => entry(page).respond(),
        "console-settings" => settings(page).respond(),
        _ => return None,
    };
    Some(response)
}

fn keys(page: PageContext) -> KeysPage {
    let key = |alg: &str, state, since: &str, due: &str, kid: &str| KeyView {
        kid: kid.to_owned(),
        alg: alg.to_owned(),
        state,
        created: page.locale.date(&utc("2026-08-21T09:12Z")),
        since: if since.is_empty() { String::new() } else { moment(&page, since) },
        due: if due.is_empty() { String::new() } else { page.locale.date(&utc(due)) },
        is_due: alg == "RS256" && !due.is_empty(),
        path: format!("/admin/keys/{kid}/revoke"),
    };
    let rotation = |alg, is_ready: bool| RotationView {
        alg,
        path: format!("/admin/keys/{alg}/rotate"),
        is_ready,
        waits_until: (!is_ready).then(|| moment(&page, "2026-11-29T18:19Z")),
    };
    KeysPage {
        frame: frame(Place::Keys),
        rotations: vec![rotation("RS256", true), rotation("ES256", true), rotation("EdDSA", false)],
        keys: vec![
            key(
                "RS256",
                "console-key-active",
                "2026-08-21T10:00Z",
                "2026-11-19T10:00Z",
                "wq3bXGpsKbAQ0hZ6-1Sg2b3VxO7u6oYFh4nM2tq1nEo",
            ),
            key(
                "ES256",
                "console-key-active",
                "2026-11-29T18:04Z",
                "2027-02-27T18:04Z",
                "Jk1vV2mYq0PzqkYV3cQ6lI1r2A9d5n8u7t6s4e3w2Q0",
            ),
            key("RS256", "console-key-next", "", "", "m4YbYk8H0o3zTg1sNfV7l2q5w9e6r8t1y3u5i7o9p0A"),
            key("ES256", "console-key-retired", "2026-11-29T18:04Z", "", "h2Dk6s9f1g3j5l7z8x0c2v4b6n8m1q3w5e7r9t1y3U"),
        ],
        next: None,
        version: "5f0c3c8c".to_owned(),
        changes: changes(&page),
        page,
    }
}

fn mails(page: PageContext) -> MailsPage {
    let mail = |id: &str, recipient: &str, state, attempts, outcome: &str| MailView {
        id: id.to_owned(),
        kind: "recovery".to_owned(),
        recipient: recipient.to_owned(),
        is_dead: state == "console-mail-dead",
        state,
        queued: moment(&page, "2026-11-29T17:58Z"),
        attempts,
        next_attempt: match state {
            "console-mail-queued" => moment(&page, "2026-11-29T18:13Z"),
            _ => String::new(),
        },
        outcome: outcome.to_owned(),
        retry: (state != "console-mail-delivered").then(|| format!("/admin/mail/{id}/retry")),
        version: "5f0c3c8c".to_owned(),
    };
    MailsPage {
        frame: frame(Place::Mails),
        is_off: false,
        dead: 3,
        only_dead: false,
        mails: vec![
            mail("1", "haneul.kim@mail.example", "console-mail-delivered", 1, "250 2.0.0 Ok: queued as 4F2A"),
            mail("2", "alice@example.com", "console-mail-queued", 4, "451 4.7.1 Greylisting in action"),
            mail("3", "nobody@example.com", "console-mail-dead", 1, "550 5.1.1 User unknown in local recipient table"),
        ],
        next: Some("/admin/mail?before=3".to_owned()),
        version: "5f0c3c8c".to_owned(),
        changes: Vec::new(),
        page,
    }
}

fn audit(page: PageContext) -> AuditPage {
    AuditPage {
        frame: frame(Place::Audit),
        entries: changes(&page),
        next: Some("/admin/audit?before=117&kind=user".to_owned()),
        is_partial: true,
        actor: "haneul".to_owned(),
        kind: "user".to_owned(),
        target: String::new(),
        page,
    }
}

fn entry(page: PageContext) -> EntryPage {
    EntryPage {
        frame: frame(Place::Audit),
        entry: changes(&page).swap_remove(1),
        noted: "121:4b1d0a1c5be1d6b7f3b6f3f5d0a1c2e3f405162738495a6b7c8d9eafb0c1d2e3".to_owned(),
        page,
    }
}

fn settings(page: PageContext) -> SettingsPage {
    let setting =
        |key: &str, value: &str, is_default| SettingView { key: key.to_owned(), value: value.to_owned(), is_default };
    let section = |name: &str, values| SectionView { name: name.to_owned(), values };
    SettingsPage {
        frame: frame(Place::Settings),
        sections: vec![
            section(
                "server",
                vec![
                    setting("issuer", "\"https://id.example.com\"", false),
                    setting("listen", "[\"127.0.0.1:8080\"]", true),
                ],
            ),
            section("tokens", vec![setting("code_lifetime", "60", true), setting("require_pkce", "true", true)]),
        ],
        page,
    }
}
