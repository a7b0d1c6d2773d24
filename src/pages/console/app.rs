//! `/admin/apps/{client_id}`: a client, and what can be changed about it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;
use writ_core::{
    ScopeSet,
    groups::Groups,
    vocabulary::{redirect_uri::RedirectUri, scope::Risk},
};

use super::{
    Console, Frame, Place, apps,
    entries::{self, EntryView},
    path_of,
};
use crate::{
    administration::clients::information::version,
    consent::ScopeDescription,
    fault::Stop,
    pages::consent::AppView,
    server::{Call, Server},
    store::{
        Id,
        client_failures::{self, ClientFailure},
        client_secrets,
        clients::{self, Client},
        connections, groups,
        usage::{self, Usage},
    },
    web::{
        error_page,
        locale::Value,
        page::{Page, PageContext},
    },
};

/// The number of changes and failures that are shown.
const SHOWN: usize = 10;

/// A change of a client, as the last segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum AppAction {
    /// Approve a client that registered itself.
    Approve,
    /// Generate a secret.
    RotateSecret,
    /// Revoke everything that users allow it.
    Disconnect,
    /// Stop it until it is enabled.
    Disable,
    /// Let it act again.
    Enable,
    /// Delete it.
    Delete,
}

impl AppAction {
    /// The segment.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The key of the text on its button.
    pub(super) fn button(self) -> &'static str {
        match self {
            Self::Approve => "console-approve",
            Self::RotateSecret => "console-rotate",
            Self::Disconnect => "console-disconnect",
            Self::Disable => "console-disable",
            Self::Enable => "console-enable",
            Self::Delete => "console-delete-app",
        }
    }

    /// Whether something ends.
    pub fn is_grave(self) -> bool {
        matches!(self, Self::Disconnect | Self::Disable | Self::Delete)
    }
}

/// `GET /admin/apps/{client_id}`.
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    let here = path_of(Place::Apps, &id);
    super::show(&call, Place::Apps, &here, async |console| match find(&call.server, &id).await? {
        Some(client) => describe(&call, console, client).await,
        None => Ok(error_page::not_found(console.page)),
    })
    .await
}

/// PostgreSQL refuses NUL in text, and no id has it.
pub(super) async fn find(server: &Server, id: &str) -> Result<Option<Client>, Stop> {
    if id.contains('\0') {
        return Ok(None);
    }
    let id = id.to_owned();
    Ok(server.store.read(move |tx| clients::find(tx, &id)).await?)
}

async fn describe(call: &Call, console: Console, client: Client) -> Result<HttpResponse, Stop> {
    let (server, id) = (&call.server, client.id.clone());
    let read = server.store.read(move |tx| {
        let failures = client_failures::list_of_client(tx, &id)?;
        let usage = usage::of_client(tx, &id)?;
        let is_connected = !connections::users_of(tx, &id, Id(Uuid::nil()), 1)?.is_empty();
        Ok((usage, is_connected, client_secrets::times(tx, &id)?, failures, groups::list(tx)?))
    });
    let (usage, is_connected, secrets, failures, groups) = read.await?;
    let most = i64::try_from(SHOWN).unwrap_or(i64::MAX);
    let changes = entries::of_target(server, &console, client.id.clone(), most).await?;
    let redirect = client.metadata.redirect_uris.first();
    let redirect = redirect.and_then(|uri| url::Url::parse(uri.as_str()).ok());
    let done = call.query()?.get("done")?.and_then(|action| action.parse::<AppAction>().ok());
    let done = done.filter(|action| match action {
        AppAction::Approve => client.approved,
        AppAction::Disconnect => !is_connected,
        AppAction::Disable => client.disabled_at.is_some(),
        AppAction::Enable => client.disabled_at.is_none(),
        AppAction::RotateSecret | AppAction::Delete => false,
    });
    let page = AppPage {
        app: AppView::of(server, &client, console.page.locale, redirect.as_ref()).await?,
        facts: facts(&console, &client, usage, &groups),
        scopes: scopes(server, &console, &client),
        secrets: secrets.into_iter().map(|times| SecretView::of(&console, times)).collect(),
        disabled: client.disabled_at.map(|at| console.date_time(at)),
        failures: failures.into_iter().take(SHOWN).map(|failure| FailureView::of(&console, failure)).collect(),
        changes,
        actions: actions(&client, is_connected),
        version: version(&client),
        path: path_of(Place::Apps, &client.id),
        approved: client.approved,
        client_id: client.id,
        done,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

fn facts(console: &Console, client: &Client, usage: Usage, groups: &Groups) -> Vec<(&'static str, Vec<String>)> {
    let (metadata, page) = (&client.metadata, &console.page);
    let open_to = client.open_to.as_ref().map(|ids| match groups.names(ids) {
        names if names.is_empty() => vec![page.text("console-open-to-none")],
        names => names,
    });
    let registered = serde_json::to_value(metadata).unwrap_or_default();
    let words = |name: &str| match &registered[name] {
        serde_json::Value::Array(words) => words.iter().filter_map(|word| word.as_str()).map(str::to_owned).collect(),
        word => word.as_str().map(str::to_owned).into_iter().collect(),
    };
    let mut facts: Vec<(_, Vec<String>)> = vec![
        ("console-registered", vec![console.date(client.created_at), page.text(apps::origin(client.origin))]),
        ("console-usage", vec![usage_text(console, usage, ["console-grants", "console-grants-many"])]),
        ("console-open-to", open_to.unwrap_or_default()),
        ("console-authentication", words("token_endpoint_auth_method")),
        ("console-grant-types", words("grant_types")),
        ("console-redirect-uris", metadata.redirect_uris.iter().map(RedirectUri::as_str).map(str::to_owned).collect()),
    ];
    facts.retain(|(_, values)| !values.is_empty());
    facts
}

/// The number of grants and users, or that there are many. `keys` are those of the two texts.
pub(super) fn usage_text(console: &Console, usage: Usage, [counted, many]: [&str; 2]) -> String {
    let Usage { grants, users } = usage;
    if usage.is_beyond_count() {
        return console.page.text_with(many, &[("number", console.page.locale.number(usage::COUNTED))]);
    }
    console.page.text_with(counted, &[("grants", Value::from(grants)), ("users", users.into())])
}

fn scopes(server: &Server, console: &Console, client: &Client) -> Vec<ScopeView> {
    let (snapshot, product) = (server.snapshot(), &server.settings.branding.product_name);
    let required: &ScopeSet = &client.metadata.required_scope;
    let view = |name: &str| match ScopeDescription::find(&snapshot.scopes, name, console.page.locale, product) {
        Some(words) => ScopeView {
            value: name.to_owned(),
            sentence: words.sentence,
            consequence: words.consequence,
            resource_server: words.resource_server,
            risk: words.risk,
            required: required.contains(name),
        },
        // A scope of the administration API, which users never allow.
        None => ScopeView {
            value: name.to_owned(),
            sentence: name.to_owned(),
            consequence: String::new(),
            resource_server: String::new(),
            risk: Risk::High,
            required: false,
        },
    };
    client.metadata.scope.iter().map(view).collect()
}

fn actions(client: &Client, is_connected: bool) -> Vec<AppAction> {
    let all = [
        (AppAction::Approve, !client.approved),
        (AppAction::RotateSecret, client.metadata.has_secret()),
        (AppAction::Disconnect, is_connected),
        (AppAction::Disable, client.disabled_at.is_none()),
        (AppAction::Enable, client.disabled_at.is_some()),
        // Only the command line deletes a restricted client: registered again, it is open to all.
        (AppAction::Delete, client.open_to.is_none() && client.acr.is_none() && client.disabled_at.is_none()),
    ];
    all.into_iter().filter_map(|(action, is_offered)| is_offered.then_some(action)).collect()
}

/// The page of a client.
#[derive(Template)]
#[template(path = "pages/console/app.html")]
pub struct AppPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The app, as the consent page describes it.
    pub app: AppView,
    /// The `client_id`.
    pub client_id: String,
    /// Whether an administrator approved it.
    pub approved: bool,
    /// When it was disabled, if it is.
    pub disabled: Option<String>,
    /// Facts: the key of each name, and its values.
    pub facts: Vec<(&'static str, Vec<String>)>,
    /// What it may ask for, in the words of the consent page.
    pub scopes: Vec<ScopeView>,
    /// Its valid secrets, the latest first.
    pub secrets: Vec<SecretView>,
    /// The latest refused requests.
    pub failures: Vec<FailureView>,
    /// The latest changes by administrators.
    pub changes: Vec<EntryView>,
    /// What can be changed.
    pub actions: Vec<AppAction>,
    /// The version that is shown.
    pub version: String,
    /// The path of this page.
    pub path: String,
    /// What was just changed.
    pub done: Option<AppAction>,
}

/// A valid secret of a client.
pub struct SecretView {
    /// When it was made.
    pub made: String,
    /// When it was last used, if it was.
    pub last_used: Option<String>,
}

impl SecretView {
    fn of(console: &Console, (made, last_used): (i64, Option<i64>)) -> Self {
        Self { made: console.date_time(made), last_used: last_used.map(|at| console.date_time(at)) }
    }
}

/// A scope that a client may ask for.
pub struct ScopeView {
    /// The name.
    pub value: String,
    /// The action that it permits, as users read it.
    pub sentence: String,
    /// The consequence of allowing it.
    pub consequence: String,
    /// The name of its resource server.
    pub resource_server: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether the client does not work without it.
    pub required: bool,
}

/// A refused request of a client.
pub struct FailureView {
    /// When.
    pub when: String,
    /// The endpoint.
    pub endpoint: String,
    /// The error code.
    pub error: String,
    /// The cause, which has a page.
    pub cause: String,
    /// The description in the response.
    pub description: String,
}

impl FailureView {
    fn of(console: &Console, failure: ClientFailure) -> Self {
        let ClientFailure { created_at, endpoint, error, cause, error_description: description, .. } = failure;
        Self { when: console.date_time(created_at), endpoint, error, cause, description }
    }
}

impl AppPage {
    fn risk_word(&self, scope: &ScopeView) -> String {
        self.page.text(match scope.risk {
            Risk::Low => "risk-low",
            Risk::Moderate => "risk-moderate",
            Risk::Elevated => "risk-elevated",
            Risk::High => "risk-high",
        })
    }

    fn done_text(&self) -> Option<String> {
        Some(self.page.text(match self.done? {
            AppAction::Approve => "console-approved-now",
            AppAction::Disconnect => "console-disconnected-now",
            AppAction::Disable | AppAction::Enable => "account-saved",
            AppAction::RotateSecret | AppAction::Delete => return None,
        }))
    }
}

impl Page for AppPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
