//! The pages in every state, with sample data.

#[path = "account_samples.rs"]
mod account;
#[path = "consent_samples.rs"]
mod consent;
#[path = "console_samples.rs"]
mod console;

use std::sync::Arc;

use actix_web::HttpResponse;
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use writ::{
    config::{BrandingSettings, Settings},
    endpoints::authorization::{
        form_post::FormPostPage,
        redirect_page::{Heading, RedirectPage, Warning},
    },
    pages::{
        accounts::{AccountsPage, ChoiceView},
        code_page::{CodePage, CodeProblem},
        confirm_email::{ConfirmEmailPage, LinkState},
        consent::{AccountView, DeniedPage},
        device::{Denial, DeviceAnsweredPage, DeviceCodePage, DeviceProblem},
        error_docs::{ErrorDocPage, ErrorIndexPage},
        index::IndexPage,
        login::{
            Forgotten, LoginPage, LoginProblem, ProviderButton, Routed,
            first_time::{FirstTimePage, FirstTimeProblem},
            link::LinkPage,
        },
        logout::{BackView, LoggedOutPage, LogoutPage},
        not_open::NotOpenPage,
        passkey_prompt::PasskeyPrompt,
        recover::{
            RecoverPage, RecoverState,
            password::{ChangedPage, ChoosePage, InvalidPage},
        },
        sign_up::{
            ClosedPage, SignUpPage, SignUpProblem,
            confirm::{ConfirmProblem, ConfirmSignUpPage, Way},
        },
        take_back::{TakeBackPage, VoidNoticePage},
        terms::{Documents, TermsPage},
    },
    sessions::passkeys::{Unaccepted, ceremony::Asked},
};
use writ_core::Cause;

use writ::sessions::upstream::Failure;
use writ::web::{
    branding::Branding,
    error_page::{ErrorKind, ErrorPage, InterruptedPage, Interruption, Recovery},
    locale::Locale,
    page::{Page, PageContext},
};

/// The name of each page and state.
pub(crate) const NAMES: [&str; 167] = [
    "index",
    "login",
    "login-direct",
    "login-wrong",
    "login-throttled",
    "login-busy",
    "login-passkey-refused",
    "login-providers",
    "login-routed",
    "login-provider-cancelled",
    "first-time",
    "first-time-known",
    "first-time-terms",
    "link",
    "link-elsewhere",
    "code",
    "code-recovery",
    "code-wrong",
    "login-contact",
    "recover",
    "recover-sent",
    "recover-throttled",
    "recover-unavailable",
    "recover-choose",
    "recover-weak",
    "recover-invalid",
    "recover-changed",
    "login-open",
    "sign-up",
    "sign-up-wrong",
    "sign-up-invited",
    "sign-up-terms",
    "sign-up-digits",
    "sign-up-digits-wrong",
    "sign-up-link",
    "sign-up-link-wrong",
    "sign-up-link-passkey",
    "sign-up-closed",
    "confirm-email",
    "confirm-email-done",
    "confirm-email-void",
    "take-back",
    "take-back-address",
    "take-back-void",
    "step-up",
    "accounts",
    "consent-first",
    "consent-claims",
    "consent-difference",
    "consent-reworded",
    "consent-not-open",
    "consent-required-only",
    "consent-long-names",
    "consent-unverified",
    "consent-look-alike",
    "consent-five-scopes",
    "consent-offline",
    "consent-works-while-away",
    "navigate-allowed",
    "denied",
    "denied-again",
    "terms",
    "terms-device",
    "not-open",
    "not-open-needs",
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
    "device-code-factor",
    "device",
    "device-left-out",
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
    "email",
    "email-new",
    "email-unconfirmed",
    "email-sent",
    "email-digits-wrong",
    "email-malformed",
    "email-confirmed",
    "email-unavailable",
    "password",
    "password-short",
    "password-weak",
    "preferences-saved",
    "profile",
    "profile-saved",
    "profile-wrong",
    "sessions",
    "links",
    "links-none",
    "links-last-way",
    "factor-off",
    "factor-on",
    "factor-set-up",
    "factor-set-up-wrong",
    "factor-remove",
    "factor-remove-wrong",
    "recovery-codes",
    "step-up-device",
    "step-up-passkey",
    "password-removable",
    "password-none",
    "factor-prove",
    "confirm-passkey",
    "confirm-passkey-only",
    "confirm-provider",
    "confirm-no-way",
    "passkeys",
    "passkeys-none",
    "passkey-new",
    "passkey-new-refused",
    "passkey-offer",
    "console-overview",
    "console-overview-calm",
    "console-apps",
    "console-app",
    "console-app-disabled",
    "console-users",
    "console-user",
    "console-groups",
    "console-group",
    "console-resources",
    "console-resource",
    "console-scope",
    "console-keys",
    "console-mail",
    "console-mail-off",
    "console-audit",
    "console-audit-entry",
    "console-settings",
    "console-confirm",
    "console-confirm-warning",
    "console-new-administrator",
    "console-refused",
    "console-secret",
    "console-closed",
    "console-needs-factor",
    "console-join",
    "console-join-void",
];

/// The page with this name, in `locale`.
pub(crate) fn respond(name: &str, locale: Locale) -> Option<HttpResponse> {
    let branding = Arc::new(Branding::new(BrandingSettings {
        product_name: "Talk".to_owned(),
        terms_url: "https://talk.example/terms".parse().ok(),
        privacy_url: "https://talk.example/privacy".parse().ok(),
        ..Settings::default().branding
    }));
    let page = PageContext::new(locale, branding).at(&format!("/preview/{name}"));
    let page = PageContext { request_id: "019ab2f0-6c1e-7d52-8a11-0c4f5f0e7a90".to_owned(), ..page };
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
        "login-passkey-refused" => login(page, Some(LoginProblem::Passkey(Unaccepted::Refused))).respond(),
        "login-providers" => LoginPage { providers: providers(), ..login(page, None) }.respond(),
        "login-routed" => LoginPage {
            providers: providers().split_off(1),
            routed: Some(Routed { domain: "example.com".to_owned(), button: providers().remove(0) }),
            username: "ada@example.com".to_owned(),
            needs_password: false,
            ..login(page, None)
        }
        .respond(),
        "login-provider-cancelled" => LoginPage {
            providers: providers(),
            failed_provider: Some("Example ID".to_owned()),
            ..login(page, Some(LoginProblem::Upstream(Failure::Cancelled)))
        }
        .respond(),
        "first-time" => first_time(page, true).respond(),
        "first-time-terms" => FirstTimePage {
            terms: Some("2027-01".to_owned()),
            documents: documents(),
            problem: Some(FirstTimeProblem::Terms),
            ..first_time(page, true)
        }
        .respond(),
        "first-time-known" => first_time(page, false).respond(),
        "link" => link(page, None).respond(),
        "link-elsewhere" => link(page, Some(Failure::LinkedElsewhere)).respond(),
        "code" => code(page, None).respond(),
        "code-recovery" => CodePage { with_recovery_code: true, ..code(page, None) }.respond(),
        "step-up" => {
            let without_code = Some("/authorize/resume?request=0198".to_owned());
            CodePage { offers_trust: false, without_code, ..code(page, None) }.respond()
        }
        "step-up-device" => {
            CodePage { offers_trust: false, app_name: None, denial: Some(denial()), ..code(page, None) }.respond()
        }
        "step-up-passkey" => {
            let without_code = Some("/authorize/resume?request=0198".to_owned());
            let passkey = Some(passkey("/step-up", false));
            CodePage { with_code: false, passkey, without_code, ..code(page, None) }.respond()
        }
        "code-wrong" => code(page, Some(CodeProblem::Wrong)).respond(),
        "login-contact" => {
            LoginPage { forgotten: Forgotten::Contact("help@talk.example".to_owned()), ..login(page, None) }.respond()
        }
        "recover" => recover(page, RecoverState::Asking).respond(),
        "recover-sent" => recover(page, RecoverState::Sent { minutes: 30 }).respond(),
        "recover-throttled" => recover(page, RecoverState::Throttled { retry_after_seconds: 290 }).respond(),
        "recover-unavailable" => recover(page, RecoverState::Unavailable).respond(),
        "recover-choose" => choose(page, None).respond(),
        "recover-weak" => choose(page.clone(), Some(page.text("password-weak-common"))).respond(),
        "login-open" => LoginPage { sign_up: Some("/sign-up?request=0198".to_owned()), ..login(page, None) }.respond(),
        "sign-up" => sign_up(page, None).respond(),
        "sign-up-wrong" => sign_up(page, Some(SignUpProblem::Domain)).respond(),
        "sign-up-invited" => SignUpPage { is_invited: true, ..sign_up(page, None) }.respond(),
        "sign-up-terms" => {
            let form = sign_up(page, Some(SignUpProblem::Terms));
            SignUpPage { terms: Some("2027-01".to_owned()), documents: documents(), ..form }.respond()
        }
        "sign-up-digits" => confirm_sign_up(page, Way::Digits, None).respond(),
        "sign-up-digits-wrong" => confirm_sign_up(page, Way::Digits, Some(ConfirmProblem::Wrong)).respond(),
        "sign-up-link" => confirm_sign_up(page, Way::Link, None).respond(),
        "sign-up-link-wrong" => confirm_sign_up(page, Way::Link, Some(ConfirmProblem::Wrong)).respond(),
        "sign-up-link-passkey" => {
            let passkey = Some(passkey("/sign-up/link", false));
            ConfirmSignUpPage { needs_passkey: true, passkey, ..confirm_sign_up(page, Way::Link, None) }.respond()
        }
        "sign-up-closed" => ClosedPage { page, contact: Some("help@talk.example".to_owned()) }.respond(),
        "confirm-email" => {
            confirm_email(page, LinkState::Asking { token: "token".to_owned(), username: "haneul".to_owned() })
                .respond()
        }
        "confirm-email-done" => confirm_email(page, LinkState::Done).respond(),
        "confirm-email-void" => confirm_email(page, LinkState::Void).respond(),
        "take-back" => take_back(page, None).respond(),
        "take-back-address" => take_back(page, Some("haneul@example.com".to_owned())).respond(),
        "take-back-void" => VoidNoticePage { page }.respond(),
        "recover-invalid" => InvalidPage { page }.respond(),
        "recover-changed" => ChangedPage { page, next: "/login".to_owned(), has_passkeys: true }.respond(),
        "accounts" => accounts(page).respond(),
        "navigate-allowed" => navigate(page, Heading::Allowed, None).respond(),
        "denied" => denied(page, false).respond(),
        "terms" => terms(page).respond(),
        "terms-device" => {
            let return_to = "/device?user_code=WDJB-MJHT".to_owned();
            let of_device = TermsPage { request: String::new(), return_to, leave: None, ..terms(page) };
            TermsPage { app_name: None, denial: Some(denial()), ..of_device }.respond()
        }
        "not-open" => not_open(page, Vec::new()).respond(),
        "not-open-needs" => {
            let korean = page.locale == Locale::KO;
            let sentence = if korean { "지갑에서 결제하기" } else { "Pay from your wallet" };
            let contact = Some("help@talk.example".to_owned());
            NotOpenPage { contact, ..not_open(page, vec![sentence.to_owned()]) }.respond()
        }
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
        "device-code-factor" => device_code(page, Some(DeviceProblem::NeedsFactor)).respond(),
        "device" => consent::device(page).respond(),
        "device-left-out" => consent::device_left_out(page).respond(),
        "device-allowed" => device_answered(page, true).respond(),
        "device-denied" => device_answered(page, false).respond(),
        name if name.starts_with("console-") => return console::respond(name, page),
        name if name.starts_with("consent-") => return consent::respond(name, page),
        _ => return account::respond(name, page),
    };
    Some(response)
}

fn terms(page: PageContext) -> TermsPage {
    TermsPage {
        csrf: "token".to_owned(),
        version: "2027-01".to_owned(),
        documents: documents(),
        request: "0198".to_owned(),
        return_to: String::new(),
        app_name: Some("Shop".to_owned()),
        denial: None,
        leave: Some("/authorize/resume?request=0198&leave=1".to_owned()),
        is_stale: false,
        page,
    }
}

fn documents() -> Documents {
    let url = |path: &str| format!("https://talk.example/{path}").parse().ok();
    Documents { terms: url("terms"), privacy: url("privacy") }
}

fn not_open(page: PageContext, needs: Vec<String>) -> NotOpenPage {
    NotOpenPage {
        app_name: "Shop".to_owned(),
        account: account(page.locale),
        needs,
        contact: None,
        another_account_url: "/login?request=0198".to_owned(),
        back_url: Some("/authorize/resume?request=0198&leave=1".to_owned()),
        page,
    }
}

fn device_code(page: PageContext, problem: Option<DeviceProblem>) -> DeviceCodePage {
    let denial = (problem == Some(DeviceProblem::NeedsFactor)).then(denial);
    DeviceCodePage { page, csrf: "token".to_owned(), user_code: None, denial, problem }
}

fn denial() -> Denial {
    Denial { token: "token".to_owned(), user_code: "WDJB-MJHT".to_owned() }
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
        passkey: Some(passkey("/login", true)),
        providers: Vec::new(),
        routed: None,
        needs_password: true,
        failed_provider: None,
        sign_up: None,
        forgotten: Forgotten::Recover("/recover?request=0198".to_owned()),
    }
}

/// What a page asks of an authenticator. No script reads it here.
pub(super) fn asked() -> Asked {
    Asked { options: "{}".to_owned(), ceremony: "Y2VyZW1vbnk".to_owned() }
}

/// A prompt for a passkey. Without its script, the page hides it.
fn passkey(action: &'static str, fills_in: bool) -> PasskeyPrompt {
    PasskeyPrompt { action, fields: vec![("csrf", "token".to_owned())], asked: asked(), fills_in }
}

fn providers() -> Vec<ProviderButton> {
    let button = |(id, name): (&str, &str)| ProviderButton {
        name: name.to_owned(),
        path: format!("/login/with/{id}?request=0198"),
    };
    [("example", "Example ID"), ("school", "Haneul University")].map(button).to_vec()
}

fn first_time(page: PageContext, may_create: bool) -> FirstTimePage {
    FirstTimePage {
        page,
        csrf: "token".to_owned(),
        provider: "Example ID".to_owned(),
        account: Some("haneul@example.com".to_owned()),
        may_create,
        name: "김하늘".to_owned(),
        sign_in: "/login?request=0198".to_owned(),
        terms: None,
        documents: Documents::default(),
        problem: None,
    }
}

fn link(page: PageContext, problem: Option<Failure>) -> LinkPage {
    LinkPage {
        page,
        csrf: "token".to_owned(),
        request: "0198".to_owned(),
        return_to: String::new(),
        provider: "Example ID".to_owned(),
        account: Some("haneul@example.com".to_owned()),
        username: "haneul".to_owned(),
        problem,
    }
}

fn code(page: PageContext, problem: Option<CodeProblem>) -> CodePage {
    CodePage {
        with_code: true,
        passkey: None,
        action: "/login/code",
        here: "/login/code?request=0198".to_owned(),
        request: "0198".to_owned(),
        return_to: String::new(),
        csrf: "token".to_owned(),
        app_name: Some("Shop".to_owned()),
        with_recovery_code: false,
        offers_trust: true,
        denial: None,
        without_code: None,
        problem,
        page,
    }
}

fn recover(page: PageContext, state: RecoverState) -> RecoverPage {
    RecoverPage {
        page,
        request: "0198".to_owned(),
        return_to: String::new(),
        csrf: "token".to_owned(),
        username: "haneul".to_owned(),
        contact: Some("help@talk.example".to_owned()),
        state,
    }
}

fn sign_up(page: PageContext, problem: Option<SignUpProblem>) -> SignUpPage {
    SignUpPage {
        csrf: "token".to_owned(),
        is_invited: false,
        token: String::new(),
        request: "0198".to_owned(),
        return_to: String::new(),
        name: account(page.locale).name,
        email: "haneul.kim@mail.example".to_owned(),
        min_characters: 8,
        terms: None,
        documents: Documents::default(),
        passkey: Some(asked()),
        problem,
        page,
    }
}

fn confirm_sign_up(page: PageContext, way: Way, problem: Option<ConfirmProblem>) -> ConfirmSignUpPage {
    ConfirmSignUpPage {
        csrf: "token".to_owned(),
        way,
        token: "token".to_owned(),
        proof: String::new(),
        name: account(page.locale).name,
        address: "haneul.kim@mail.example".to_owned(),
        needs_passkey: false,
        passkey: None,
        problem,
        page,
    }
}

fn confirm_email(page: PageContext, state: LinkState) -> ConfirmEmailPage {
    ConfirmEmailPage { page, address: "haneul.kim@mail.example".to_owned(), state }
}

fn take_back(page: PageContext, returned: Option<String>) -> TakeBackPage {
    TakeBackPage { page, token: "token".to_owned(), username: "haneul".to_owned(), returned }
}

fn choose(page: PageContext, problem: Option<String>) -> ChoosePage {
    let AccountView { name, username } = account(page.locale);
    ChoosePage { page, token: "token".to_owned(), username, name, min_characters: 8, problem }
}

fn account(locale: Locale) -> AccountView {
    AccountView {
        name: if locale == Locale::KO { "김하늘" } else { "Hannah Sky" }.to_owned(),
        username: "haneul".to_owned(),
    }
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
    let previous = still_allowed.then(|| consent::previous(page.locale));
    DeniedPage { page, app_name: "Shop".to_owned(), previous, url: "/authorize/resume?request=0198".to_owned() }
}

fn form_post(page: PageContext) -> FormPostPage {
    FormPostPage {
        page,
        heading: Heading::Allowed,
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
