//! `/account/sessions`: the sessions of browsers, devices and native apps, and the forms to end
//! them.

use actix_web::HttpResponse;
use askama::Template;

use super::AccountContext;
use writ_core::{Error, Params};

use crate::{
    fault::Stop,
    server::{Call, Server},
    store::{
        Id, accounts,
        security_events::{self, Kind},
        sessions,
    },
    web::{
        form,
        page::{Page, PageContext},
        user_agent,
    },
};

const HERE: &str = "/account/sessions";

/// `GET /account/sessions`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| list(&call.server, account).await).await
}

/// `POST /account/sessions`: ends the session named by `session`, or all others.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, params| {
        end(&call.server, &account, &params).await?;
        list(&call.server, account).await
    })
    .await
}

async fn end(server: &Server, account: &AccountContext, params: &Params) -> Result<(), Stop> {
    let ended: Option<Id> = match params.require("session")? {
        "others" => None,
        id => Some(id.parse().map_err(|_| Error::invalid_request("session is not the id of a session"))?),
    };
    let (user_id, own, network) = (account.signed_in.user.id, account.signed_in.session.id, account.network.clone());
    server
        .store
        .write(move |tx| match ended {
            None => {
                accounts::end_other_sessions(tx, user_id, own)?;
                security_events::record(tx, user_id, Kind::OtherSessionsEnded, None, &network)
            }
            Some(id) if accounts::end_session_of_user(tx, user_id, id)? => {
                security_events::record(tx, user_id, Kind::SessionEnded, None, &network)
            }
            Some(_) => Ok(()),
        })
        .await?;
    Ok(())
}

async fn list(server: &Server, account: AccountContext) -> Result<HttpResponse, Stop> {
    let (user_id, own) = (account.signed_in.user.id, account.signed_in.session.id);
    let live = server.store.read(move |tx| sessions::list_of_user(tx, user_id)).await?;
    let mut sessions = Vec::new();
    for session in live {
        let device = match (&session.client_id, user_agent::describe(&session.user_agent)) {
            // The session of a device or a native app.
            (Some(client_id), _) => match server.clients.find(client_id).await? {
                Some(client) => account.page.client_name(&client.metadata),
                None => continue,
            },
            (None, Some((browser, system))) => {
                account.page.text_with("sessions-device", &[("browser", browser), ("system", system)])
            }
            (None, None) => account.page.text("sessions-device-unknown"),
        };
        sessions.push(SessionView {
            id: session.id.to_string(),
            device,
            network: session.network,
            signed_in: account.date_time(session.auth_time),
            last_seen: account.date_time(session.last_seen_at),
            is_this: session.id == own,
        });
    }
    Ok(SessionsPage { page: account.page, csrf: account.csrf, sessions }.respond())
}

/// The page of sessions.
#[derive(Template)]
#[template(path = "pages/account/sessions.html")]
pub struct SessionsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The sessions, the last used first.
    pub sessions: Vec<SessionView>,
}

/// A session.
pub struct SessionView {
    /// The session's id.
    pub id: String,
    /// The browser and the operating system, or the app.
    pub device: String,
    /// The network of the sign-in.
    pub network: String,
    /// When the user signed in.
    pub signed_in: String,
    /// When it was last used.
    pub last_seen: String,
    /// Whether it is the session of this browser.
    pub is_this: bool,
}

impl Page for SessionsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
