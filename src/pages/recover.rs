//! `/recover`: sends a link for a new password to a user who forgot it.
//!
//! The response is the same whether or not there is such an account, and is sent before anything is
//! looked up.

pub mod password;
mod view;

use actix_web::{HttpResponse, web::Data};

pub use self::view::{RecoverPage, RecoverState};
use super::{
    account::own_path,
    answer::{PageStop, answer},
};
use writ_core::{Params, vocabulary::login_name};

use crate::{
    requests::{Pending, expired},
    secret::Secret,
    server::{Call, Server},
    sessions::{self, csrf},
    store::{
        AfterSignIn,
        mails::{self, Kind, NewMail},
        recoveries, users,
    },
    web::{
        cookies::{self, Name},
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        limits::of_strangers,
        page::{Page, PageContext},
    },
};

const ENDPOINT: &str = "recover";

/// `GET /recover?request=…` or `GET /recover?return_to=…`.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let context = RecoverContext::find(&call, &call.query()?).await?;
        Ok::<_, PageStop>(context.show(&call, String::new(), RecoverState::Asking))
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /recover`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let context = RecoverContext::find(&call, &params).await?;
        context.submit(&call, &params).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// What follows the sign-in with the new password.
struct RecoverContext {
    page: PageContext,
    next: AfterSignIn,
}

impl RecoverContext {
    /// The context of a form or URL. An expired request leads to a page of its own.
    async fn find(call: &Call, params: &Params) -> Result<Self, PageStop> {
        let page = sessions::page(&call.server, &call.request, None).await;
        let Some(handle) = params.get("request")?.filter(|handle| !handle.is_empty()) else {
            let return_to = params.get("return_to")?.and_then(own_path).unwrap_or_default().to_owned();
            let next = AfterSignIn { return_to, ..AfterSignIn::default() };
            return Ok(Self { page: page.at(&next.path("/recover")), next });
        };
        let Some(pending) = Pending::find(&call.server, &call.request, handle).await? else {
            return Err(PageStop::Instead(expired::respond(&call.server, page, params).await?));
        };
        let page = sessions::page(&call.server, &call.request, pending.ui_locales()).await;
        let here = format!("/recover?request={handle}");
        let next = AfterSignIn { again: pending.again(), request: pending.handle, return_to: String::new() };
        Ok(Self { page: page.at(&here), next })
    }

    /// The page. Its form is bound to this browser by a cookie and to the request by its token.
    fn show(self, call: &Call, username: String, state: RecoverState) -> HttpResponse {
        let (server, https) = (&call.server, call.server.front.https);
        let known = call.cookie(Name::Browser);
        let browser = known.clone().unwrap_or_else(|| Secret::random().expose());
        let page = RecoverPage {
            csrf: csrf::token(&server.front.form_key, ENDPOINT, &[&browser, &self.next.request]),
            page: self.page,
            request: self.next.request,
            return_to: self.next.return_to,
            username,
            contact: server.settings.mail.contact.clone(),
            state: if server.mailer.is_some() { state } else { RecoverState::Unavailable },
        };
        let mut response = page.respond();
        if known.is_none() {
            cookies::set(&mut response, &cookies::write(Name::Browser, browser, None, https));
        }
        response
    }

    async fn submit(self, call: &Call, params: &Params) -> Result<HttpResponse, PageStop> {
        let server = &call.server;
        let Some(browser) = call.cookie(Name::Browser) else {
            let here = self.page.here.clone().unwrap_or_default();
            return Ok(error_page::interrupt(self.page, Interruption::CookieLost, Recovery::Here(here)));
        };
        let login = params.get("username")?.unwrap_or_default().trim().to_owned();
        let token = params.get("csrf")?.unwrap_or_default();
        let is_shown = csrf::verify(&server.front.form_key, ENDPOINT, &[&browser, &self.next.request], token);
        if login.is_empty() || login.len() > login_name::MAX_LENGTH || !is_shown || server.mailer.is_none() {
            return Ok(self.show(call, login, RecoverState::Asking));
        }
        let limits = of_strangers(&server.settings.throttle, ENDPOINT, call.client_address());
        if let Some(retry_after_seconds) =
            server.store.write(move |tx| limits.attempt(tx)).await.map_err(PageStop::from)?
        {
            return Ok(self.show(call, login, RecoverState::Throttled { retry_after_seconds }));
        }
        let language = self.page.locale.to_string();
        send(server, login.clone(), language, self.next.clone());
        Ok(self.show(call, login, RecoverState::Sent { minutes: recoveries::LIFETIME / 60 }))
    }
}

/// Queues the mail in the background: the response time must not reveal whether the user exists.
fn send(server: &Data<Server>, login: String, language: String, next: AfterSignIn) {
    let store = server.store.clone();
    tokio::spawn(async move {
        let queued = store.write(move |tx| {
            let user =
                users::find_by_login(tx, &login)?.filter(|user| user.email_verified && user.disabled_at.is_none());
            let Some((recipient, user)) = user.and_then(|user| Some((user.email.clone()?, user))) else {
                return Ok("there is no such user with a verified address");
            };
            if !mails::admit(tx, "recovery", &recipient)? {
                return Ok("too many mails to this address");
            }
            let link_id = recoveries::insert(tx, &user, Some(&recipient), next)?;
            let new = NewMail {
                user_id: Some(user.id),
                recipient,
                kind: Kind::Recovery,
                language: user.standard_claims()?.locale.unwrap_or(language),
                link_id: Some(link_id),
                lifetime: recoveries::LIFETIME,
            };
            mails::queue(tx, new)?;
            Ok("queued")
        });
        match queued.await {
            Ok(outcome) => tracing::info!(outcome, "recovery requested"),
            Err(fault) => tracing::error!(%fault, "a recovery mail was not queued"),
        }
    });
}
