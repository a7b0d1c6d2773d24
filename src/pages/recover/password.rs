//! `/recover/password`: chooses a new password with the link of a mail or an operator. It never
//! signs in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use zeroize::Zeroizing;

use crate::{
    fault::{Fault, Stop},
    mail::link,
    pages::answer::answer,
    password::MAX_LENGTH,
    server::Call,
    sessions,
    store::{
        accounts, connections,
        recoveries::{self, Recovery},
        security_events::{self, Kind},
        users::{self, User},
    },
    web::{
        form::{self, Body},
        page::{Page, PageContext},
    },
};
use writ_core::Params;

const ENDPOINT: &str = "recover";

/// `GET /recover/password?token=…`. It changes nothing, because programs follow links in mails.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let page = sessions::page(&call.server, &call.request, None).await;
        Ok::<_, Stop>(match find(&call, &params).await? {
            Some((_, user)) => form(&call, page, &params, &user, None)?,
            None => InvalidPage { page }.respond(),
        })
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /recover/password`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        choose(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// The link in `token` with its user, if it still holds.
async fn find(call: &Call, params: &Params) -> Result<Option<(Recovery, User)>, Stop> {
    let token = params.get("token")?.unwrap_or_default();
    let Some(id) = link::find(&call.server.front.form_key, link::Purpose::Recovery, token) else { return Ok(None) };
    Ok(call.server.store.read(move |tx| recoveries::find_valid(tx, id)).await?)
}

async fn choose(call: &Call, params: &Params) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let page = sessions::page(server, &call.request, None).await;
    let Some((recovery, user)) = find(call, params).await? else { return Ok(InvalidPage { page }.respond()) };
    let new = Zeroizing::new(params.get("new_password")?.unwrap_or_default().to_owned());
    let min_characters = server.settings.passwords.min_length;
    if new.chars().count() < min_characters || new.len() > MAX_LENGTH {
        let problem = page.text_with("password-too-short", &[("count", min_characters)]);
        return form(call, page, params, &user, Some(problem));
    }
    // Estimating the strength and hashing are expensive.
    if let Some(seconds) = sessions::confirm::count_change(server, user.id).await? {
        let moment = page.locale.in_time(seconds);
        let problem = page.text_with("login-advice-throttled", &[("moment", moment)]);
        return form(call, page, params, &user, Some(problem));
    }
    if let Some(weakness) = server.passwords.judge(new.clone(), user.own_words()?).await.map_err(Fault::from)? {
        let problem = page.text(weakness.text_key());
        return form(call, page, params, &user, Some(problem));
    }
    let hash = server.passwords.hash(new).await.map_err(Fault::from)?;
    let (id, user_id, session_epoch) = (recovery.id, user.id, recovery.session_epoch);
    let (disconnects, network) = (params.get("disconnect")?.is_some(), call.network());
    let changed = server
        .store
        .write(move |tx| {
            // The password or the address may have changed while this password was hashed.
            let is_valid =
                users::lock_in_epoch(tx, user_id, session_epoch)? && recoveries::find_valid(tx, id)?.is_some();
            if !is_valid || !recoveries::redeem(tx, id)? {
                return Ok(false);
            }
            accounts::set_password(tx, user_id, &hash)?;
            if disconnects {
                for connection in connections::list(tx, user_id)? {
                    connections::disconnect(tx, user_id, &connection.client_id, &network)?;
                }
            }
            security_events::record(tx, user_id, Kind::PasswordRecovered, None, &network)?;
            Ok(true)
        })
        .await?;
    if !changed {
        return Ok(InvalidPage { page }.respond());
    }
    tracing::info!(user = %user_id, disconnects, "password changed with a recovery link");
    let next = match recovery.request.as_str() {
        "" => "/login".to_owned(),
        request => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("request", request)
                .append_pair("again", &recovery.again)
                .finish();
            format!("/login?{query}")
        }
    };
    Ok(ChangedPage { page, next }.respond())
}

fn form(
    call: &Call,
    page: PageContext,
    params: &Params,
    user: &User,
    problem: Option<String>,
) -> Result<HttpResponse, Stop> {
    let page = ChoosePage {
        page,
        token: params.get("token")?.unwrap_or_default().to_owned(),
        username: user.username.clone(),
        name: user.display_name()?,
        min_characters: call.server.settings.passwords.min_length,
        problem,
    };
    Ok(page.respond())
}

/// The form for the new password.
#[derive(Template)]
#[template(path = "pages/recover/choose.html")]
pub struct ChoosePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The token of the link.
    pub token: String,
    /// The username.
    pub username: String,
    /// The user's name, by default the username.
    pub name: String,
    /// Minimum length of a new password in characters.
    pub min_characters: usize,
    /// Why the password was not changed, as text.
    pub problem: Option<String>,
}

impl Page for ChoosePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}

/// The page for a link that does not hold any more.
#[derive(Template)]
#[template(path = "pages/recover/invalid.html")]
pub struct InvalidPage {
    /// The layout of the page.
    pub page: PageContext,
}

impl Page for InvalidPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}

/// The page after the change.
#[derive(Template)]
#[template(path = "pages/recover/changed.html")]
pub struct ChangedPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The path of the sign-in.
    pub next: String,
}

impl Page for ChangedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
