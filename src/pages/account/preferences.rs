//! `/account/preferences`: language and time zone. `/language`: the language menu of every page.

use actix_web::HttpResponse;
use askama::Template;

use super::AccountContext;
use writ_core::{Error, Params, StandardClaims};

use crate::{
    fault::{Fault, Stop},
    server::{Call, Server},
    sessions,
    store::{Id, users},
    web::{
        cookies, error_page, form,
        locale::{LOCALE_COOKIE, Locale},
        page::{Page, PageContext},
        see_other,
        zone::Zone,
    },
};

const HERE: &str = "/account/preferences";

/// `GET /account/preferences`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| Ok(answer(account, false))).await
}

/// `POST /account/preferences`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |mut account, params| {
        let locale = chosen_locale(&params)?;
        let zone = params.require("zoneinfo")?;
        Zone::find(zone).ok_or_else(|| Error::invalid_request("zoneinfo is not a time zone"))?;
        account.claims.zoneinfo = Some(zone.to_owned());
        account.page.locale = locale;
        let zone = zone.to_owned();
        save(&call.server, account.signed_in.user.id, move |claims| {
            claims.zoneinfo = Some(zone);
            claims.locale = Some(locale.to_string());
        })
        .await?;
        let mut response = answer(account, true);
        remember(&call.server, &mut response, locale);
        Ok(response)
    })
    .await
}

/// `POST /language`: stores the language and returns to the page of the form.
///
/// The form needs no CSRF token: a forged request can only change the language.
pub async fn language(call: Call, body: form::Body) -> HttpResponse {
    match choose(&call, &body).await {
        Ok(response) => response,
        Err(failure) => {
            error_page::refuse(sessions::page(&call.server, &call.request, None).await, "language", failure)
        }
    }
}

async fn choose(call: &Call, body: &form::Body) -> Result<HttpResponse, Stop> {
    let Call { server, request } = call;
    let params = form::parse_strictly(request, body)?;
    let locale = chosen_locale(&params)?;
    if let Some(signed_in) = sessions::current(server, request).await? {
        let claims = signed_in.user.standard_claims()?;
        if claims.locale.as_deref().is_some_and(|known| known != locale.to_string()) {
            save(server, signed_in.user.id, move |claims| claims.locale = Some(locale.to_string())).await?;
        }
    }
    let mut response = see_other(local_path(params.get("return_to")?.unwrap_or_default()));
    remember(server, &mut response, locale);
    Ok(response)
}

/// Returns the path if every browser resolves it to this server, otherwise `/`.
fn local_path(path: &str) -> &str {
    let stays = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if stays { path } else { "/" }
}

fn chosen_locale(params: &Params) -> Result<Locale, Error> {
    Locale::lookup(params.require("locale")?).ok_or_else(|| Error::invalid_request("there is no such language"))
}

fn remember(server: &Server, response: &mut HttpResponse, locale: Locale) {
    const YEAR: i64 = 365 * 86_400;
    let https = server.front.https;
    cookies::set(response, &cookies::plain(LOCALE_COOKIE, locale.to_string(), YEAR, https));
}

async fn save(
    server: &Server,
    user_id: Id,
    edit: impl FnOnce(&mut StandardClaims) + Clone + Send + 'static,
) -> Result<(), Fault> {
    server.store.write(move |tx| users::edit_claims(tx, user_id, edit)).await?;
    Ok(())
}

fn answer(account: AccountContext, saved: bool) -> HttpResponse {
    let zone = account.claims.zoneinfo.unwrap_or_default();
    PreferencesPage { page: account.page, csrf: account.csrf, zones: Zone::names().collect(), zone, saved }.respond()
}

/// The form for language and time zone.
#[derive(Template)]
#[template(path = "pages/account/preferences.html")]
pub struct PreferencesPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// Every IANA time zone.
    pub zones: Vec<String>,
    /// The chosen time zone. Empty if there is none.
    pub zone: String,
    /// Whether the form was just saved.
    pub saved: bool,
}

impl Page for PreferencesPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/login?request=abc", "/login?request=abc")]
    #[case("/", "/")]
    #[case("", "/")]
    #[case("//evil.example", "/")]
    #[case("/\\evil.example", "/")]
    #[case("/a\\b", "/")]
    #[case("https://evil.example", "/")]
    #[case("/a\r\nSet-Cookie: a=b", "/")]
    #[case("/\t/evil.example", "/")]
    fn path_never_leads_to_another_host(#[case] path: &str, #[case] gone_to: &str) {
        assert_eq!(local_path(path), gone_to);
    }
}
