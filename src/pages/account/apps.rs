//! `/account/apps`: the connected apps, their scopes, and the forms to revoke them.

use actix_web::HttpResponse;
use askama::Template;
use url::Url;

use super::AccountContext;
use writ_core::{
    Error, Params,
    grants::{Binding, binding, offline_access_matters},
    vocabulary::client_metadata::GrantType,
};

use crate::{
    consent::{ScopeDescription, allowed_claims},
    fault::Stop,
    pages::app_logo::AppLogo,
    server::{Call, Server},
    store::{
        clients::Client,
        connections::{self, Connection},
        decisions::ShownClaim,
    },
    web::{
        form,
        page::{Page, PageContext},
    },
};

const HERE: &str = "/account/apps";

/// `GET /account/apps`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| list(&call.server, account, None).await).await
}

/// `POST /account/apps`: revokes one `scope` of the app `client_id` or, without `scope`,
/// everything.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, params| {
        let notice = take_back(&call.server, &account, &params).await?;
        list(&call.server, account, notice).await
    })
    .await
}

async fn take_back(server: &Server, account: &AccountContext, params: &Params) -> Result<Option<Notice>, Stop> {
    let client_id = params.require("client_id")?.to_owned();
    let scope = params.get("scope")?.map(str::to_owned);
    let client =
        server.clients.find(&client_id).await?.ok_or_else(|| Error::invalid_request("there is no such app"))?;
    if let Some(scope) = &scope
        && client.metadata.required_scope.contains(scope)
    {
        return Err(Error::invalid_request("the app cannot work without this scope: disconnect it instead").into());
    }
    let (user_id, network, removed) = (account.signed_in.user.id, account.network.clone(), scope.clone());
    let taken_back = server
        .store
        .write(move |tx| match &removed {
            Some(scope) => connections::remove_scope(tx, user_id, &client_id, scope, &network),
            None => connections::disconnect(tx, user_id, &client_id, &network),
        })
        .await?;
    if !taken_back {
        return Ok(None);
    }
    tracing::info!(user = %user_id, client = client.id, scope, "scope or app revoked by the user");
    // A resource server that verifies tokens offline accepts a recent one until it expires.
    let lifetime = client.metadata.access_token_lifetime.unwrap_or(server.settings.tokens.access_token_lifetime);
    let until = account.date_time(server.clock.now() + lifetime);
    let app = client.metadata.client_name_in(account.page.locale.tag()).to_owned();
    Ok(Some(match scope {
        None => Notice::Disconnected { app, until },
        Some(scope) => {
            let words = describe(server, account, &scope);
            Notice::Removed { app, until, sentence: words.map_or(scope, |words| words.sentence) }
        }
    }))
}

fn describe(server: &Server, account: &AccountContext, scope: &str) -> Option<ScopeDescription> {
    let product = &server.settings.branding.product_name;
    ScopeDescription::find(&server.snapshot().scopes, scope, account.page.locale, product)
}

async fn list(server: &Server, account: AccountContext, notice: Option<Notice>) -> Result<HttpResponse, Stop> {
    let user_id = account.signed_in.user.id;
    let connections = server.store.read(move |tx| connections::list(tx, user_id)).await?;
    let mut apps = Vec::with_capacity(connections.len());
    for connection in connections {
        if let Some(client) = server.clients.find(&connection.client_id).await? {
            apps.push(view(server, &account, &client, connection));
        }
    }
    Ok(AppsPage { page: account.page, csrf: account.csrf, apps, notice }.respond())
}

fn view(server: &Server, account: &AccountContext, client: &Client, connection: Connection) -> ConnectedAppView {
    let snapshot = server.snapshot();
    let allowed = connection.scope_ids.unchanged(&connection.scope, |name| snapshot.scopes.scope_owner(name));
    let by_device_code = !client.metadata.allows(GrantType::AuthorizationCode);
    let away = match binding(&client.metadata, &allowed, by_device_code) {
        _ if client.disabled_at.is_some() => "apps-disabled",
        Binding::Browser => "apps-away-ends",
        Binding::Own | Binding::Unbound => "apps-away-continues",
    };
    let (mappings, locale) = (server.claim_mappings(&client.id), account.page.locale);
    let scopes = allowed
        .iter()
        .filter(|name| *name != "offline_access" || offline_access_matters(&client.metadata, by_device_code))
        .filter_map(|name| {
            let words = describe(server, account, name)?;
            Some(ConnectedScopeView {
                value: name.to_owned(),
                resource_server: words.resource_server,
                sentence: words.sentence,
                consequence: words.consequence,
                claims: ShownClaim::labels(&allowed_claims(mappings, name, &connection.scope_ids, locale)),
                required: client.metadata.required_scope.contains(name),
            })
        })
        .collect();
    ConnectedAppView {
        name: client.metadata.client_name_in(account.page.locale.tag()).to_owned(),
        logo: AppLogo::of(server, client, account.page.locale),
        scopes,
        since: account.date(connection.since),
        last_used: last_used(account, client, &connection),
        ends: connection.ends_at.map(|at| account.date_time(at)),
        away: account.page.text(away),
        network: connection.network,
        asserted_by: connection.asserted_by.as_deref().and_then(host),
        client_id: connection.client_id,
        open_url: client.metadata.initiation(server.issuer()).filter(|_| client.disabled_at.is_none()),
    }
}

fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// For a confidential client, the network is that of its server; otherwise it is that of the user's
/// device.
fn last_used(account: &AccountContext, client: &Client, connection: &Connection) -> String {
    let page = &account.page;
    let Some(date) = connection.last_used_at.map(|at| account.date(at)) else { return page.text("apps-never-used") };
    let values = [("date", date.as_str()), ("network", &connection.last_used_network)];
    if connection.last_used_network.is_empty() {
        page.text_with("apps-last-used", &values)
    } else if client.metadata.is_public() {
        page.text_with("apps-last-used-from", &values)
    } else {
        page.text_with("apps-last-used-by-server", &values)
    }
}

/// The page of connected apps.
#[derive(Template)]
#[template(path = "pages/account/apps.html")]
pub struct AppsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The apps, the oldest connection first.
    pub apps: Vec<ConnectedAppView>,
    /// The result of the last form.
    pub notice: Option<Notice>,
}

/// A connected app.
pub struct ConnectedAppView {
    /// The `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Its logo.
    pub logo: AppLogo,
    /// Its scopes.
    pub scopes: Vec<ConnectedScopeView>,
    /// The date of the first consent.
    pub since: String,
    /// When and from which network it last requested a token, as text.
    pub last_used: String,
    /// When the connection expires, as text.
    pub ends: Option<String>,
    /// What happens to the access when the user signs out.
    pub away: String,
    /// The network from which it was last allowed. Empty if unknown.
    pub network: String,
    /// The host of the identity provider whose policy allowed it.
    pub asserted_by: Option<String>,
    /// The URL at which the app starts a sign-in, if it registered one.
    pub open_url: Option<String>,
}

/// A scope of a connected app.
pub struct ConnectedScopeView {
    /// The name of the scope.
    pub value: String,
    /// The name of its resource server.
    pub resource_server: String,
    /// The action that it permits.
    pub sentence: String,
    /// The consequence of allowing it.
    pub consequence: String,
    /// What the claims of the operator's own are that the app gets with it. Empty without any.
    pub claims: String,
    /// Whether the app requires it.
    pub required: bool,
}

/// The result of a form, and until when existing access tokens may still be accepted.
pub enum Notice {
    /// The app was disconnected.
    Disconnected {
        /// Its name.
        app: String,
        /// That time, as text.
        until: String,
    },
    /// A scope was removed.
    Removed {
        /// Its name.
        app: String,
        /// The sentence of the scope.
        sentence: String,
        /// That time, as text.
        until: String,
    },
}

impl AppsPage {
    fn notice_heading(&self, notice: &Notice) -> String {
        match notice {
            Notice::Disconnected { app, .. } => self.page.text_with("apps-disconnected", &[("app", app.as_str())]),
            Notice::Removed { app, sentence, .. } => {
                self.page.text_with("apps-removed", &[("app", app.as_str()), ("scope", sentence)])
            }
        }
    }

    fn notice_advice(&self, notice: &Notice) -> String {
        let (Notice::Disconnected { until, .. } | Notice::Removed { until, .. }) = notice;
        self.page.text_with("apps-token-until", &[("moment", until.as_str())])
    }
}

impl Page for AppsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
