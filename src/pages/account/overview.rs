//! `/account`: an overview of the account.

use actix_web::HttpResponse;
use askama::Template;

use super::AccountContext;
use crate::{
    fault::Stop,
    server::{Call, Server},
    store::security_events::{self, Kind, SecurityEvent},
    web::{
        locale::Value,
        page::{Page, PageContext},
    },
};

/// The number of events that are shown.
const EVENTS: i64 = 12;

/// `GET /account`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, "/account", async |account| overview(&call.server, account).await).await
}

async fn overview(server: &Server, account: AccountContext) -> Result<HttpResponse, Stop> {
    let user_id = account.signed_in.user.id;
    let latest = server.store.read(move |tx| security_events::latest_of_user(tx, user_id, EVENTS)).await?;
    let mut events = Vec::with_capacity(latest.len());
    for event in latest {
        if let Ok(kind) = event.kind.parse::<Kind>() {
            events
                .push(EventView { text: words(server, &account.page, kind, &event).await?, ..seen(&account, &event) });
        }
    }
    let user = &account.signed_in.user;
    let page = OverviewPage {
        name: user.display_name()?,
        username: user.username.clone(),
        email: user.email.clone().unwrap_or_default(),
        has_password: user.password_hash.is_some(),
        has_passkeys: server.webauthn.is_some(),
        time_zone: account.claims.zoneinfo.clone().unwrap_or_else(|| "UTC".to_owned()),
        has_providers: server.providers.iter().next().is_some(),
        events,
        page: account.page,
    };
    Ok(page.respond())
}

fn seen(account: &AccountContext, event: &SecurityEvent) -> EventView {
    EventView { text: String::new(), when: account.date_time(event.created_at), network: event.network.clone() }
}

async fn words(server: &Server, page: &PageContext, kind: Kind, event: &SecurityEvent) -> Result<String, Stop> {
    let app = match &event.client_id {
        None => String::new(),
        Some(id) => {
            let client = server.clients.find(id).await?;
            client.map_or_else(|| id.clone(), |client| client.metadata.client_name_in(page.locale.tag()).to_owned())
        }
    };
    let key = match kind {
        Kind::SignedUp => "event-signed-up",
        Kind::SignedIn => "event-signed-in",
        Kind::PasswordWrong => "event-password-wrong",
        Kind::PasswordChanged => "event-password-changed",
        Kind::PasswordRemoved => "event-password-removed",
        Kind::PasswordRecovered => "event-password-recovered",
        Kind::ProfileChanged => "event-profile-changed",
        Kind::EmailConfirmed => "event-email-confirmed",
        Kind::AccountTakenBack => "event-account-taken-back",
        Kind::SessionEnded => "event-session-ended",
        Kind::OtherSessionsEnded => "event-other-sessions-ended",
        Kind::AppAllowed => "event-app-allowed",
        Kind::AppDenied => "event-app-denied",
        Kind::ScopeRemoved => "event-scope-removed",
        Kind::AppDisconnected => "event-app-disconnected",
        Kind::AccessAsserted => "event-access-asserted",
        Kind::TokenReplayed => "event-token-replayed",
        Kind::OldTokenAccepted => "event-old-token-accepted",
        Kind::DataDownloaded => "event-data-downloaded",
        Kind::CodeWrong => "event-code-wrong",
        Kind::SecondFactorSetUp => "event-second-factor-set-up",
        Kind::SecondFactorRemoved => "event-second-factor-removed",
        Kind::SecondFactorReset => "event-second-factor-reset",
        Kind::RecoveryCodeUsed => "event-recovery-code-used",
        Kind::RecoveryCodesReplaced => "event-recovery-codes-replaced",
        Kind::PasskeyAdded => "event-passkey-added",
        Kind::PasskeyRemoved => "event-passkey-removed",
        Kind::PasskeyCloned => "event-passkey-cloned",
        Kind::ProviderLinked if event.about.is_some() => "event-provider-linked-named",
        Kind::ProviderLinked => "event-provider-linked",
        Kind::ProviderUnlinked if event.about.is_some() => "event-provider-unlinked-named",
        Kind::ProviderUnlinked => "event-provider-unlinked",
    };
    let provider = event.about.clone().unwrap_or_default();
    let values = [("app", Value::from(app)), ("count", event.count.into()), ("provider", provider.into())];
    Ok(page.text_with(key, &values))
}

/// The overview page.
#[derive(Template)]
#[template(path = "pages/account/overview.html")]
pub struct OverviewPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The user's name, by default the username.
    pub name: String,
    /// The username.
    pub username: String,
    /// The e-mail address. Empty if there is none.
    pub email: String,
    /// Whether the user has a password.
    pub has_password: bool,
    /// Whether the server has passkeys.
    pub has_passkeys: bool,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// Whether users sign in with other providers.
    pub has_providers: bool,
    /// The latest events, newest first.
    pub events: Vec<EventView>,
}

/// A security event.
pub struct EventView {
    /// The event, as text.
    pub text: String,
    /// When it happened, as text.
    pub when: String,
    /// The network. Empty if a program caused the event.
    pub network: String,
}

impl Page for OverviewPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
