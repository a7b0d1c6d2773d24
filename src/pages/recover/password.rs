//! `/recover/password`: chooses a new password with the link of a mail or an operator. It never
//! signs in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use crate::{
    fault::Stop,
    mail::link,
    pages::answer::answer,
    server::Call,
    sessions::{
        self,
        factors::Factors,
        new_password::{NewPassword, Unacceptable},
        origin::Origin,
    },
    store::{
        accounts, connections,
        notices::Kind,
        recoveries::{self, Recovery},
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
            Some((_, user)) => form(&call, page, &user, link::token(&params)?, None)?,
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
    let id = link::find(&call.server.front.form_key, link::Purpose::Recovery, link::token(params)?);
    let Some(id) = id else { return Ok(None) };
    Ok(call.server.store.read(move |tx| recoveries::find_valid(tx, id)).await?)
}

async fn choose(call: &Call, params: &Params) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let page = sessions::page(server, &call.request, None).await;
    let token = link::token(params)?;
    let Some((recovery, user)) = find(call, params).await? else { return Ok(InvalidPage { page }.respond()) };
    let typed = params.get("new_password")?.unwrap_or_default();
    let hash = match NewPassword::parse(typed, server.settings.passwords.min_length) {
        Ok(new) => new.hash_for(server, &user).await?,
        Err(reason) => Err(reason),
    };
    let hash = match hash {
        Ok(hash) => hash,
        Err(reason) => return form(call, page, &user, token, Some(reason)),
    };
    let (id, user_id, session_epoch) = (recovery.id, user.id, recovery.session_epoch);
    let (disconnects, origin) = (params.get("disconnect")?.is_some(), Origin::of(call, &page));
    let changed = server
        .store
        .write(move |tx| {
            // The password or the address may have changed while this password was hashed.
            if !users::lock_in_epoch(tx, user_id, session_epoch)? {
                return Ok(false);
            }
            let Some((_, user)) = recoveries::find_valid(tx, id)? else { return Ok(false) };
            if !recoveries::redeem(tx, id)? {
                return Ok(false);
            }
            accounts::set_password(tx, user_id, &hash)?;
            if disconnects {
                accounts::remove_links(tx, user_id)?;
                for connection in connections::list(tx, user_id)? {
                    connections::disconnect(tx, user_id, &connection.client_id, &origin.network)?;
                }
            }
            origin.record(tx, &user, Kind::PasswordRecovered)?;
            Ok(true)
        })
        .await?;
    if !changed {
        return Ok(InvalidPage { page }.respond());
    }
    tracing::info!(user = %user_id, disconnects, "password changed with a recovery link");
    let has_passkeys = !Factors::of(server, user_id).await?.passkeys.is_empty();
    Ok(ChangedPage { page, next: recovery.after_sign_in().path("/login"), has_passkeys }.respond())
}

fn form(
    call: &Call,
    page: PageContext,
    user: &User,
    token: &str,
    problem: Option<Unacceptable>,
) -> Result<HttpResponse, Stop> {
    let page = ChoosePage {
        problem: problem.map(|reason| reason.text(page.locale)),
        // A valid token has only characters of a query.
        page: page.at(&format!("/recover/password?token={token}")),
        token: token.to_owned(),
        username: user.username.clone(),
        name: user.display_name()?,
        min_characters: call.server.settings.passwords.min_length,
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
    /// Whether the user has passkeys, which sign in as well.
    pub has_passkeys: bool,
}

impl Page for ChangedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
