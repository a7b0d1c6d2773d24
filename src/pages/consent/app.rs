//! An app, as the consent page and the device page show it.

use writ_core::{
    ClientMetadata,
    vocabulary::redirect_uri::{is_loopback, web_host},
};

use crate::{
    clients::MOST_USERS,
    fault::Fault,
    pages::app_logo::AppLogo,
    server::Server,
    store::{clients::Client, decisions::ShownApp},
    web::{
        locale::{Locale, Value},
        shown_host::shown_host,
        zone::Zone,
    },
};

/// A client that requests consent.
pub struct AppView {
    /// Its name.
    pub name: String,
    /// Its logo.
    pub logo: AppLogo,
    /// Pages with more information about it.
    pub links: Vec<AppLink>,
    /// The host of `redirect_uri` as [`shown_host`](crate::web::shown_host) shows it. Empty for a
    /// device.
    pub redirect_host: String,
    /// Whether the redirect leads to a program on the user's device.
    pub native: bool,
    /// Whether an administrator approved it.
    pub verified: bool,
    /// The host of the app's metadata document, if it has one.
    pub described_at: Option<String>,
    /// The registered owner. For an unapproved app, the text says that this is the app's own claim.
    pub owner: Option<String>,
    /// The registered contacts.
    pub contacts: Vec<String>,
    /// The date of registration, in the page's language.
    pub first_seen: String,
    /// The number of users on this server, as text.
    pub users: String,
    /// A notice that the app is not the trusted party that it resembles. Only for unapproved apps.
    pub look_alike: Option<String>,
}

/// A page with information about an app.
pub struct AppLink {
    /// The text of the link.
    pub text: String,
    /// The URL.
    pub url: String,
}

impl AppView {
    /// Describes `client`, whose response goes to `redirect`. `None` for a device.
    ///
    /// # Errors
    /// [`Fault`] if the database fails.
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
            first_seen: locale.date(&Zone::UTC.at(client.created_at)),
            users: users(server.clients.count_users(&client.id).await?, locale),
            look_alike: look_alike(server, client, locale).await?,
        })
    }

    /// What the page shows about the app, for the record.
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

/// The number of users of an app, as text.
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

/// The notice that an app is not the one with this name, host and number of users.
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

/// The arguments of a number in a text: one selects the plural form, the other is formatted.
fn counted(locale: Locale, count: i64) -> [(&'static str, Value<'static>); 2] {
    if count > MOST_USERS {
        return [("count", MOST_USERS.into()), ("number", format!("{}+", locale.number(MOST_USERS)).into())];
    }
    [("count", count.into()), ("number", locale.number(count).into())]
}

/// The pages with more information about an app (OpenID Connect Dynamic Registration §2).
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
