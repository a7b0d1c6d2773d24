//! The templates of the device pages.

use actix_web::http::StatusCode;
use askama::Template;
use writ_core::vocabulary::{duration::GrantDuration, scope::Risk};

use super::Denial;
use crate::{
    consent::{ConsentScope, ScopeGroup},
    pages::consent::{AccountView, AppView, DurationChoice, duration_key},
    web::page::{Page, PageContext},
};

/// The code form. It posts `csrf` and `user_code` to `/device`.
#[derive(Template)]
#[template(path = "pages/device_code.html")]
pub struct DeviceCodePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The code from the link, for the user to compare with the device.
    pub user_code: Option<String>,
    /// The form that denies the device, if its code was right.
    pub denial: Option<Denial>,
    /// Why the last code or decision was not accepted.
    pub problem: Option<DeviceProblem>,
}

/// Why a code or a decision was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceProblem {
    /// No request has this code.
    Wrong,
    /// The request has expired or was already decided.
    Gone,
    /// What the client requires demands a second factor.
    NeedsFactor,
    /// The CSRF token of the form was too old.
    Stale,
    /// There were too many attempts.
    Throttled {
        /// Seconds until another attempt is accepted.
        retry_after_seconds: i64,
    },
}

impl DeviceCodePage {
    /// Whether the problem concerns the code.
    fn is_wrong(&self) -> bool {
        matches!(self.problem, Some(DeviceProblem::Wrong | DeviceProblem::Gone))
    }

    fn problem_heading(&self, problem: &DeviceProblem) -> String {
        self.page.text(match problem {
            DeviceProblem::Wrong => "device-problem-wrong",
            DeviceProblem::Gone => "device-problem-gone",
            DeviceProblem::NeedsFactor => "device-problem-factor",
            DeviceProblem::Stale => "device-problem-stale",
            DeviceProblem::Throttled { .. } => "device-problem-throttled",
        })
    }

    fn problem_advice(&self, problem: &DeviceProblem) -> String {
        match *problem {
            DeviceProblem::Wrong => self.page.text("device-advice-wrong"),
            DeviceProblem::Gone => self.page.text("device-advice-gone"),
            DeviceProblem::NeedsFactor => self.page.text("device-advice-factor"),
            DeviceProblem::Stale => self.page.text("device-advice-stale"),
            DeviceProblem::Throttled { retry_after_seconds } => {
                let moment = self.page.locale.in_time(retry_after_seconds);
                self.page.text_with("device-advice-throttled", &[("moment", moment)])
            }
        }
    }
}

/// The decision form. It posts `csrf`, `user_code`, `scope` (once for each ticked scope),
/// `duration` and `decision` (`approve` or `deny`) to `/device`.
#[derive(Template)]
#[template(path = "pages/device.html")]
pub struct DevicePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token for this session and this request.
    pub csrf: String,
    /// The token with which the user can deny even if something is due by then.
    pub denial: String,
    /// The user code.
    pub user_code: String,
    /// The app on the device.
    pub app: AppView,
    /// The device's network: an IPv4 address or IPv6 /64.
    pub network: String,
    /// Whether the user is in the same network.
    pub same_network: bool,
    /// How long ago the device sent the request, as text.
    pub since: String,
    /// The user's account.
    pub account: AccountView,
    /// The requested scopes by resource server.
    pub groups: Vec<ScopeGroup>,
    /// The sentences of the requested scopes that the account or the sign-in does not allow.
    pub left_out: Vec<String>,
    /// Where the user can prove a second factor, which some of those demand.
    pub step_up_url: Option<String>,
    /// The available durations.
    pub durations: Vec<DurationChoice>,
    /// The preselected duration.
    pub duration: GrantDuration,
}

impl DevicePage {
    fn duration_label(&self, duration: &GrantDuration) -> String {
        self.page.text(duration_key(*duration))
    }

    fn risk_word(&self, scope: &ConsentScope) -> String {
        self.page.text(scope.risk_key())
    }

    // Decisions about other devices do not apply to this one.
    fn status_word(&self, _: &ConsentScope) -> Option<String> {
        None
    }

    fn is_new(&self, _: &ConsentScope) -> bool {
        false
    }
}

/// The page after the decision. The device continues by itself.
#[derive(Template)]
#[template(path = "pages/device_answered.html")]
pub struct DeviceAnsweredPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The app on the device.
    pub app_name: String,
    /// Whether the user allowed anything.
    pub allowed: bool,
}

impl Page for DeviceCodePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.problem {
            None => StatusCode::OK,
            Some(DeviceProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl Page for DevicePage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

impl Page for DeviceAnsweredPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
