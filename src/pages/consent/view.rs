//! The consent page as it is shown.

use askama::Template;
use writ_core::{
    ClientMetadata, ScopeSet,
    consent::ScopeStatus,
    grants::{Binding, binding},
    vocabulary::{duration::GrantDuration, scope::Risk},
};

use crate::{
    consent::{ConsentScope, ScopeGroup, UnrequestedScope},
    pages::app_logo::AppLogo,
    web::page::{Page, PageContext},
};

/// The consent page. Its form posts `request`, `csrf`, `scope` (once for each ticked scope),
/// `duration` and `decision` (`approve` or `deny`) to `/consent`.
#[derive(Template)]
#[template(path = "pages/consent.html")]
pub struct ConsentPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The handle of the pending authorization request.
    pub request: String,
    /// Its parameters, where they came in the browser's URL, to restart it should it expire.
    pub again: String,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// Who asks.
    pub app: AppView,
    /// Who decides.
    pub account: AccountView,
    /// What is requested, by resource server.
    pub groups: Vec<ScopeGroup>,
    /// What the app could have requested of the same resource servers, most harm first.
    pub unrequested: Vec<UnrequestedScope>,
    /// The choices of how long.
    pub durations: Vec<DurationChoice>,
    /// The one that starts chosen.
    pub duration: GrantDuration,
    /// What was allowed before, if anything still is.
    pub previous: Option<PreviousConsent>,
    /// What becomes of its access when the user signs out.
    pub offline_access: OfflineAccess,
    /// The link to decide with another account.
    pub another_account_url: String,
}

/// The client that asks.
pub struct AppView {
    /// Its name.
    pub name: String,
    /// Its picture.
    pub logo: AppLogo,
    /// Where it says more about itself.
    pub links: Vec<AppLink>,
    /// The host of `redirect_uri` as [`shown_host`](crate::web::shown_host) shows it.
    pub redirect_host: String,
    /// Whether the redirect leads to a program on the user's device.
    pub native: bool,
    /// Whether an administrator approved it; otherwise it registered itself.
    pub verified: bool,
    /// The host on which it describes itself, where that is all that is known of it.
    pub described_at: Option<String>,
    /// Who answers for it, if that was registered.
    pub contacts: Vec<String>,
    /// The day it was registered, as text in the page's language.
    pub first_seen: String,
}

/// A page of the app's own.
pub struct AppLink {
    /// What it is, and whose.
    pub text: String,
    /// Where it is.
    pub url: String,
}

/// The account that decides.
pub struct AccountView {
    /// The user's name, or the username again.
    pub name: String,
    /// The username.
    pub username: String,
}

/// A choice of how long, with its end in words.
pub struct DurationChoice {
    /// The choice.
    pub duration: GrantDuration,
    /// When it ends.
    pub ends: String,
}

/// What was allowed before.
pub struct PreviousConsent {
    /// The day of the decision.
    pub on: String,
    /// The day it ends, if the user set an end.
    pub until: Option<String>,
}

/// What becomes of an app's access when the user signs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineAccess {
    /// It ends, unless the user ticks the box.
    Optional,
    /// It ends with the browser session.
    EndsWithSession,
    /// It goes on: the client is registered to work while the user is away.
    Implicit,
    /// It goes on in a session of the app's own, which the user can end.
    OwnSession,
}

impl OfflineAccess {
    /// What a client may do that requests these scopes, by [`binding`].
    pub fn of(client: &ClientMetadata, requested: &ScopeSet) -> Self {
        let without_box = requested.filter(|scope| scope != "offline_access");
        match (binding(client, requested, false), binding(client, &without_box, false)) {
            (Binding::Own, _) => Self::OwnSession,
            (Binding::Unbound, Binding::Browser) => Self::Optional,
            (Binding::Unbound, _) => Self::Implicit,
            (Binding::Browser, _) => Self::EndsWithSession,
        }
    }

    /// The key of the sentence that says so.
    fn key(self) -> &'static str {
        match self {
            Self::Optional => "consent-away-optional",
            Self::EndsWithSession => "consent-away-ends",
            Self::Implicit => "consent-away-implicit",
            Self::OwnSession => "consent-away-own",
        }
    }
}

/// Unrequested scopes that are listed at once; the others unfold.
const LISTED: usize = 3;

impl ConsentPage {
    fn heading(&self) -> String {
        let key = match (&self.previous, self.news()) {
            (None, _) => "consent-heading",
            (Some(_), true) => "consent-heading-difference",
            (Some(_), false) => "consent-heading-nothing-new",
        };
        self.page.text_with(key, &[("app", self.app.name.as_str())])
    }

    fn lead(&self) -> String {
        match (&self.previous, self.news()) {
            (None, _) => self.page.text("consent-lead"),
            (Some(_), true) => self.page.text("consent-lead-difference"),
            (Some(_), false) => self.page.text("consent-lead-nothing-new"),
        }
    }

    /// What stays if the user denies.
    fn deny_keeps(&self) -> String {
        let app = self.app.name.as_str();
        match &self.previous {
            None => self.page.text_with("consent-deny-nothing", &[("app", app)]),
            Some(previous) => self.page.text_with("consent-deny-keeps", &[("app", app), ("date", &*previous.on)]),
        }
    }

    /// Until when holds what was allowed before.
    fn holds_now(&self, previous: &PreviousConsent) -> String {
        match &previous.until {
            Some(date) => self.page.text_with("consent-duration-now", &[("date", date.as_str())]),
            None => self.page.text("consent-duration-now-open"),
        }
    }

    fn duration_label(&self, duration: &GrantDuration) -> String {
        self.page.text(duration_key(*duration))
    }

    /// Whether there is anything to decide for the first time, or again.
    fn news(&self) -> bool {
        self.scopes().any(ConsentScope::is_undecided)
    }

    fn risk_word(&self, scope: &ConsentScope) -> String {
        self.page.text(scope.risk_key())
    }

    fn status_word(&self, scope: &ConsentScope) -> Option<String> {
        let key = match scope.status {
            ScopeStatus::New => return None,
            ScopeStatus::AlreadyAllowed => "scope-already-allowed",
            ScopeStatus::Reworded => "scope-reworded",
            ScopeStatus::Changed => "scope-changed",
            ScopeStatus::DeclinedBefore => "scope-declined-before",
        };
        Some(self.page.text(key))
    }

    fn is_new(&self, scope: &ConsentScope) -> bool {
        scope.status == ScopeStatus::New && self.previous.is_some()
    }

    fn app_name(&self) -> &str {
        &self.app.name
    }

    /// The optional scopes: each may end up among what the app cannot do.
    fn optional_scopes(&self) -> impl Iterator<Item = &ConsentScope> {
        self.scopes().filter(|scope| !scope.required)
    }

    fn scopes(&self) -> impl Iterator<Item = &ConsentScope> {
        self.groups.iter().flat_map(|group| &group.scopes)
    }

    fn feared(&self) -> &[UnrequestedScope] {
        &self.unrequested[..self.unrequested.len().min(LISTED)]
    }

    fn other_unrequested(&self) -> &[UnrequestedScope] {
        &self.unrequested[self.unrequested.len().min(LISTED)..]
    }
}

/// The key of a duration's label.
pub(in crate::pages) fn duration_key(duration: GrantDuration) -> &'static str {
    match duration {
        GrantDuration::Once => "consent-duration-once",
        GrantDuration::ThirtyDays => "consent-duration-30-days",
        GrantDuration::UntilRevoked => "consent-duration-until-revoked",
    }
}

impl Page for ConsentPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The page after a denial. It stays until the user goes on, and only then is the client told.
#[derive(Template)]
#[template(path = "pages/denied.html")]
pub struct DeniedPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The client's name.
    pub app_name: String,
    /// What the client keeps.
    pub previous: Option<PreviousConsent>,
    /// Where the client is told, with `access_denied`.
    pub url: String,
}

impl Page for DeniedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
