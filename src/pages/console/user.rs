//! `/admin/users/{sub}`: a user, and what can be changed about the account.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use percent_encoding::utf8_percent_encode;
use strum::{EnumString, IntoStaticStr};

use super::{
    Console, Frame, Place, SEGMENT,
    entries::{self, EntryView},
    path_of,
};
use crate::{
    administration::{connections::version as connection_version, users::information::version, version_of},
    fault::{Fault, Stop},
    server::{Call, Server},
    store::{
        Id, Tx,
        connections::{self, Connection},
        groups,
        passkeys::{self, Passkey},
        recovery_codes,
        sessions::{self, Session},
        totp_factors, trusted_browsers,
        users::{self, User},
    },
    web::{
        error_page,
        page::{Page, PageContext},
        user_agent,
    },
};

/// The number of changes that are shown.
const CHANGES: i64 = 10;
/// The number of sessions and of connected apps that are shown.
const SHOWN: usize = 20;

/// A change of an account, as the last segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum UserAction {
    /// End all sessions.
    SignOut,
    /// Forget wrong passwords and codes.
    Unlock,
    /// Remove the second factor.
    ResetFactors,
    /// Disable the account.
    Disable,
    /// Enable it again.
    Enable,
    /// Delete it.
    Delete,
}

impl UserAction {
    /// The segment.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The key of the text on its button.
    pub(super) fn button(self) -> &'static str {
        match self {
            Self::SignOut => "console-sign-out",
            Self::Unlock => "console-unlock",
            Self::ResetFactors => "console-reset-factors",
            Self::Disable => "console-disable",
            Self::Enable => "console-enable",
            Self::Delete => "console-delete-user",
        }
    }

    /// Whether something ends.
    pub fn is_grave(self) -> bool {
        matches!(self, Self::SignOut | Self::ResetFactors | Self::Disable | Self::Delete)
    }
}

/// What is stored about a user.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) user: User,
    pub(super) sessions: Vec<Session>,
    pub(super) connections: Vec<Connection>,
    pub(super) groups: Vec<String>,
    pub(super) factor_since: Option<i64>,
    pub(super) factor_id: Option<Id>,
    pub(super) passkeys: Vec<Passkey>,
    pub(super) codes_left: i64,
    pub(super) trusted_browsers: usize,
}

impl Stored {
    /// Reads what is stored about the user with this id.
    pub(super) async fn find(server: &Server, sub: &str) -> Result<Option<Self>, Stop> {
        let Ok(id) = sub.parse::<Id>() else { return Ok(None) };
        Ok(server.store.read(move |tx| Self::read(tx, id)).await?)
    }

    pub(super) fn read(tx: &mut Tx<'_>, id: Id) -> Result<Option<Self>, Fault> {
        let Some(user) = users::find(tx, id)? else { return Ok(None) };
        let factor = totp_factors::find(tx, id)?;
        Ok(Some(Self {
            sessions: sessions::list_of_user(tx, id)?,
            connections: connections::list(tx, id)?,
            groups: groups::list(tx)?.names(&user.groups()),
            factor_since: factor.as_ref().map(|factor| factor.created_at),
            factor_id: factor.map(|factor| factor.id),
            passkeys: passkeys::list_of_user(tx, id)?,
            codes_left: recovery_codes::count(tx, id)?,
            trusted_browsers: trusted_browsers::list_of_user(tx, id)?.len(),
            user,
        }))
    }

    /// The version of what changes of the account are for: the account and its factors.
    pub(super) fn version(&self) -> String {
        let passkeys: Vec<Id> = self.passkeys.iter().map(|passkey| passkey.id).collect();
        version_of(&(version(&self.user), self.factor_id, passkeys))
    }

    fn has_factors(&self) -> bool {
        self.factor_since.is_some() || !self.passkeys.is_empty()
    }

    /// Whether the account is as a change leaves it.
    fn is_done(&self, action: UserAction) -> bool {
        match action {
            UserAction::SignOut => self.sessions.is_empty(),
            UserAction::Unlock => true,
            UserAction::ResetFactors => !self.has_factors(),
            UserAction::Disable => self.user.disabled_at.is_some(),
            UserAction::Enable => self.user.disabled_at.is_none(),
            UserAction::Delete => false,
        }
    }

    fn actions(&self) -> Vec<UserAction> {
        let is_disabled = self.user.disabled_at.is_some();
        let all = [
            (UserAction::SignOut, !self.sessions.is_empty()),
            (UserAction::Unlock, !is_disabled),
            (UserAction::ResetFactors, self.has_factors()),
            (UserAction::Enable, is_disabled),
            (UserAction::Disable, !is_disabled),
            (UserAction::Delete, true),
        ];
        all.into_iter().filter_map(|(action, is_offered)| is_offered.then_some(action)).collect()
    }
}

/// `GET /admin/users/{sub}`.
pub async fn show(call: Call, sub: Path<String>) -> HttpResponse {
    let here = path_of(Place::Users, &sub);
    super::show(&call, Place::Users, &here, async |console| match Stored::find(&call.server, &sub).await? {
        Some(stored) => describe(&call, console, stored).await,
        None => Ok(error_page::not_found(console.page)),
    })
    .await
}

async fn describe(call: &Call, console: Console, stored: Stored) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let changes = entries::of_target(server, &console, stored.user.id.to_string(), CHANGES).await?;
    let done = call.query()?.get("done")?.and_then(|action| action.parse::<UserAction>().ok());
    let done = done.filter(|action| stored.is_done(*action));
    let mut apps = Vec::new();
    for connection in stored.connections.iter().take(SHOWN) {
        apps.push(app(server, &console, stored.user.id, connection).await?);
    }
    let user = &stored.user;
    let page = UserPage {
        name: user.display_name()?,
        username: user.username.clone(),
        disabled: user.disabled_at.map(|at| console.date_time(at)),
        facts: facts(&console, &stored),
        sessions: stored.sessions.iter().take(SHOWN).map(|session| session_view(&console, session)).collect(),
        apps,
        changes,
        actions: stored.actions(),
        version: stored.version(),
        path: path_of(Place::Users, &user.id.to_string()),
        done,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

fn facts(console: &Console, stored: &Stored) -> Vec<(&'static str, Vec<String>)> {
    let (user, page) = (&stored.user, &console.page);
    let email = user.email.as_ref().map(|email| match user.email_verified {
        true => email.clone(),
        false => page.text_with("console-unverified", &[("email", email.as_str())]),
    });
    let mut facts = vec![
        ("profile-email", email.into_iter().collect()),
        ("console-created", vec![console.date(user.created_at)]),
        ("console-groups", stored.groups.clone()),
        ("factor-heading", factors(console, stored)),
        ("passkeys-heading", stored.passkeys.iter().map(|passkey| passkey_line(console, passkey)).collect()),
    ];
    facts.retain(|(_, values): &(_, Vec<String>)| !values.is_empty());
    facts
}

fn factors(console: &Console, stored: &Stored) -> Vec<String> {
    let page = &console.page;
    let Some(since) = stored.factor_since else { return vec![page.text("console-no-factor")] };
    let named = |name: &str, value: String| format!("{}: {value}", page.text(name));
    let codes = page.text_with("factor-codes-left", &[("count", stored.codes_left)]);
    let browsers = page.text_with("factor-trusted", &[("count", stored.trusted_browsers)]);
    let mut lines = vec![
        named("factor-app", page.text_with("factor-since", &[("date", console.date(since))])),
        named("factor-codes", codes),
    ];
    if stored.trusted_browsers > 0 {
        lines.push(named("factor-browsers", browsers));
    }
    lines
}

fn passkey_line(console: &Console, passkey: &Passkey) -> String {
    let added = console.page.text_with("passkeys-added", &[("date", console.date(passkey.created_at))]);
    format!("{}: {added}", passkey.name)
}

fn session_view(console: &Console, session: &Session) -> SessionView {
    let page = &console.page;
    let device = match (&session.client_id, user_agent::describe(&session.user_agent)) {
        (Some(client_id), _) => client_id.clone(),
        (None, Some((browser, system))) => {
            page.text_with("sessions-device", &[("browser", browser), ("system", system)])
        }
        (None, None) => page.text("sessions-device-unknown"),
    };
    SessionView {
        device,
        network: session.network.clone(),
        signed_in: console.date_time(session.auth_time),
        last_seen: console.date_time(session.last_seen_at),
    }
}

/// The path of what disconnects an app from a user.
pub(super) fn connection_path(user_id: Id, client_id: &str) -> String {
    format!("{}/apps/{}", path_of(Place::Users, &user_id.to_string()), utf8_percent_encode(client_id, SEGMENT))
}

async fn app(server: &Server, console: &Console, user_id: Id, connection: &Connection) -> Result<ConnectedView, Stop> {
    let client = server.clients.find(&connection.client_id).await?;
    let name = client.map(|client| console.page.client_name(&client.metadata));
    Ok(ConnectedView {
        name: name.unwrap_or_else(|| connection.client_id.clone()),
        path: path_of(Place::Apps, &connection.client_id),
        scope: connection.scope.iter().map(str::to_owned).collect(),
        since: console.date(connection.since),
        disconnect: connection_path(user_id, &connection.client_id),
        version: connection_version(connection),
    })
}

/// The page of a user.
#[derive(Template)]
#[template(path = "pages/console/user.html")]
pub struct UserPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The name, by default the username.
    pub name: String,
    /// The username.
    pub username: String,
    /// When the account was disabled, if it is.
    pub disabled: Option<String>,
    /// Facts: the key of each name, and its values.
    pub facts: Vec<(&'static str, Vec<String>)>,
    /// The sessions, the last used first.
    pub sessions: Vec<SessionView>,
    /// The connected apps.
    pub apps: Vec<ConnectedView>,
    /// The latest changes by administrators.
    pub changes: Vec<EntryView>,
    /// What can be changed.
    pub actions: Vec<UserAction>,
    /// The version that is shown.
    pub version: String,
    /// The path of this page.
    pub path: String,
    /// What was just changed.
    pub done: Option<UserAction>,
}

/// A session of a user.
pub struct SessionView {
    /// The browser and the operating system, or the `client_id` of a native app.
    pub device: String,
    /// The network of the sign-in.
    pub network: String,
    /// When the user signed in.
    pub signed_in: String,
    /// When it was last used.
    pub last_seen: String,
}

/// A connected app of a user.
pub struct ConnectedView {
    /// Its name.
    pub name: String,
    /// The path of its page.
    pub path: String,
    /// What the user allows it.
    pub scope: Vec<String>,
    /// Since when.
    pub since: String,
    /// The path of its disconnection.
    pub disconnect: String,
    /// Its version.
    pub version: String,
}

impl Page for UserPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
