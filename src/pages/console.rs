//! `/admin`: the administration console, a face of [`crate::administration`] for administrators
//! with a browser.
//!
//! [`entry`] decides who enters, and looks again in the unit of work of each change. A GET changes
//! nothing. Each change has a page that says what ends, and is for the version that was seen.

pub mod app;
pub mod app_change;
mod app_disconnect;
pub mod apps;
pub mod audit;
pub mod audit_entry;
pub mod confirm;
pub mod connection;
pub mod entries;
pub mod entry;
pub mod group;
pub mod group_change;
pub mod group_edit;
pub mod groups;
pub mod join;
pub mod key_change;
pub mod keys;
pub mod mail_retry;
pub mod mails;
pub mod overview;
mod pages;
mod refusal;
pub mod resource;
pub mod resource_change;
pub mod resource_edit;
pub mod resources;
pub mod scope;
pub mod settings;
pub mod user;
pub mod user_change;
pub mod users;

use actix_web::HttpResponse;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use writ_core::Params;

use crate::{
    fault::Stop,
    server::Call,
    sessions::{SignedIn, csrf},
    web::{
        error_page::{self, Interruption, Recovery},
        form,
        page::PageContext,
        see_other,
        zone::Zone,
    },
};
use entry::{Admission, Entrance};

const ENDPOINT: &str = "console";
/// The path above the scopes.
const SCOPES: &str = "/admin/scopes";
/// What a path encodes. A path without these characters can be returned to after a sign-in.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The parts of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The overview.
    Overview,
    /// The clients.
    Apps,
    /// The users.
    Users,
    /// The groups of users.
    Groups,
    /// The resource servers and their scopes.
    Resources,
    /// The signing keys.
    Keys,
    /// The outgoing mail.
    Mails,
    /// The audit log.
    Audit,
    /// The settings.
    Settings,
}

impl Place {
    const ALL: [Self; 9] = [
        Self::Overview,
        Self::Apps,
        Self::Users,
        Self::Groups,
        Self::Resources,
        Self::Keys,
        Self::Mails,
        Self::Audit,
        Self::Settings,
    ];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Apps => "/admin/apps",
            Self::Users => "/admin/users",
            Self::Groups => "/admin/groups",
            Self::Resources => "/admin/resources",
            Self::Keys => "/admin/keys",
            Self::Mails => "/admin/mail",
            Self::Audit => "/admin/audit",
            Self::Settings => "/admin/settings",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Overview => "console-overview",
            Self::Apps => "console-apps",
            Self::Users => "console-users",
            Self::Groups => "console-groups",
            Self::Resources => "console-resources",
            Self::Keys => "console-keys",
            Self::Mails => "console-mail",
            Self::Audit => "console-audit",
            Self::Settings => "console-settings",
        }
    }
}

/// What the pages of the console have in common.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Where the administrator is.
    pub place: Place,
    /// The username of the administrator.
    pub username: String,
    /// The CSRF token of all forms of the console.
    pub csrf: String,
}

impl Frame {
    /// The parts of the console: path, key of the name, and whether it is this one.
    fn places(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        Place::ALL.into_iter().map(|place| (place.path(), place.name(), place == self.place))
    }
}

/// An administrator who has entered.
struct Console {
    page: PageContext,
    frame: Frame,
    entrance: Entrance,
    zone: Zone,
}

impl Console {
    async fn of(call: &Call, place: Place, here: &str) -> Result<Result<Self, HttpResponse>, Stop> {
        let (signed_in, entrance) = match entry::enter(call, place, here).await? {
            Admission::Entered(entered) => *entered,
            Admission::Instead(response) => return Ok(Err(response)),
        };
        let SignedIn { session, user } = &signed_in;
        let csrf = csrf::token(&call.server.front.form_key, ENDPOINT, &[&session.id.to_string()]);
        Ok(Ok(Self {
            page: call.page(None).at(place.path()),
            frame: Frame { place, username: user.username.clone(), csrf },
            zone: Zone::of(&user.standard_claims()?),
            entrance,
        }))
    }

    fn date(&self, seconds: i64) -> String {
        self.page.locale.date(&self.zone.at(seconds))
    }

    fn date_time(&self, seconds: i64) -> String {
        self.page.locale.date_time(&self.zone.at(seconds))
    }
}

/// Shows a page at the path `here`, or what comes first.
async fn show(
    call: &Call,
    place: Place,
    here: &str,
    page: impl AsyncFnOnce(Console) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    let shown = match Console::of(call, place, here).await {
        Ok(Ok(console)) => page(console).await,
        Ok(Err(instead)) => Ok(instead),
        Err(stop) => Err(stop),
    };
    shown.unwrap_or_else(|stop| error_page::refuse(call.page(None), ENDPOINT, stop))
}

/// Handles a form of the page at the path `here`.
async fn submit(
    call: &Call,
    body: &form::Body,
    place: Place,
    here: &str,
    change: impl AsyncFnOnce(Console, Params) -> Result<HttpResponse, Stop>,
) -> HttpResponse {
    show(call, place, here, async |console| {
        let params = form::parse_strictly(&call.request, body)?;
        let session_id = console.entrance.session_id().to_string();
        let token = params.get("csrf")?.unwrap_or_default();
        if !csrf::verify(&call.server.front.form_key, ENDPOINT, &[&session_id], token) {
            let again = Recovery::Here(here.to_owned());
            return Ok(error_page::interrupt(console.page, Interruption::Expired, again));
        }
        change(console, params).await
    })
    .await
}

/// The path of something below a part of the console.
fn path_of(place: Place, id: &str) -> String {
    format!("{}/{}", place.path(), utf8_percent_encode(id, SEGMENT))
}

/// Whether a page of the console may follow a sign-in.
pub(super) fn is_own_path(path: &str) -> bool {
    let is_plain = |path: &str| path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
    let below = path.strip_prefix(Place::Overview.path());
    let is_page = below.is_some_and(|below| (below.is_empty() || below.starts_with('/')) && is_plain(below));
    (is_page && !path.contains("..")) || join::is_own_path(path)
}

/// Leads to another page after a change.
fn done(path: &str, action: &str) -> HttpResponse {
    see_other(&format!("{path}?done={action}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/admin", true)]
    #[case("/admin/apps/my-app/delete", true)]
    #[case("/admin/join?token=abc.DEF-_", true)]
    #[case("/admin/join?token=a&b=c", false)]
    #[case("/admin/../logout", false)]
    #[case("/admin/apps?done=x", false)]
    #[case("/admin/apps/a%2Fb", false)]
    #[case("/administrators", false)]
    #[case("https://evil.example/admin", false)]
    #[case("//evil.example/admin", false)]
    #[case("/account", false)]
    #[case("", false)]
    fn only_pages_of_the_console_are_returned_to(#[case] path: &str, #[case] own: bool) {
        assert_eq!(is_own_path(path), own);
    }

    #[test]
    fn id_that_is_a_url_is_one_segment() {
        assert_eq!(path_of(Place::Apps, "https://a.example/x"), "/admin/apps/https%3A%2F%2Fa.example%2Fx");
    }
}
