//! The templates of the consent pages.

use askama::Template;
use writ_core::{
    ClientMetadata, ScopeSet,
    consent::ScopeStatus,
    grants::{Binding, binding},
    vocabulary::{duration::GrantDuration, scope::Risk},
};

use super::AppView;
use crate::{
    consent::{Condition, ConsentScope, ScopeGroup, UnrequestedScope},
    web::page::{Page, PageContext},
};

/// The consent page. Its form posts `request`, `csrf`, `scope` (once for each ticked scope),
/// `duration` and `decision` (`approve` or `deny`) to `/consent`.
#[derive(Template)]
#[template(path = "pages/consent.html")]
pub struct ConsentPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The handle of the pending authorization request.
    pub request: String,
    /// The parameters of the request, if they were in the browser's URL, to restart it if it
    /// expires.
    pub again: String,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The client.
    pub app: AppView,
    /// The user's account.
    pub account: AccountView,
    /// The requested scopes by resource server.
    pub groups: Vec<ScopeGroup>,
    /// The scopes of the same resource servers that the app did not request, highest risk first.
    pub unrequested: Vec<UnrequestedScope>,
    /// The available durations.
    pub durations: Vec<DurationChoice>,
    /// The preselected duration.
    pub duration: GrantDuration,
    /// The earlier consent, if it is still in force.
    pub previous: Option<PreviousConsent>,
    /// What happens to the app's access when the user signs out.
    pub offline_access: OfflineAccess,
    /// The maximum lifetime of a browser session, as text.
    pub session_lifetime: String,
    /// The link to use another account.
    pub another_account_url: String,
}

/// The account of the user who decides.
pub struct AccountView {
    /// The user's name, by default the username.
    pub name: String,
    /// The username.
    pub username: String,
}

/// A duration to choose, with its end as text.
pub struct DurationChoice {
    /// The duration.
    pub duration: GrantDuration,
    /// When it ends.
    pub ends: String,
}

/// An earlier consent.
pub struct PreviousConsent {
    /// The date of the decision.
    pub on: String,
    /// The date on which it ends, if the user set an end.
    pub until: Option<String>,
}

/// What happens to an app's access when the user signs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineAccess {
    /// It ends, unless the user ticks the box.
    Optional,
    /// It ends with the browser session.
    EndsWithSession,
    /// It continues: the client is registered to work while the user is away.
    Implicit,
    /// It continues in a session for the app alone, which the user can end.
    OwnSession,
}

impl OfflineAccess {
    /// The access of a client that requests these scopes, by [`binding`].
    pub fn of(client: &ClientMetadata, requested: &ScopeSet) -> Self {
        let without_box = requested.filter(|scope| scope != "offline_access");
        match (binding(client, requested, false), binding(client, &without_box, false)) {
            (Binding::Own, _) => Self::OwnSession,
            (Binding::Unbound, Binding::Browser) => Self::Optional,
            (Binding::Unbound, _) => Self::Implicit,
            (Binding::Browser, _) => Self::EndsWithSession,
        }
    }

    /// Whether the app keeps its access without a box that says so.
    fn continues(self) -> bool {
        matches!(self, Self::Implicit | Self::OwnSession)
    }

    /// The message key of its description.
    fn key(self) -> &'static str {
        match self {
            Self::Optional => "consent-away-optional",
            Self::EndsWithSession => "consent-away-ends",
            Self::Implicit => "consent-away-implicit",
            Self::OwnSession => "consent-away-own",
        }
    }
}

/// The number of unrequested scopes that are shown at once. The others are collapsed.
const LISTED: usize = 2;

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

    /// What the app keeps if the user denies.
    fn deny_keeps(&self) -> String {
        let app = self.app.name.as_str();
        match &self.previous {
            None => self.page.text_with("consent-deny-nothing", &[("app", app)]),
            Some(previous) => self.page.text_with("consent-deny-keeps", &[("app", app), ("date", &*previous.on)]),
        }
    }

    /// Until when the earlier consent is in force.
    fn holds_now(&self, previous: &PreviousConsent) -> String {
        match &previous.until {
            Some(date) => self.page.text_with("consent-duration-now", &[("date", date.as_str())]),
            None => self.page.text("consent-duration-now-open"),
        }
    }

    /// What happens to the app's access when the user signs out.
    fn away(&self) -> String {
        let values = [("product", self.page.product()), ("duration", self.session_lifetime.as_str())];
        self.page.text_with(self.offline_access.key(), &values)
    }

    fn duration_label(&self, duration: &GrantDuration) -> String {
        self.page.text(duration_key(*duration))
    }

    /// Whether the user must decide about a scope for the first time, or again.
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

    /// The optional scopes with the names of their resource servers. The page lists the unticked
    /// ones among what the app cannot do.
    fn optional_scopes(&self) -> impl Iterator<Item = (&str, &ConsentScope)> {
        let groups = self.groups.iter();
        let scopes =
            groups.flat_map(|group| group.scopes.iter().map(move |scope| (group.resource_server.as_str(), scope)));
        scopes.filter(|(_, scope)| !scope.required)
    }

    /// Whether the user can untick anything.
    fn has_boxes(&self) -> bool {
        self.scopes().any(|scope| !scope.required)
    }

    fn scopes(&self) -> impl Iterator<Item = &ConsentScope> {
        self.groups.iter().flat_map(|group| &group.scopes)
    }

    /// What the app cannot do, and why, if it requested it.
    fn cannot(&self, scope: &UnrequestedScope) -> String {
        let key = match scope.unmet {
            Some(Condition::Group) => "consent-cannot-not-open",
            Some(Condition::Acr) => "consent-cannot-acr",
            None => "consent-cannot-entry",
        };
        let values = [("server", scope.resource_server.as_str()), ("scope", scope.sentence.as_str())];
        self.page.text_with(key, &values)
    }

    fn feared(&self) -> &[UnrequestedScope] {
        &self.unrequested[..self.listed()]
    }

    fn other_unrequested(&self) -> &[UnrequestedScope] {
        &self.unrequested[self.listed()..]
    }

    /// Those that the app requested come first, and all of them are listed.
    fn listed(&self) -> usize {
        let requested = self.unrequested.iter().filter(|scope| scope.unmet.is_some()).count();
        self.unrequested.len().min(requested + LISTED)
    }
}

/// The message key of a duration.
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

/// The page after a denial. The client is notified when the user continues.
#[derive(Template)]
#[template(path = "pages/denied.html")]
pub struct DeniedPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The client's name.
    pub app_name: String,
    /// What the client keeps.
    pub previous: Option<PreviousConsent>,
    /// The redirect URI with `access_denied`.
    pub url: String,
}

impl DeniedPage {
    fn heading(&self) -> String {
        let key = if self.previous.is_some() { "denied-heading-again" } else { "denied-heading" };
        self.page.text_with(key, &[("app", self.app_name.as_str())])
    }
}

impl Page for DeniedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
