//! The device's pages as they are shown.

use askama::Template;
use writ_core::vocabulary::{duration::GrantDuration, scope::Risk};

use crate::{
    consent::{ConsentScope, ScopeGroup},
    pages::{
        app_logo::AppLogo,
        consent::{AccountView, DurationChoice, duration_key},
    },
    web::page::{Page, PageContext},
};

/// Asks for the code. Its form posts `csrf` and `user_code` to `/device`.
#[derive(Template)]
#[template(path = "pages/device_code.html")]
pub struct DeviceCodePage {
    /// The frame of the page.
    pub page: PageContext,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The code that a link brought along, to be compared with the device.
    pub user_code: Option<String>,
    /// Why the last code or decision was not taken.
    pub problem: Option<DeviceProblem>,
}

/// Why a code or an answer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceProblem {
    /// Nothing waits under the code.
    Wrong,
    /// What waited has expired or was answered.
    Gone,
    /// The form was older than its CSRF token.
    Stale,
    /// Too many codes were tried.
    Throttled {
        /// After how many seconds another attempt is accepted.
        retry_after_seconds: i64,
    },
}

impl DeviceCodePage {
    /// Whether the problem is the typed code.
    fn is_wrong(&self) -> bool {
        matches!(self.problem, Some(DeviceProblem::Wrong | DeviceProblem::Gone))
    }

    fn problem_heading(&self, problem: &DeviceProblem) -> String {
        self.page.text(match problem {
            DeviceProblem::Wrong => "device-problem-wrong",
            DeviceProblem::Gone => "device-problem-gone",
            DeviceProblem::Stale => "device-problem-stale",
            DeviceProblem::Throttled { .. } => "device-problem-throttled",
        })
    }

    fn problem_advice(&self, problem: &DeviceProblem) -> String {
        match *problem {
            DeviceProblem::Wrong => self.page.text("device-advice-wrong"),
            DeviceProblem::Gone => self.page.text("device-advice-gone"),
            DeviceProblem::Stale => self.page.text("device-advice-stale"),
            DeviceProblem::Throttled { retry_after_seconds } => {
                let moment = self.page.locale.in_time(retry_after_seconds);
                self.page.text_with("device-advice-throttled", &[("moment", moment)])
            }
        }
    }
}

/// Who asks, from where, and for what. Its form posts `csrf`, `user_code`, `scope` (once for each
/// ticked scope), `duration` and `decision` (`approve` or `deny`) to `/device`.
#[derive(Template)]
#[template(path = "pages/device.html")]
pub struct DevicePage {
    /// The frame of the page.
    pub page: PageContext,
    /// The CSRF token of this browser session and this request.
    pub csrf: String,
    /// The typed code.
    pub user_code: String,
    /// The app on the device.
    pub app_name: String,
    /// Whether an administrator approved it; otherwise it registered itself.
    pub verified: bool,
    /// The host on which it describes itself, where that is all that is known of it.
    pub described_at: Option<String>,
    /// Its picture.
    pub logo: AppLogo,
    /// Where the device is: an IPv4 address or IPv6 /64.
    pub network: String,
    /// Whether the user is there, too.
    pub same_network: bool,
    /// How long ago it asked, in words.
    pub since: String,
    /// Who decides.
    pub account: AccountView,
    /// What is requested, by resource server.
    pub groups: Vec<ScopeGroup>,
    /// The choices of how long.
    pub durations: Vec<DurationChoice>,
    /// The one that starts chosen.
    pub duration: GrantDuration,
}

impl DevicePage {
    fn duration_label(&self, duration: &GrantDuration) -> String {
        self.page.text(duration_key(*duration))
    }

    fn app_name(&self) -> &str {
        &self.app_name
    }

    fn risk_word(&self, scope: &ConsentScope) -> String {
        self.page.text(scope.risk_key())
    }

    // Decisions about other devices say nothing about this one.
    fn status_word(&self, _: &ConsentScope) -> Option<String> {
        None
    }

    fn is_new(&self, _: &ConsentScope) -> bool {
        false
    }
}

/// The answer is given; the device goes on by itself.
#[derive(Template)]
#[template(path = "pages/device_answered.html")]
pub struct DeviceAnsweredPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The app on the device.
    pub app_name: String,
    /// Whether anything was allowed.
    pub allowed: bool,
}

impl Page for DeviceCodePage {
    fn context(&self) -> &PageContext {
        &self.page
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
