//! Who asks: the app as the consent page and the device page show it.

use writ_core::{
    ClientMetadata,
    vocabulary::redirect_uri::{is_loopback, web_host},
};

use super::day;
use crate::{
    fault::Fault,
    pages::app_logo::AppLogo,
    server::Server,
    store::{clients::Client, decisions::ShownApp},
    web::{
        locale::{Locale, Value},
        shown_host::shown_host,
    },
};

/// The client that asks.
pub struct AppView {
    /// Its name.
    pub name: String,
    /// Its picture.
    pub logo: AppLogo,
    /// Where it says more about itself.
    pub links: Vec<AppLink>,
    /// The host of `redirect_uri` as [`shown_host`](crate::web::shown_host) shows it; empty for a
    /// device.
    pub redirect_host: String,
    /// Whether the redirect leads to a program on the user's device.
    pub native: bool,
    /// Whether an administrator approved it; otherwise it registered itself.
    pub verified: bool,
    /// The host on which it describes itself, where that is all that is known of it.
    pub described_at: Option<String>,
    /// Whose it is, if that was registered; for an app that nobody approved, that it says so.
    pub owner: Option<String>,
    /// How to reach its owner, if that was registered.
    pub contacts: Vec<String>,
    /// The day it was registered, as text in the page's language.
    pub first_seen: String,
    /// How many users here let it do something, in words.
    pub users: String,
    /// That it is not what users could take it for. Only an app that nobody approved is compared.
    pub look_alike: Option<String>,
}

/// A page of the app's own.
pub struct AppLink {
    /// What it is, and whose.
    pub text: String,
    /// Where it is.
    pub url: String,
}

impl AppView {
    /// What is known about `client`, whose response leads to `redirect`; none leads to a device.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn of(
        server: &Server,
        client: &Client,
        locale: Locale,
        redirect: Option<&url::Url>,
    ) -> Result<Self, Fault> {
        let metadata = &client.metadata;
        Ok(Self {
            name: metadata.client_name_in(locale.tag()).to_owned(),
            logo: AppLogo::of(server, client, locale),
            links: links(metadata, locale),
            redirect_host: redirect.map(shown_host).unwrap_or_default(),
            native: redirect.is_some_and(|url| is_loopback(url) || web_host(url).is_none()),
            verified: client.approved,
            described_at: client.described_at(),
            owner: owner(client, locale),
            contacts: metadata.contacts.clone(),
            first_seen: day(locale, client.created_at),
            users: users(server.clients.count_users(&client.id).await?, locale),
            look_alike: look_alike(server, client, locale).await?,
        })
    }

    /// What the page says about the app, for the record.
    pub(in crate::pages) fn shown(&self) -> ShownApp {
        ShownApp {
            name: self.name.clone(),
            host: self.redirect_host.clone(),
            verified: self.verified,
            described_at: self.described_at.clone(),
            look_alike: self.look_alike.clone(),
        }
    }
}

fn owner(client: &Client, locale: Locale) -> Option<String> {
    let key = if client.approved { "consent-organization" } else { "consent-organization-unverified" };
    let organization = client.metadata.organization_name_in(locale.tag())?;
    Some(locale.text_with(key, &[("organization", organization)]))
}

/// How many users here an app has, in words.
pub fn users(count: i64, locale: Locale) -> String {
    locale.text_with("consent-users", &counted(locale, count))
}

async fn look_alike(server: &Server, client: &Client, locale: Locale) -> Result<Option<String>, Fault> {
    if client.approved {
        return Ok(None);
    }
    let Some(found) = server.clients.look_alike(&client.id, &client.metadata).await? else { return Ok(None) };
    let other = match &found.client_id {
        Some(id) => server.clients.find(id).await?,
        None => None,
    };
    let (name, users) = match &other {
        Some(other) => (other.metadata.client_name_in(locale.tag()), server.clients.count_users(&other.id).await?),
        None => (found.name.as_str(), 0),
    };
    Ok(Some(is_not(name, found.host.as_deref(), users, locale)))
}

/// That an app is not the one of this name, with this host and so many users.
pub fn is_not(name: &str, host: Option<&str>, users: i64, locale: Locale) -> String {
    let name = ("name", name.into());
    match host.map(|host| ("host", host.into())) {
        Some(host) if users > 0 => {
            let [count, number] = counted(locale, users);
            locale.text_with("consent-look-alike-users", &[name, host, count, number])
        }
        Some(host) => locale.text_with("consent-look-alike-host", &[name, host]),
        None => locale.text_with("consent-look-alike", &[name]),
    }
}

/// A number for a text: to choose the plural form by, and as it is written.
fn counted(locale: Locale, count: i64) -> [(&'static str, Value<'static>); 2] {
    [("count", count.into()), ("number", locale.number(count).into())]
}

/// The pages where an app says more about itself (OpenID Connect Dynamic Registration §2).
fn links(metadata: &ClientMetadata, locale: Locale) -> Vec<AppLink> {
    let app = metadata.client_name_in(locale.tag());
    let link = |key: &str, url: &str, value: (&'static str, &str)| AppLink {
        text: locale.text_with(key, &[value]),
        url: url.to_owned(),
    };
    let website = metadata.client_uri_in(locale.tag()).map(|uri| {
        let host = url::Url::parse(uri.as_str()).as_ref().map(shown_host).unwrap_or_default();
        link("consent-app-website", uri.as_str(), ("host", &host))
    });
    let policy =
        metadata.policy_uri_in(locale.tag()).map(|uri| link("consent-app-privacy", uri.as_str(), ("app", app)));
    let terms = metadata.tos_uri_in(locale.tag()).map(|uri| link("consent-app-terms", uri.as_str(), ("app", app)));
    website.into_iter().chain(policy).chain(terms).collect()
}
