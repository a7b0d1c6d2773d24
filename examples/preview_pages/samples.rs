//! The pages in every state, with sample data.

#[path = "account_samples.rs"]
mod account;

use std::sync::Arc;

use actix_web::HttpResponse;
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use writ::{
    config::{BrandingSettings, Settings},
    consent::{ConsentScope, ScopeGroup, UnrequestedScope, openid_scope_texts},
    endpoints::authorization::{
        form_post::FormPostPage,
        redirect_page::{Heading, RedirectPage, Warning},
    },
    pages::{
        accounts::{AccountsPage, ChoiceView},
        app_logo::AppLogo,
        consent::{
            AccountView, AppLink, AppView, ConsentPage, DeniedPage, DurationChoice, OfflineAccess, PreviousConsent,
            is_not, users,
        },
        device::{DeviceAnsweredPage, DeviceCodePage, DevicePage, DeviceProblem},
        error_docs::{ErrorDocPage, ErrorIndexPage},
        index::IndexPage,
        login::{LoginPage, LoginProblem},
        logout::{BackView, LoggedOutPage, LogoutPage},
    },
};
use writ_core::{
    Cause,
    consent::ScopeStatus,
    vocabulary::{duration::GrantDuration, scope::Risk},
};

use writ::web::{
    branding::Branding,
    error_page::{ErrorKind, ErrorPage, InterruptedPage, Interruption, Recovery},
    locale::Locale,
    page::{Page, PageContext},
};

/// The name of each page and state.
pub(crate) const NAMES: [&str; 58] = [
    "index",
    "login",
    "login-direct",
    "login-wrong",
    "login-throttled",
    "login-busy",
    "accounts",
    "consent-first",
    "consent-difference",
    "consent-required-only",
    "consent-long-names",
    "consent-unverified",
    "consent-look-alike",
    "consent-five-scopes",
    "navigate-allowed",
    "denied",
    "denied-again",
    "form-post",
    "error",
    "error-fault",
    "error-busy",
    "not-found",
    "errors",
    "errors-searched",
    "error-doc",
    "expired",
    "already-answered",
    "cookie-lost",
    "request-gone",
    "request-gone-of-app",
    "error-over",
    "request-over",
    "logout",
    "logout-several",
    "logged-out",
    "device-code",
    "device-code-wrong",
    "device",
    "device-allowed",
    "device-denied",
    "account",
    "account-new",
    "apps",
    "apps-none",
    "apps-disconnected",
    "apps-removed",
    "confirm",
    "confirm-wrong",
    "delete",
    "deleted",
    "password",
    "password-short",
    "password-weak",
    "preferences-saved",
    "profile",
    "profile-saved",
    "profile-wrong",
    "sessions",
];

/// The page with this name, in `locale`.
pub(crate) fn respond(name: &str, locale: Locale) -> Option<HttpResponse> {
    let branding =
        Arc::new(Branding::new(BrandingSettings { product_name: "Talk".to_owned(), ..Settings::default().branding }));
    let page = PageContext::new(locale, true, branding).at(&format!("/preview/{name}"));
    let response = match name {
        "index" => IndexPage { page }.respond(),
        "errors" => ErrorIndexPage { page, query: String::new() }.respond(),
        "errors-searched" => ErrorIndexPage { page, query: "refresh".to_owned() }.respond(),
        "error-doc" => ErrorDocPage { page, cause: Cause::RedirectUriUnregistered }.respond(),
        "login" => login(page, None).respond(),
        "login-direct" => LoginPage { app_name: None, ..login(page, None) }.respond(),
        "login-wrong" => login(page, Some(LoginProblem::Wrong)).respond(),
        "login-throttled" => login(page, Some(LoginProblem::Throttled { retry_after_seconds: 290 })).respond(),
        "login-busy" => login(page, Some(LoginProblem::Busy)).respond(),
        "accounts" => accounts(page).respond(),
        "consent-first" => consent(page, "Shop").respond(),
        "consent-difference" => difference(page).respond(),
        "consent-required-only" => required_only(page).respond(),
        "consent-long-names" => consent(page, "Donaudampfschifffahrtsgesellschaftskapitänsverwaltung").respond(),
        "consent-unverified" => unverified(page).respond(),
        "consent-look-alike" => look_alike(page).respond(),
        "consent-five-scopes" => five_scopes(page).respond(),
        "navigate-allowed" => navigate(page, Heading::Allowed, None).respond(),
        "denied" => denied(page, false).respond(),
        "denied-again" => denied(page, true).respond(),
        "form-post" => form_post(page).respond(),
        "error" => error(page).respond(),
        "error-fault" => wordless(page, ErrorKind::Fault).respond(),
        "error-busy" => wordless(page, ErrorKind::Busy).respond(),
        "not-found" => wordless(page, ErrorKind::NotFound).respond(),
        "expired" => interrupted(page, Interruption::Expired).respond(),
        "already-answered" => interrupted(page, Interruption::AlreadyAnswered).respond(),
        "cookie-lost" => interrupted(page, Interruption::CookieLost).respond(),
        "request-over" => interrupted(page, Interruption::RequestOver).respond(),
        "request-gone" => {
            InterruptedPage { way: Recovery::Nowhere, ..interrupted(page, Interruption::RequestGone) }.respond()
        }
        "request-gone-of-app" => {
            InterruptedPage { way: to_the_app(), ..interrupted(page, Interruption::RequestGone) }.respond()
        }
        "error-over" => ErrorPage { way: Some(to_the_app()), ..wordless(page, ErrorKind::Over) }.respond(),
        "logout" => logout(page, false).respond(),
        "logout-several" => logout(page, true).respond(),
        "logged-out" => logged_out(page).respond(),
        "device-code" => device_code(page, None).respond(),
        "device-code-wrong" => device_code(page, Some(DeviceProblem::Wrong)).respond(),
        "device" => device(page).respond(),
        "device-allowed" => device_answered(page, true).respond(),
        "device-denied" => device_answered(page, false).respond(),
        _ => return account::respond(name, page),
    };
    Some(response)
}

fn device_code(page: PageContext, problem: Option<DeviceProblem>) -> DeviceCodePage {
    DeviceCodePage { page, csrf: "token".to_owned(), user_code: None, problem }
}

fn device(page: PageContext) -> DevicePage {
    let ConsentPage { page, csrf, mut app, account, groups, durations, duration, .. } = consent(page, "Television");
    app.logo.url = None;
    DevicePage {
        since: page.locale.time_ago(90),
        page,
        csrf,
        user_code: "BCDF-GHJK".to_owned(),
        app,
        network: "198.51.100.7".to_owned(),
        same_network: false,
        account,
        groups,
        durations,
        duration,
    }
}

fn device_answered(page: PageContext, allowed: bool) -> DeviceAnsweredPage {
    DeviceAnsweredPage { page, app_name: "Television".to_owned(), allowed }
}

fn login(page: PageContext, problem: Option<LoginProblem>) -> LoginPage {
    LoginPage {
        return_to: String::new(),
        page,
        request: "0198".to_owned(),
        again: "client_id=shop".to_owned(),
        csrf: "token".to_owned(),
        username: if problem.is_some() { "haneul" } else { "" }.to_owned(),
        app_name: Some("Shop".to_owned()),
        problem,
    }
}

fn account(locale: Locale) -> AccountView {
    AccountView {
        name: if locale == Locale::KO { "김하늘" } else { "Hannah Sky" }.to_owned(),
        username: "haneul".to_owned(),
    }
}

fn scope(locale: Locale, value: &str, english: [&str; 2], korean: [&str; 2], risk: Risk) -> ConsentScope {
    let [sentence, consequence] = if locale == Locale::KO { korean } else { english };
    ConsentScope {
        value: value.to_owned(),
        sentence: sentence.to_owned(),
        consequence: consequence.to_owned(),
        risk,
        required: false,
        required_reason: None,
        ticked: risk != Risk::High,
        status: ScopeStatus::New,
    }
}

fn consent(page: PageContext, app_name: &str) -> ConsentPage {
    let locale = page.locale;
    let korean = locale == Locale::KO;
    let profile = ConsentScope {
        required: true,
        required_reason: Some(
            if korean {
                "주문서에 이름을 표시하는 데 사용합니다."
            } else {
                "It puts your name on your orders."
            }
            .to_owned(),
        ),
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
        durations: durations(locale),
        duration: GrantDuration::UntilRevoked,
        previous: None,
        offline_access: OfflineAccess::EndsWithSession,
        another_account_url: "/login?request=0198".to_owned(),
        page,
    }
}

fn durations(locale: Locale) -> Vec<DurationChoice> {
    let end = locale.date(&utc("2026-12-28T09:00Z"));
    let choice = |duration, key: &str, name: &'static str, value: String| DurationChoice {
        duration,
        ends: locale.text_with(key, &[(name, value)]),
    };
    vec![
        choice(GrantDuration::Once, "consent-duration-once-ends", "duration", locale.duration(3600)),
        choice(GrantDuration::ThirtyDays, "consent-duration-ends", "date", end),
        choice(GrantDuration::UntilRevoked, "consent-duration-idle-ends", "duration", locale.duration(90 * 86_400)),
    ]
}

fn previous(locale: Locale) -> PreviousConsent {
    PreviousConsent { on: locale.date(&utc("2026-11-02T09:00Z")), until: Some(locale.date(&utc("2026-12-02T09:00Z"))) }
}

fn difference(page: PageContext) -> ConsentPage {
    let mut consent = consent(page, "Shop");
    let scopes = &mut consent.groups[0].scopes;
    scopes[0].status = ScopeStatus::AlreadyAllowed;
    scopes[2].status = ScopeStatus::DeclinedBefore;
    consent.app.verified = false;
    consent.app.logo.url = None;
    consent.duration = GrantDuration::ThirtyDays;
    scopes.swap(0, 1);
    consent.previous = Some(previous(consent.page.locale));
    consent
}

fn required_only(page: PageContext) -> ConsentPage {
    let mut consent = consent(page, "Desk Notes");
    consent.groups[0].scopes.truncate(1);
    consent.unrequested.clear();
    consent.app.native = true;
    consent
}

fn unverified(page: PageContext) -> ConsentPage {
    let mut asked = consent(page, "Desk Notes");
    asked.app.logo.url = None;
    asked.app.verified = false;
    asked.app.native = true;
    asked
}

fn look_alike(page: PageContext) -> ConsentPage {
    let mut asked = consent(page, "Sh0p");
    asked.app.logo.url = None;
    asked.app.verified = false;
    let locale = asked.page.locale;
    let organization = [("organization", "Harbour Trading")];
    asked.app.owner = Some(locale.text_with("consent-organization-unverified", &organization));
    asked.app.users = users(0, locale);
    asked.app.redirect_host = "sh0p-login.example".to_owned();
    asked.app.look_alike = Some(is_not("Shop", Some("shop.example"), 4_210, locale));
    asked.groups[0].scopes.iter_mut().for_each(|scope| scope.ticked = scope.required || scope.risk < Risk::Elevated);
    asked.duration = GrantDuration::ThirtyDays;
    asked
}

/// A typical number of scopes, of two APIs.
fn five_scopes(page: PageContext) -> ConsentPage {
    let mut asked = consent(page, "Shop");
    let locale = asked.page.locale;
    let own = |value: &str, risk| {
        let (sentence, consequence) = openid_scope_texts(value).expect("a scope of OpenID Connect");
        let (sentence, consequence) = (locale.text(sentence), locale.text(consequence));
        scope(locale, value, [&sentence, &consequence], [&sentence, &consequence], risk)
    };
    let scopes = vec![own("openid", Risk::Low), own("email", Risk::Moderate)];
    asked.groups.insert(0, ScopeGroup { resource_server: "Harbour ID".to_owned(), scopes });
    asked
}

fn navigate(page: PageContext, heading: Heading, warning: Option<Warning>) -> RedirectPage {
    RedirectPage {
        page,
        heading,
        warning,
        app_name: "Shop".to_owned(),
        host: "shop.example".to_owned(),
        // No program handles this scheme here, so the browser stays on the preview.
        url: "example.shop:/callback?code=sample".to_owned(),
    }
}

fn denied(page: PageContext, still_allowed: bool) -> DeniedPage {
    let previous = still_allowed.then(|| previous(page.locale));
    DeniedPage { page, app_name: "Shop".to_owned(), previous, url: "/authorize/resume?request=0198".to_owned() }
}

fn form_post(page: PageContext) -> FormPostPage {
    FormPostPage {
        page,
        action: "https://shop.example/callback".to_owned(),
        app_name: "Shop".to_owned(),
        host: "shop.example".to_owned(),
        parameters: vec![("code".to_owned(), "sample".to_owned()), ("state".to_owned(), "\"<&>\"".to_owned())],
        warning: None,
    }
}

fn error(page: PageContext) -> ErrorPage {
    ErrorPage {
        page,
        kind: ErrorKind::Request,
        cause: Some(Cause::RedirectUriUnregistered),
        description: "redirect_uri is not one of those this client registered".to_owned(),
        request_id: "019ab2f0-6c1e-7d52-8a11-0c4f5f0e7a90".to_owned(),
        way: None,
    }
}

fn wordless(page: PageContext, kind: ErrorKind) -> ErrorPage {
    ErrorPage { kind, cause: None, description: String::new(), way: None, ..error(page) }
}

fn interrupted(page: PageContext, interruption: Interruption) -> InterruptedPage {
    InterruptedPage { page, interruption, way: Recovery::Here("/".to_owned()) }
}

fn to_the_app() -> Recovery {
    Recovery::App { name: "Shop".to_owned(), url: Some("https://shop.example/".to_owned()) }
}

fn accounts(page: PageContext) -> AccountsPage {
    let choice = |session: &str, account| ChoiceView { session: session.to_owned(), account };
    let other = AccountView { name: "Alice Martin".to_owned(), username: "alice".to_owned() };
    AccountsPage {
        csrf: "token".to_owned(),
        request: "handle".to_owned(),
        again: String::new(),
        return_to: "/account".to_owned(),
        app_name: Some("Shop".to_owned()),
        accounts: vec![choice("1", account(page.locale)), choice("2", other)],
        another_url: "/login?request=handle".to_owned(),
        page,
    }
}

fn logout(page: PageContext, several: bool) -> LogoutPage {
    LogoutPage {
        csrf: "token".to_owned(),
        request: String::new(),
        account: account(page.locale),
        several,
        app_name: Some("Shop".to_owned()),
        page,
    }
}

fn logged_out(page: PageContext) -> LoggedOutPage {
    LoggedOutPage {
        page,
        back: Some(BackView {
            app_name: "Shop".to_owned(),
            url: "https://shop.example/".to_owned(),
            after_seconds: None,
        }),
        frames: Vec::new(),
    }
}

/// Parses a UTC time in RFC 3339.
fn utc(text: &str) -> ZonedDateTime {
    text.parse::<Timestamp>().expect("a time in RFC 3339").to_zoned_datetime(TimeZone::UTC)
}
