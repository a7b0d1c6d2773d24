//! `/confirm-email`: confirms an e-mail address with the link of a mail, in any browser.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::answer::answer;
use crate::{
    fault::Stop,
    mail::link::{self, Purpose},
    server::Call,
    sessions::{
        self,
        email::{Confirmed, confirm_with_link},
        origin::Origin,
    },
    store::{
        Id,
        email_verifications::{self, EmailVerification},
        users::User,
    },
    web::{
        form::{self, Body},
        page::{Page, PageContext},
    },
};

const ENDPOINT: &str = "confirm-email";

/// `GET /confirm-email?token=…`. It changes nothing, because programs follow links in mails, and
/// because the reader must see which account gets the address.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        let page = sessions::page(&call.server, &call.request, None).await;
        let token = link::token(&params)?;
        Ok::<_, Stop>(match find(&call, token).await? {
            Some((_, pending, user)) => {
                let page = page.at(&format!("/confirm-email?token={token}"));
                let state = LinkState::Asking { token: token.to_owned(), username: user.username };
                ConfirmEmailPage { page, address: pending.address, state }.respond()
            }
            None => ConfirmEmailPage { page, address: String::new(), state: LinkState::Void }.respond(),
        })
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /confirm-email`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let page = sessions::page(&call.server, &call.request, None).await;
        let mut shown = ConfirmEmailPage { page, address: String::new(), state: LinkState::Void };
        if let Some((id, pending, _)) = find(&call, link::token(&params)?).await? {
            let origin = Origin::of(&call, &shown.page);
            if confirm_with_link(&call.server, id, origin).await? == Confirmed::Done {
                shown = ConfirmEmailPage { address: pending.address, state: LinkState::Done, ..shown };
            }
        }
        Ok::<_, Stop>(shown.respond())
    };
    answer(&call, ENDPOINT, response.await).await
}

/// The address that `token` confirms, if it still does.
async fn find(call: &Call, token: &str) -> Result<Option<(Id, EmailVerification, User)>, Stop> {
    let Some(id) = link::find(&call.server.front.form_key, Purpose::EmailVerification, token) else { return Ok(None) };
    let found = call.server.store.read(move |tx| email_verifications::find_valid(tx, id)).await?;
    Ok(found.map(|(pending, user)| (id, pending, user)))
}

/// The page that a link leads to.
#[derive(Template)]
#[template(path = "pages/confirm_email.html")]
pub struct ConfirmEmailPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The address. Empty if the link is void.
    pub address: String,
    /// What it shows.
    pub state: LinkState,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// The form.
    Asking {
        /// The token of the link.
        token: String,
        /// The account that gets the address.
        username: String,
    },
    /// The address is confirmed.
    Done,
    /// The link does not hold any more.
    Void,
}

impl Page for ConfirmEmailPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.state == LinkState::Void { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
