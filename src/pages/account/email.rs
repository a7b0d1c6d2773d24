//! `/account/email`: the e-mail address. A new one counts once it is confirmed.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::{Params, vocabulary::login_name};

use super::AccountContext;
use crate::{
    fault::Stop,
    pages::code_page,
    server::Call,
    sessions::{
        email::{self, Confirmed, Entered},
        origin::Origin,
    },
    store::{email_verifications, users},
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

const HERE: &str = "/account/email";

/// `GET /account/email`.
pub async fn show(call: Call) -> HttpResponse {
    super::show_proven(&call, HERE, async |account| respond(&call, account, EmailState::Unchanged).await).await
}

/// `POST /account/email`: with `email` a new address, with `code` the digits of its mail.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit_proven(&call, &body, HERE, async |account, params| {
        if call.server.mailer.is_none() {
            return respond(&call, account, EmailState::Unchanged).await;
        }
        match params.get("code")? {
            Some(_) => confirm(&call, account, &params).await,
            None => enter(&call, account, &params).await,
        }
    })
    .await
}

async fn enter(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let Some(address) = params.get("email")?.and_then(login_name::email) else {
        return respond(call, account, EmailState::Malformed).await;
    };
    let language = account.page.locale.to_string();
    let state = match email::enter(call, &account.signed_in, address, language).await? {
        Entered::Pending => EmailState::Sent,
        Entered::Unchanged => EmailState::Unchanged,
        Entered::Throttled(retry_after_seconds) => EmailState::Throttled { retry_after_seconds },
        Entered::Ended => return Ok(see_other(HERE)),
    };
    respond(call, account, state).await
}

async fn confirm(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let origin = Origin::of(call, &account.page);
    let digits = code_page::typed(params)?;
    let state = match email::confirm_with_digits(&call.server, &account.signed_in, digits, origin).await? {
        Confirmed::Done => EmailState::Confirmed,
        Confirmed::Void => EmailState::WrongDigits,
        Confirmed::Throttled(retry_after_seconds) => EmailState::Throttled { retry_after_seconds },
    };
    respond(call, account, state).await
}

async fn respond(call: &Call, account: AccountContext, state: EmailState) -> Result<HttpResponse, Stop> {
    let (server, user_id) = (&call.server, account.signed_in.user.id);
    let read = server.store.read(move |tx| {
        let Some(user) = users::find(tx, user_id)? else { return Ok(None) };
        let pending = email_verifications::find_of_user(tx, &user)?;
        Ok(Some((user, pending)))
    });
    let Some((user, pending)) = read.await? else { return Ok(see_other(HERE)) };
    let page = EmailPage {
        page: account.page,
        csrf: account.csrf,
        is_verified: user.email_verified,
        email: user.email,
        pending: pending.map(|pending| pending.address),
        can_mail: server.mailer.is_some(),
        contact: server.settings.mail.contact.clone(),
        state,
    };
    Ok(page.respond())
}

/// The page of the e-mail address.
#[derive(Template)]
#[template(path = "pages/account/email.html")]
pub struct EmailPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The address, if there is one.
    pub email: Option<String>,
    /// Whether the user has confirmed it.
    pub is_verified: bool,
    /// The address that is to be confirmed.
    pub pending: Option<String>,
    /// Whether the server sends mails.
    pub can_mail: bool,
    /// How users reach the operator.
    pub contact: Option<String>,
    /// What happened.
    pub state: EmailState,
}

/// What happened to the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailState {
    /// Nothing yet.
    Unchanged,
    /// A mail was sent to the owner of the address.
    Sent,
    /// The address was confirmed.
    Confirmed,
    /// The input is not an address.
    Malformed,
    /// The digits are not those of the mail.
    WrongDigits,
    /// There were too many attempts.
    Throttled {
        /// Seconds until another one is accepted.
        retry_after_seconds: i64,
    },
}

impl EmailPage {
    fn problem(&self) -> Option<String> {
        match self.state {
            EmailState::Unchanged | EmailState::Sent | EmailState::Confirmed => None,
            EmailState::Malformed => Some(self.page.text("profile-email-wrong")),
            EmailState::WrongDigits => Some(self.page.text("email-digits-wrong")),
            EmailState::Throttled { retry_after_seconds } => {
                let moment = self.page.locale.in_time(retry_after_seconds);
                Some(self.page.text_with("login-advice-throttled", &[("moment", moment)]))
            }
        }
    }

    /// What the field for a new address contains: the unconfirmed one, if nothing is pending.
    fn suggestion(&self) -> &str {
        self.email.as_deref().filter(|_| !self.is_verified && self.pending.is_none()).unwrap_or_default()
    }
}

impl Page for EmailPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.state {
            EmailState::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            EmailState::Malformed | EmailState::WrongDigits => StatusCode::BAD_REQUEST,
            EmailState::Unchanged | EmailState::Sent | EmailState::Confirmed => StatusCode::OK,
        }
    }
}
