//! The account pages in every state, with sample data.

use actix_web::HttpResponse;
use writ::pages::{
    account::{
        apps::{AppsPage, ConnectedAppView, ConnectedScopeView, Notice},
        confirm::{ConfirmPage, ConfirmProblem, Problem},
        delete::{DeletePage, DeletedPage},
        email::{EmailPage, EmailState},
        links::{LinkView, LinksPage, LinksProblem},
        overview::{EventView, OverviewPage},
        passkeys::{PasskeyView, PasskeysPage, new::NewPasskeyPage},
        password::{PasswordPage, PasswordProblem},
        preferences::PreferencesPage,
        profile::{Outcome, ProfileForm, ProfilePage, Told},
        second_factor::{
            FactorView, SecondFactorPage,
            change::{FactorCodePage, Purpose},
            set_up::{RecoveryCodesPage, SetUpPage},
        },
        sessions::{SessionView, SessionsPage},
    },
    app_logo::AppLogo,
    code_page::CodeProblem,
    login::ProviderButton,
};
use writ_core::{StandardClaims, vocabulary::standard_claims::Address};

use writ::sessions::{new_password::Unacceptable, totp::QrPath};
use writ::web::{
    locale::{Locale, Value},
    page::{Page, PageContext},
    zone::Zone,
};

use super::{asked, passkey, utc};

/// The account page with this name.
pub(super) fn respond(name: &str, page: PageContext) -> Option<HttpResponse> {
    let until = page.locale.date_time(&utc("2026-11-23T14:10Z"));
    let app = "Shop".to_owned();
    let response = match name {
        "account" => overview(page).respond(),
        "account-new" => OverviewPage { events: Vec::new(), email: String::new(), ..overview(page) }.respond(),
        "apps" => apps(page, None).respond(),
        "apps-none" => AppsPage { apps: Vec::new(), ..apps(page, None) }.respond(),
        "apps-disconnected" => apps(page, Some(Notice::Disconnected { app, until })).respond(),
        "apps-removed" => {
            let sentence = words(page.locale, "Send messages", "메시지 보내기");
            apps(page, Some(Notice::Removed { app, sentence, until })).respond()
        }
        "confirm" => confirm(page, None).respond(),
        "confirm-wrong" => confirm(page, Some(ConfirmProblem::Wrong)).respond(),
        "confirm-passkey" => {
            ConfirmPage { passkey: Some(passkey("/account/confirm", false)), ..confirm(page, None) }.respond()
        }
        "confirm-provider" => {
            let button = ProviderButton { name: "Example ID".to_owned(), path: "/login/with/example".to_owned() };
            ConfirmPage { providers: vec![button], with_password: false, ..confirm(page, None) }.respond()
        }
        "confirm-no-way" => ConfirmPage { with_password: false, ..confirm(page, None) }.respond(),
        "confirm-passkey-only" => {
            let passkey = Some(passkey("/account/confirm", false));
            let problem = Some(Problem::Passkey(page.text("passkey-refused")));
            ConfirmPage { passkey, problem, with_password: false, ..confirm(page, None) }.respond()
        }
        "delete" => DeletePage {
            page,
            csrf: "token".to_owned(),
            username: "haneul".to_owned(),
            has_password: true,
            problem: None,
        }
        .respond(),
        "deleted" => DeletedPage { page }.respond(),
        "email" => email(page, EmailState::Unchanged).respond(),
        "email-new" => EmailPage { email: None, is_verified: false, ..email(page, EmailState::Unchanged) }.respond(),
        "email-unconfirmed" => EmailPage { is_verified: false, ..email(page, EmailState::Unchanged) }.respond(),
        "email-sent" => pending_email(page, EmailState::Sent).respond(),
        "email-digits-wrong" => pending_email(page, EmailState::WrongDigits).respond(),
        "email-malformed" => email(page, EmailState::Malformed).respond(),
        "email-confirmed" => email(page, EmailState::Confirmed).respond(),
        "email-unavailable" => EmailPage { can_mail: false, ..email(page, EmailState::Unchanged) }.respond(),
        "password" => password(page, false).respond(),
        "password-weak" => {
            let problem = Some(PasswordProblem::New(page.text("password-weak-own")));
            PasswordPage { problem, ..password(page, false) }.respond()
        }
        "password-removable" => PasswordPage { is_removable: true, ..password(page, false) }.respond(),
        "password-none" => PasswordPage { has_password: false, ..password(page, false) }.respond(),
        "password-short" => password(page, true).respond(),
        "preferences-saved" => preferences(page).respond(),
        "profile" => profile(page, Outcome::Unchanged).respond(),
        "profile-saved" => profile(page, Outcome::Saved).respond(),
        "profile-wrong" => profile(page, Outcome::Refused("profile-website-wrong")).respond(),
        "sessions" => sessions(page).respond(),
        "links" => links(page, None).respond(),
        "links-none" => LinksPage { links: Vec::new(), ..links(page, None) }.respond(),
        "links-last-way" => links(page, Some(LinksProblem::LastWay)).respond(),
        "factor-off" => SecondFactorPage { page, csrf: "token".to_owned(), factor: None }.respond(),
        "factor-on" => second_factor(page).respond(),
        "factor-set-up" => set_up(page, false).respond(),
        "factor-set-up-wrong" => set_up(page, true).respond(),
        "factor-remove" => factor_code(page, None).respond(),
        "factor-remove-wrong" => factor_code(page, Some(CodeProblem::Wrong)).respond(),
        "factor-prove" => {
            let passkey = Some(passkey("/account/confirm", false));
            FactorCodePage {
                purpose: Purpose::Proof("/account/passkeys".to_owned()),
                passkey,
                ..factor_code(page, None)
            }
            .respond()
        }
        "recovery-codes" => recovery_codes(page).respond(),
        "passkeys" => passkeys(page).respond(),
        "passkeys-none" => PasskeysPage { passkeys: Vec::new(), removed: true, ..passkeys(page) }.respond(),
        "passkey-new" => new_passkey(page, "", None).respond(),
        "passkey-new-refused" => new_passkey(page.clone(), "", Some(page.text("passkey-new-refused"))).respond(),
        "passkey-offer" => new_passkey(page, "0198", None).respond(),
        _ => return None,
    };
    Some(response)
}

fn words(locale: Locale, english: &str, korean: &str) -> String {
    if locale == Locale::KO { korean } else { english }.to_owned()
}

fn overview(page: PageContext) -> OverviewPage {
    let event = |key: &str, minutes: i64, network: &str| EventView {
        text: page.text_with(key, &[("app", Value::from("Shop")), ("count", Value::from(7))]),
        when: page.locale.date_time(&Zone::UTC.at(1_795_442_700 - minutes * 60)),
        network: network.to_owned(),
    };
    OverviewPage {
        name: words(page.locale, "Hannah Sky", "김하늘"),
        username: "haneul".to_owned(),
        email: "haneul@example.com".to_owned(),
        has_password: true,
        has_passkeys: true,
        time_zone: "Asia/Seoul".to_owned(),
        has_providers: true,
        events: vec![
            event("event-token-replayed", 3, ""),
            event("event-password-wrong", 40, "198.51.100.7"),
            event("event-app-allowed", 90, "203.0.113.7"),
            event("event-signed-in", 91, "203.0.113.7"),
            event("event-password-changed", 4_000, "2001:db8:1:2::/64"),
        ],
        page,
    }
}

fn apps(page: PageContext, notice: Option<Notice>) -> AppsPage {
    let locale = page.locale;
    let scope = |value: &str, english: [&str; 2], korean: [&str; 2], required| ConnectedScopeView {
        value: value.to_owned(),
        resource_server: words(locale, "Talk", "톡"),
        sentence: words(locale, english[0], korean[0]),
        consequence: words(locale, english[1], korean[1]),
        claims: String::new(),
        required,
    };
    let profile = || {
        let english = ["See your Talk profile", "Your display name and picture."];
        scope("profile:read", english, ["톡 프로필 보기", "표시 이름과 사진을 볼 수 있습니다."], true)
    };
    let mut read = scope(
        "message:read",
        ["Read your messages", "All of them, including those other people wrote to you."],
        ["메시지 읽기", "다른 사람이 보낸 메시지까지 모두 읽을 수 있습니다."],
        false,
    );
    read.claims = words(locale, "Department, Access level in the building", "부서, 건물 출입 등급");
    let shop = ConnectedAppView {
        client_id: "shop".to_owned(),
        name: "Shop".to_owned(),
        logo: AppLogo { url: Some("/assets/icon.svg".to_owned()), ..AppLogo::letter("Shop") },
        scopes: vec![profile(), read],
        since: locale.date(&utc("2026-11-02T09:00Z")),
        last_used: page.text_with(
            "apps-last-used-by-server",
            &[("date", locale.date(&utc("2026-11-23T09:00Z"))), ("network", "192.0.2.44".to_owned())],
        ),
        ends: None,
        away: page.text("apps-away-ends"),
        network: "203.0.113.7".to_owned(),
        asserted_by: None,
        open_url: Some("https://shop.example/login?iss=https%3A%2F%2Fid.example".to_owned()),
    };
    let notes = ConnectedAppView {
        client_id: "notes".to_owned(),
        name: "Desk Notes".to_owned(),
        logo: AppLogo::letter("Desk Notes"),
        scopes: vec![profile()],
        since: locale.date(&utc("2026-11-20T09:00Z")),
        last_used: page.text("apps-never-used"),
        ends: Some(locale.date_time(&utc("2026-12-20T09:00Z"))),
        away: page.text("apps-away-continues"),
        network: String::new(),
        asserted_by: Some("idp.example".to_owned()),
        open_url: None,
    };
    AppsPage { page, csrf: "token".to_owned(), apps: vec![shop, notes], notice }
}

fn confirm(page: PageContext, problem: Option<ConfirmProblem>) -> ConfirmPage {
    ConfirmPage {
        csrf: "token".to_owned(),
        username: "haneul".to_owned(),
        then: "/account/profile".to_owned(),
        with_password: true,
        passkey: None,
        providers: Vec::new(),
        problem: problem.map(|problem| Problem::Password(problem.text(&page))),
        page,
    }
}

fn passkeys(page: PageContext) -> PasskeysPage {
    let locale = page.locale;
    let date = |key: &str, date: &str| page.text_with(key, &[("date", locale.date(&utc(date)))]);
    let passkeys = vec![
        PasskeyView {
            id: "0198b2c4-77aa-7c01-9a53-6f1e5b0a7b11".to_owned(),
            name: words(locale, "My phone and tablet", "내 휴대전화와 태블릿"),
            provider: Some("Apple Passwords"),
            synced: true,
            added: date("passkeys-added", "2026-11-02T09:00Z"),
            last_used: date("passkeys-last-used", "2026-11-23T09:00Z"),
        },
        PasskeyView {
            id: "0198b2c4-77aa-7c01-9a53-6f1e5b0a7b12".to_owned(),
            name: "Windows Hello".to_owned(),
            provider: None,
            synced: false,
            added: date("passkeys-added", "2026-11-20T09:00Z"),
            last_used: page.text("passkeys-never-used"),
        },
    ];
    PasskeysPage { csrf: "token".to_owned(), passkeys, problem: None, removed: false, page }
}

fn new_passkey(page: PageContext, request: &str, problem: Option<String>) -> NewPasskeyPage {
    NewPasskeyPage {
        page,
        csrf: "token".to_owned(),
        asked: asked(),
        request: request.to_owned(),
        next: "/account/passkeys".to_owned(),
        problem,
    }
}

fn email(page: PageContext, state: EmailState) -> EmailPage {
    EmailPage {
        page,
        csrf: "token".to_owned(),
        email: Some("haneul@example.com".to_owned()),
        is_verified: true,
        pending: None,
        can_mail: true,
        contact: Some("help@talk.example".to_owned()),
        state,
    }
}

fn pending_email(page: PageContext, state: EmailState) -> EmailPage {
    EmailPage { pending: Some("haneul.kim@mail.example".to_owned()), ..email(page, state) }
}

fn password(page: PageContext, short: bool) -> PasswordPage {
    PasswordPage {
        csrf: "token".to_owned(),
        username: "haneul".to_owned(),
        has_password: true,
        is_removable: false,
        min_characters: 10,
        problem: short.then(|| PasswordProblem::New(Unacceptable::TooShort { min_characters: 10 }.text(page.locale))),
        changed: false,
        page,
    }
}

fn preferences(page: PageContext) -> PreferencesPage {
    PreferencesPage {
        page,
        csrf: "token".to_owned(),
        zones: Zone::names().collect(),
        zone: "Asia/Seoul".to_owned(),
        saved: true,
    }
}

fn profile(page: PageContext, outcome: Outcome) -> ProfilePage {
    let name = words(page.locale, "Hannah Sky", "김하늘");
    let address = Address {
        street_address: Some(words(page.locale, "12 Weir Lane\nFlat 3", "세종대로 110\n3층")),
        postal_code: Some(words(page.locale, "GL5 1AA", "04524")),
        locality: Some(words(page.locale, "Stroud", "중구")),
        region: Some(words(page.locale, "Gloucestershire", "서울특별시")),
        country: Some(words(page.locale, "United Kingdom", "대한민국")),
        ..Address::default()
    };
    let formatted = address.told().and_then(|told| told.formatted).unwrap_or_default();
    let told = |scope: &str, claims: &[(&str, &str)]| Told {
        scope: page.text(scope),
        claims: claims.iter().map(|(claim, value)| (page.text(claim), (*value).to_owned())).collect(),
    };
    let preview = vec![
        told("scope-openid", &[("claim-sub", "0198b2c4-77aa-7c01-9a53-6f1e5b0a7b11")]),
        told("scope-profile", &[("profile-name", &name), ("claim-preferred-username", "haneul")]),
        told(
            "scope-email",
            &[("profile-email", "haneul@example.com"), ("claim-email-verified", &page.text("claim-yes"))],
        ),
        told("scope-address", &[("profile-address", &formatted)]),
    ];
    let claims = StandardClaims { name: Some(name), address: Some(address), ..StandardClaims::default() };
    ProfilePage {
        csrf: "token".to_owned(),
        email: "haneul@example.com".to_owned(),
        form: ProfileForm { claims },
        preview,
        outcome,
        page,
    }
}

fn links(page: PageContext, problem: Option<LinksProblem>) -> LinksPage {
    let date = |key: &str, seconds| page.text_with(key, &[("date", page.locale.date(&Zone::UTC.at(seconds)))]);
    let link = LinkView {
        issuer: "https://id.example".to_owned(),
        subject: "u1".to_owned(),
        provider: "Example ID".to_owned(),
        account: "haneul@example.com".to_owned(),
        since: date("links-since", 1_790_000_000),
        last_used: Some(date("links-last-used", 1_795_442_700)),
    };
    LinksPage {
        links: vec![link],
        offers: vec![("school".to_owned(), "Haneul University".to_owned())],
        add_csrf: "token".to_owned(),
        csrf: "token".to_owned(),
        problem,
        page,
    }
}

fn second_factor(page: PageContext) -> SecondFactorPage {
    let factor = FactorView {
        since: page.text_with("factor-since", &[("date", page.locale.date(&utc("2026-11-02T09:00Z")))]),
        codes_left: page.text_with("factor-codes-left", &[("count", 9)]),
        trusted_browsers: Some(page.text_with("factor-trusted", &[("count", 2)])),
    };
    SecondFactorPage { page, csrf: "token".to_owned(), factor: Some(factor) }
}

fn set_up(page: PageContext, is_wrong: bool) -> SetUpPage {
    let uri = "otpauth://totp/Talk:haneul?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Talk";
    SetUpPage {
        csrf: "token".to_owned(),
        seed: "seed".to_owned(),
        request: String::new(),
        without_code: is_wrong.then(|| "/authorize/resume?request=0198".to_owned()),
        qr: QrPath::new(uri).expect("a short URI"),
        key: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned(),
        problem: is_wrong.then(|| page.text("set-up-wrong")),
        page,
    }
}

fn factor_code(page: PageContext, problem: Option<CodeProblem>) -> FactorCodePage {
    FactorCodePage { page, csrf: "token".to_owned(), purpose: Purpose::Removal, passkey: None, problem }
}

fn recovery_codes(page: PageContext) -> RecoveryCodesPage {
    let code = |number: usize| format!("k3wq-7{number}hz-9bfp-xm{number}d");
    RecoveryCodesPage {
        page,
        username: "haneul".to_owned(),
        codes: (0..10).map(code).collect(),
        set_up: true,
        next: "/account/second-factor".to_owned(),
    }
}

fn sessions(page: PageContext) -> SessionsPage {
    let session = |device: String, network: &str, is_this| SessionView {
        id: "0198b2c4-77aa-7c01-9a53-6f1e5b0a7b11".to_owned(),
        device,
        network: network.to_owned(),
        signed_in: page.locale.date_time(&utc("2026-11-23T09:00Z")),
        last_seen: page.locale.date_time(&utc("2026-11-23T14:05Z")),
        is_this,
    };
    let known = page.text_with("sessions-device", &[("browser", "Firefox"), ("system", "macOS")]);
    SessionsPage {
        sessions: vec![
            session(known, "203.0.113.7", true),
            session(page.text("sessions-device-unknown"), "2001:db8:1:2::/64", false),
        ],
        csrf: "token".to_owned(),
        page,
    }
}
