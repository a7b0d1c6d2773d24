//! `/take-back`: takes an account back with the link of a notice: signs out everywhere, voids the
//! password, returns a changed address, and leads to a new password. It never signs in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::answer::answer;
use crate::{
    fault::Stop,
    mail::link::{self, Purpose},
    server::Call,
    sessions,
    store::{
        AfterSignIn, Id,
        notices::{self, Kind, Notice},
        recoveries,
        security_events::{self, Kind as Event},
        users::User,
    },
    web::{
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "take-back";

/// `GET /take-back?token=…`. It changes nothing, because programs follow links in mails.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let page = sessions::page(&call.server, &call.request, None).await;
        let token = link::token(&params)?;
        Ok::<_, Stop>(match find(&call, token).await? {
            Some((_, notice, user)) => {
                let page = page.at(&format!("/take-back?token={token}"));
                let returned = (notice.kind()? == Kind::EmailChanged).then_some(notice.recipient);
                TakeBackPage { page, token: token.to_owned(), username: user.username, returned }.respond()
            }
            None => VoidNoticePage { page }.respond(),
        })
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /take-back`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        take_back(&call, link::token(&params)?).await
    };
    answer(&call, ENDPOINT, response.await).await
}

async fn take_back(call: &Call, token: &str) -> Result<HttpResponse, Stop> {
    let (server, network) = (&call.server, call.network());
    let recovery = match find(call, token).await? {
        None => None,
        Some((id, ..)) => {
            let unit = server.store.write(move |tx| {
                let Some(user) = notices::take_back(tx, id)? else { return Ok(None) };
                security_events::record(tx, user.id, Event::AccountTakenBack, None, &network)?;
                tracing::info!(user = %user.id, "account taken back with the link of a notice");
                recoveries::insert(tx, &user, user.email.as_deref(), AfterSignIn::default()).map(Some)
            });
            match unit.await {
                // Another account has confirmed the returned address in the same moment.
                Err(fault) if fault.is_unique_violation() => None,
                recovery => recovery?,
            }
        }
    };
    Ok(match recovery {
        Some(id) => see_other(&link::path(&server.front.form_key, Purpose::Recovery, id)),
        None => VoidNoticePage { page: sessions::page(server, &call.request, None).await }.respond(),
    })
}

/// The notice of `token` with its user, if its link still holds.
async fn find(call: &Call, token: &str) -> Result<Option<(Id, Notice, User)>, Stop> {
    let Some(id) = link::find(&call.server.front.form_key, Purpose::Notice, token) else { return Ok(None) };
    let found = call.server.store.read(move |tx| notices::find_valid(tx, id)).await?;
    Ok(found.map(|(notice, user)| (id, notice, user)))
}

/// The page that the link of a notice leads to.
#[derive(Template)]
#[template(path = "pages/take_back.html")]
pub struct TakeBackPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The token of the link.
    pub token: String,
    /// The account.
    pub username: String,
    /// The address that the account gets back, if it was changed.
    pub returned: Option<String>,
}

impl Page for TakeBackPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The page for a link that does not hold any more.
#[derive(Template)]
#[template(path = "pages/take_back_void.html")]
pub struct VoidNoticePage {
    /// The layout of the page.
    pub page: PageContext,
}

impl Page for VoidNoticePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}
