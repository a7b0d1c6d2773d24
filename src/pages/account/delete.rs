//! `/account/delete`: deletes the account, after the user has proved every kind of factor that it
//! has, and enters the password again.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde_json::json;

use super::{AccountContext, confirm};
use writ_core::Params;

use crate::{
    administration::administrators::check_another,
    fault::Stop,
    server::{Call, Server},
    sessions::factors::{Accepted, lock_proven},
    store::{Tx, accounts, audit_events},
    web::{
        cookies::{self, Name},
        form,
        page::{Page, PageContext},
        see_other,
    },
};

const HERE: &str = "/account/delete";

/// `GET /account/delete`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| {
        Ok(super::unproven_beside_password(&call, &account, HERE).await?.unwrap_or_else(|| ask(account, None)))
    })
    .await
}

/// `POST /account/delete`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, params| {
        match super::unproven_beside_password(&call, &account, HERE).await? {
            Some(response) => Ok(response),
            None => delete(&call.server, account, &params).await,
        }
    })
    .await
}

/// What became of a deletion.
enum Deletion {
    Deleted,
    /// The session has ended or lacks a proof by now.
    Unproven,
    /// The user is the last administrator with a console.
    LastAdministrator,
}

async fn delete(server: &Server, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    if account.signed_in.user.password_hash.is_some()
        && let Some(problem) = confirm::check(server, &account, params).await?
    {
        let problem = problem.text(&account.page);
        return Ok(ask(account, Some(problem)));
    }
    let (user_id, session_id) = (account.signed_in.user.id, account.signed_in.session.id);
    let (console, accepted) = (server.settings.console.clone(), Accepted::of(server));
    let network = account.network.clone();
    let unit = move |tx: &mut Tx<'_>| {
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Deletion::Unproven) };
        if check_another(tx, &console, &user)?.is_err() {
            return Ok(Deletion::LastAdministrator);
        }
        accounts::delete(tx, user_id)?;
        audit_events::of_user(tx, user_id, &network, "account.deleted".to_owned(), user_id.to_string(), json!({}))?;
        Ok(Deletion::Deleted)
    };
    match server.store.write(unit).await? {
        Deletion::Deleted => {}
        Deletion::Unproven => return Ok(see_other(HERE)),
        Deletion::LastAdministrator => {
            let problem = account.page.text("console-last-administrator");
            return Ok(ask(account, Some(problem)));
        }
    }
    tracing::info!(user = %user_id, "account deleted by its user");
    let page = PageContext { here: None, ..account.page };
    let mut response = DeletedPage { page }.respond();
    cookies::set(&mut response, &cookies::remove(Name::Session, server.front.https));
    Ok(response)
}

fn ask(account: AccountContext, problem: Option<String>) -> HttpResponse {
    let user = account.signed_in.user;
    let has_password = user.password_hash.is_some();
    DeletePage { page: account.page, csrf: account.csrf, username: user.username, has_password, problem }.respond()
}

/// The confirmation form.
#[derive(Template)]
#[template(path = "pages/account/delete.html")]
pub struct DeletePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The username.
    pub username: String,
    /// Whether the user has a password.
    pub has_password: bool,
    /// Why the account was not deleted, as text.
    pub problem: Option<String>,
}

impl DeletePage {
    /// Whether the problem concerns the current password.
    fn is_current_wrong(&self) -> bool {
        self.problem.is_some()
    }
}

impl Page for DeletePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}

/// The page after the deletion.
#[derive(Template)]
#[template(path = "pages/account/deleted.html")]
pub struct DeletedPage {
    /// The layout of the page.
    pub page: PageContext,
}

impl Page for DeletedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
