//! The consent page as it is shown.

use askama::Template;
use writ_core::vocabulary::{duration::GrantDuration, scope::Risk};

use crate::{
    pages::app_logo::AppLogo,
    web::page::{Page, PageContext},
};

/// The consent page. Its form posts `request`, `csrf`, `scope` (once for each ticked scope), `duration`
/// and `decision` (`approve` or `deny`) to `/consent`.
#[derive(Template)]
#[template(path = "pages/consent.html")]
pub struct ConsentPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The handle of the pending authorization request.
    pub request: String,
    /// Its parameters, where they came in the browser's address, to begin it anew should it expire meanwhile.
    pub again: String,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// Who asks.
    pub app: AppView,
    /// Who decides.
    pub account: AccountView,
    /// What is asked for, by resource server.
    pub groups: Vec<ScopeGroup>,
    /// What the app could have asked for on these resource servers and did not.
    pub cannot: Vec<CannotView>,
    /// How long the answer holds unless the person chooses otherwise.
    pub duration: GrantDuration,
    /// Whether the app has something already, which then ends with what is decided now.
    pub allowed_before: bool,
    /// The link to decide with another account.
    pub another_account_url: String,
}

/// The client that asks.
pub struct AppView {
    /// Its name.
    pub name: String,
    /// Its picture.
    pub logo: AppLogo,
    /// Where it says more about itself: the words and the address of each link.
    pub links: Vec<(String, String)>,
    /// The host of `redirect_uri` as [`shown_host`](crate::web::shown_host) shows it.
    pub redirect_host: String,
    /// Whether the redirect goes to a program on the person's own computer.
    pub on_this_computer: bool,
    /// Whether an administrator approved it; otherwise it registered itself.
    pub verified: bool,
    /// The host on which it describes itself, where that is all that is known of it.
    pub described_at: Option<String>,
    /// The day it was first seen here, as text in the page's language.
    pub first_seen: String,
}

/// The account that decides.
pub struct AccountView {
    /// The person's name, or the username again.
    pub name: String,
    /// The username.
    pub username: String,
}

/// The scopes of one resource server.
pub struct ScopeGroup {
    /// The resource server's name.
    pub resource_server: String,
    /// Its scopes, in the order of the request.
    pub scopes: Vec<ScopeView>,
}

/// One scope with its box.
pub struct ScopeView {
    /// The scope value, such as `message:send`.
    pub value: String,
    /// What it allows, as a sentence.
    pub sentence: String,
    /// What follows from allowing it.
    pub consequence: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether the app cannot do without it.
    pub required: bool,
    /// Why it cannot, in the client's registered words.
    pub why_required: Option<String>,
    /// Whether its box starts ticked.
    pub ticked: bool,
    /// What was decided about it before.
    pub status: ScopeStatus,
}

/// What was decided about a scope before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeStatus {
    /// Nothing: it was never asked.
    New,
    /// It was allowed and still is.
    AlreadyAllowed,
    /// It was left unticked the last time.
    DeclinedBefore,
}

/// Something the app will not be able to do.
pub struct CannotView {
    /// The scope it would need.
    pub scope: String,
    /// The scope's sentence.
    pub text: String,
}

impl ScopeView {
    /// The key of its risk in one word.
    pub(in crate::pages) fn risk_key(&self) -> &'static str {
        match self.risk {
            Risk::Low => "risk-low",
            Risk::Moderate => "risk-moderate",
            Risk::Elevated => "risk-elevated",
            Risk::High => "risk-high",
        }
    }
}

impl ConsentPage {
    fn risk_word(&self, scope: &ScopeView) -> String {
        self.page.text(scope.risk_key())
    }

    fn status_word(&self, scope: &ScopeView) -> Option<String> {
        match scope.status {
            ScopeStatus::New => None,
            ScopeStatus::AlreadyAllowed => Some(self.page.text("scope-already-allowed")),
            ScopeStatus::DeclinedBefore => Some(self.page.text("scope-declined-before")),
        }
    }

    fn duration_label(&self, duration: &GrantDuration) -> String {
        self.page.text(match duration {
            GrantDuration::Once => "consent-duration-once",
            GrantDuration::ThirtyDays => "consent-duration-30-days",
            GrantDuration::UntilRevoked => "consent-duration-until-revoked",
        })
    }

    /// Whether anything was decided before, so that what is new needs saying.
    fn is_difference(&self) -> bool {
        self.scopes().any(|scope| scope.status != ScopeStatus::New)
    }

    fn is_new(&self, scope: &ScopeView) -> bool {
        scope.status == ScopeStatus::New && self.is_difference()
    }

    /// The optional scopes: each may end up among what the app cannot do.
    fn optional_scopes(&self) -> impl Iterator<Item = &ScopeView> {
        self.scopes().filter(|scope| !scope.required)
    }

    fn scopes(&self) -> impl Iterator<Item = &ScopeView> {
        self.groups.iter().flat_map(|group| &group.scopes)
    }
}

impl Page for ConsentPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The answer to a refusal. It stays until the person goes on, and only then does the client learn of it.
#[derive(Template)]
#[template(path = "pages/denied.html")]
pub struct DeniedPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The client's name.
    pub app_name: String,
    /// Whether the client keeps what it was allowed before.
    pub still_allowed: bool,
    /// Where the client is told, with `access_denied`.
    pub url: String,
}

impl Page for DeniedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
