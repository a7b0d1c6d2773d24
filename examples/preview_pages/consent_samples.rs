//! The consent pages in every state, with sample data.

use actix_web::HttpResponse;
use writ::{
    consent::{Condition, ConsentScope, ScopeGroup, UnrequestedScope, openid_scope_risk, openid_scope_texts},
    pages::{
        app_logo::AppLogo,
        consent::{AppLink, AppView, ConsentPage, DurationChoice, OfflineAccess, PreviousConsent, is_not, users},
        device::DevicePage,
    },
    store::decisions::ShownClaim,
    web::{
        locale::Locale,
        page::{Page, PageContext},
    },
};
use writ_core::{
    consent::ScopeStatus,
    vocabulary::{duration::GrantDuration, scope::Risk},
};

use super::{account, utc};

/// The consent page with this name.
pub(super) fn respond(name: &str, page: PageContext) -> Option<HttpResponse> {
    let page = match name {
        "consent-first" => consent(page, "Shop"),
        "consent-claims" => with_claims(consent(page, "Shop")),
        "consent-difference" => difference(page),
        "consent-reworded" => reworded(page),
        "consent-not-open" => not_open(page),
        "consent-required-only" => required_only(page),
        "consent-long-names" => consent(page, "Donaudampfschifffahrtsgesellschaftskapitänsverwaltung"),
        "consent-unverified" => unverified_native(page),
        "consent-look-alike" => look_alike(page),
        "consent-five-scopes" => five_scopes(page),
        "consent-offline" => offline(page),
        "consent-works-while-away" => continuing(consent(page, "Mailer"), OfflineAccess::Implicit),
        _ => return None,
    };
    Some(page.respond())
}

fn scope(locale: Locale, value: &str, english: [&str; 2], korean: [&str; 2], risk: Risk) -> ConsentScope {
    let [sentence, consequence] = if locale == Locale::KO { korean } else { english };
    ConsentScope {
        value: value.to_owned(),
        sentence: sentence.to_owned(),
        consequence: consequence.to_owned(),
        risk,
        required: false,
        required_note: String::new(),
        ticked: risk != Risk::High,
        status: ScopeStatus::New,
        previous_text: None,
        claims: Vec::new(),
    }
}

/// The first scope comes with claims of the operator's own.
fn with_claims(mut page: ConsentPage) -> ConsentPage {
    let claim = |claim: &str, english: &str, korean: &str| ShownClaim {
        claim: claim.to_owned(),
        label: if page.page.locale == Locale::KO { korean } else { english }.to_owned(),
    };
    let claims = vec![
        claim("department", "Department", "부서"),
        claim("https://acme.example/level", "Access level in the building", "건물 출입 등급"),
    ];
    page.groups[0].scopes[0].claims = claims;
    page
}

fn consent(page: PageContext, app_name: &str) -> ConsentPage {
    let locale = page.locale;
    let korean = locale == Locale::KO;
    let reason = if korean {
        "주문서에 이름을 표시하는 데 사용합니다."
    } else {
        "It puts your name on your orders."
    };
    let profile = ConsentScope {
        required: true,
        required_note: locale.text_with("consent-required-reason", &[("app", app_name), ("reason", reason)]),
        ..scope(
            locale,
            "profile:read",
            ["See your Talk profile", "Your display name and picture."],
            ["톡 프로필 보기", "표시 이름과 사진을 볼 수 있습니다."],
            Risk::Low,
        )
    };
    let read = scope(
        locale,
        "message:read",
        ["Read your messages", "All of them, including those other people wrote to you."],
        ["메시지 읽기", "다른 사람이 보낸 메시지까지 모두 읽을 수 있습니다."],
        Risk::Elevated,
    );
    let send = scope(
        locale,
        "message:send",
        ["Send messages", "People will see them as coming from you."],
        ["메시지 보내기", "받는 사람에게는 내가 보낸 메시지로 보입니다."],
        Risk::High,
    );
    let unrequested = |scope: &str, english: &str, korean_text: &str| UnrequestedScope {
        value: scope.to_owned(),
        resource_server: if korean { "톡" } else { "Talk" }.to_owned(),
        sentence: if korean { korean_text } else { english }.to_owned(),
        risk: Risk::High,
        unmet: None,
    };
    let link = |key: &str, path: &str| AppLink {
        text: locale.text_with(key, &[("app", app_name)]),
        url: format!("https://shop.example/{path}"),
    };
    ConsentPage {
        request: "0198".to_owned(),
        again: "client_id=shop".to_owned(),
        csrf: "token".to_owned(),
        app: AppView {
            name: app_name.to_owned(),
            logo: AppLogo { url: Some("/assets/icon.svg".to_owned()), ..AppLogo::letter(app_name) },
            links: vec![
                AppLink {
                    text: locale.text_with("consent-app-website", &[("host", "shop.example")]),
                    url: "https://shop.example/".to_owned(),
                },
                link("consent-app-privacy", "privacy"),
                link("consent-app-terms", "terms"),
            ],
            redirect_host: "shop.example".to_owned(),
            native: false,
            verified: true,
            described_at: None,
            owner: Some(locale.text_with("consent-organization", &[("organization", "Harbour Trading")])),
            users: users(4_210, locale),
            look_alike: None,
            contacts: vec!["help@shop.example".to_owned()],
            first_seen: locale.date(&utc("2026-11-02T09:00Z")),
        },
        account: account(locale),
        groups: vec![ScopeGroup {
            resource_server: if korean { "톡" } else { "Talk" }.to_owned(),
            scopes: vec![profile, read, send],
        }],
        unrequested: vec![
            unrequested("message:delete", "Delete messages", "메시지 삭제하기"),
            unrequested("wallet:pay", "Pay from your wallet", "지갑에서 결제하기"),
            unrequested("contact:read", "See your contacts", "연락처 보기"),
            unrequested("room:leave", "Leave chat rooms", "대화방 나가기"),
        ],
        durations: durations(locale, OfflineAccess::EndsWithSession),
        duration: GrantDuration::UntilRevoked,
        previous: None,
        offline_access: OfflineAccess::EndsWithSession,
        session_lifetime: locale.duration(30 * 86_400),
        another_account_url: "/login?request=0198".to_owned(),
        page,
    }
}

fn durations(locale: Locale, access: OfflineAccess) -> Vec<DurationChoice> {
    let hour = [("duration", locale.duration(3600))];
    let end = locale.text_with("consent-duration-ends", &[("date", locale.date(&utc("2026-12-28T09:00Z")))]);
    let [once, until_revoked] = if access == OfflineAccess::EndsWithSession {
        let once = locale.text_with("consent-duration-once-ends-or-sign-out", &hour);
        [once, locale.text("consent-duration-session-ends")]
    } else {
        let ages = [("duration", locale.duration(90 * 86_400)), ("max", locale.duration(365 * 86_400))];
        let once = locale.text_with("consent-duration-once-ends", &hour);
        [once, locale.text_with("consent-duration-idle-or-age-ends", &ages)]
    };
    vec![
        DurationChoice { duration: GrantDuration::Once, ends: once },
        DurationChoice { duration: GrantDuration::ThirtyDays, ends: end },
        DurationChoice { duration: GrantDuration::UntilRevoked, ends: until_revoked },
    ]
}

/// The page of an app whose access the browser session does not end.
fn continuing(mut asked: ConsentPage, access: OfflineAccess) -> ConsentPage {
    asked.durations = durations(asked.page.locale, access);
    asked.offline_access = access;
    asked
}

pub(super) fn previous(locale: Locale) -> PreviousConsent {
    PreviousConsent { on: locale.date(&utc("2026-11-02T09:00Z")), until: Some(locale.date(&utc("2026-12-02T09:00Z"))) }
}

fn difference(page: PageContext) -> ConsentPage {
    let mut consent = consent(page, "Shop");
    let scopes = &mut consent.groups[0].scopes;
    scopes[0].status = ScopeStatus::AlreadyAllowed;
    scopes[2].status = ScopeStatus::DeclinedBefore;
    consent.duration = GrantDuration::ThirtyDays;
    scopes.swap(0, 1);
    consent.previous = Some(previous(consent.page.locale));
    consent
}

/// With a scope in other words, and one that became riskier.
fn reworded(page: PageContext) -> ConsentPage {
    let mut consent = difference(page);
    let [before_read, before_send] = if consent.page.locale == Locale::KO {
        ["읽지 않은 메시지 수 보기", "나에게 메시지 보내기"]
    } else {
        ["See how many messages you have not read", "Send messages to yourself"]
    };
    let scopes = &mut consent.groups[0].scopes;
    (scopes[0].status, scopes[0].previous_text) = (ScopeStatus::Reworded, Some(before_read.to_owned()));
    (scopes[2].status, scopes[2].previous_text) = (ScopeStatus::Changed, Some(before_send.to_owned()));
    consent
}

/// With a scope that is not open to the user.
fn not_open(page: PageContext) -> ConsentPage {
    let mut consent = consent(page, "Shop");
    consent.groups[0].scopes.truncate(2);
    consent.unrequested[1].unmet = Some(Condition::Group);
    consent.unrequested[2].unmet = Some(Condition::Acr);
    consent.unrequested.rotate_left(1);
    consent
}

fn required_only(page: PageContext) -> ConsentPage {
    let mut consent = consent(page, "Desk Notes");
    consent.groups[0].scopes.truncate(1);
    consent.unrequested.clear();
    consent.app.native = true;
    continuing(consent, OfflineAccess::OwnSession)
}

/// The page of an app that registered itself: without a logo, and with what is presumed harmless
/// ticked for 30 days.
fn unverified(page: PageContext, name: &str) -> ConsentPage {
    let mut asked = consent(page, name);
    let organization = [("organization", "Harbour Trading")];
    asked.app.owner = Some(asked.page.locale.text_with("consent-organization-unverified", &organization));
    asked.app.users = users(0, asked.page.locale);
    asked.app.logo.url = None;
    asked.app.verified = false;
    asked.groups[0].scopes.iter_mut().for_each(|scope| scope.ticked = scope.required || scope.risk < Risk::Elevated);
    asked.duration = GrantDuration::ThirtyDays;
    asked
}

fn unverified_native(page: PageContext) -> ConsentPage {
    let mut asked = unverified(page, "Desk Notes");
    asked.app.native = true;
    continuing(asked, OfflineAccess::OwnSession)
}

fn look_alike(page: PageContext) -> ConsentPage {
    let mut asked = unverified(page, "Sh0p");
    asked.app.redirect_host = "sh0p-login.example".to_owned();
    asked.app.look_alike = Some(is_not("Shop", Some("shop.example"), 4_210, asked.page.locale));
    asked
}

fn openid_scope(locale: Locale, value: &str) -> ConsentScope {
    let (sentence, consequence) = openid_scope_texts(value).expect("a scope of OpenID Connect");
    let (sentence, consequence) = (locale.text(sentence), locale.text(consequence));
    scope(locale, value, [&sentence, &consequence], [&sentence, &consequence], openid_scope_risk(value))
}

/// A typical number of scopes, of two APIs.
fn five_scopes(page: PageContext) -> ConsentPage {
    let mut asked = consent(page, "Shop");
    let locale = asked.page.locale;
    let scopes = vec![openid_scope(locale, "openid"), openid_scope(locale, "email")];
    asked.groups.insert(0, ScopeGroup { resource_server: "Harbour ID".to_owned(), scopes });
    asked
}

/// With a box for `offline_access`.
fn offline(page: PageContext) -> ConsentPage {
    let mut asked = five_scopes(page);
    let locale = asked.page.locale;
    asked.groups[0].scopes[1] = openid_scope(locale, "offline_access");
    continuing(asked, OfflineAccess::Optional)
}

pub(super) fn device(page: PageContext) -> DevicePage {
    let asked = continuing(consent(page, "Television"), OfflineAccess::OwnSession);
    let ConsentPage { page, csrf, mut app, account, groups, durations, duration, .. } = asked;
    app.logo.url = None;
    DevicePage {
        since: page.locale.time_ago(90),
        page,
        csrf,
        denial: "token".to_owned(),
        user_code: "BCDF-GHJK".to_owned(),
        app,
        network: "198.51.100.7".to_owned(),
        same_network: false,
        account,
        groups,
        left_out: Vec::new(),
        step_up_url: None,
        durations,
        duration,
    }
}

/// With a scope that the sign-in does not allow.
pub(super) fn device_left_out(page: PageContext) -> DevicePage {
    let mut asked = device(page);
    let left_out = asked.groups[0].scopes.pop();
    asked.left_out.extend(left_out.map(|scope| scope.sentence));
    asked.step_up_url = Some("/step-up?return_to=/device?user_code=BCDF-GHJK".to_owned());
    asked
}
