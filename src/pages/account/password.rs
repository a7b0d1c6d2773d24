//! `/account/password`: changes the password and, if requested, signs out the other browsers.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{AccountContext, confirm};
use writ_core::Params;

use crate::{
    fault::Stop,
    server::{Call, Server},
    sessions::{
        new_password::{NewPassword, Unacceptable},
        origin::Origin,
    },
    store::{accounts, notices::Kind, users},
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

const HERE: &str = "/account/password";

/// `GET /.well-known/change-password` (W3C A Well-Known URL for Changing Passwords).
pub async fn well_known() -> HttpResponse {
    see_other(HERE)
}

/// `GET /account/password`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, HERE, async |account| Ok(answer(&call.server, account, None, false))).await
}

/// `POST /account/password`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, params| change(&call, account, &params).await).await
}

async fn change(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let typed = params.get("new_password")?.unwrap_or_default();
    let new = match NewPassword::parse(typed, server.settings.passwords.min_length) {
        Ok(new) => new,
        Err(reason) => return Ok(refuse(server, account, reason)),
    };
    if let Some(problem) = confirm::check(server, &account, params).await? {
        let problem = problem.text(&account.page);
        return Ok(answer(server, account, Some(PasswordProblem::Current(problem)), false));
    }
    let hash = match new.hash_for(server, &account.signed_in.user).await? {
        Ok(hash) => hash,
        Err(reason) => return Ok(refuse(server, account, reason)),
    };
    let user_id = account.signed_in.user.id;
    let sign_out_others = params.get("sign_out_others")?.is_some();
    let (session_id, session_epoch) = (account.signed_in.session.id, account.signed_in.user.session_epoch);
    let origin = Origin::of(call, &account.page);
    let changed = server
        .store
        .write(move |tx| {
            // An administrator may have set a password while this one was hashed.
            if !users::lock_in_epoch(tx, user_id, session_epoch)? {
                return Ok(false);
            }
            let Some(user) = users::find(tx, user_id)? else { return Ok(false) };
            accounts::change_password(tx, user_id, &hash, session_id, sign_out_others)?;
            origin.record(tx, &user, Kind::PasswordChanged)?;
            Ok(true)
        })
        .await?;
    if !changed {
        let problem = confirm::ConfirmProblem::Wrong.text(&account.page);
        return Ok(answer(server, account, Some(PasswordProblem::Current(problem)), false));
    }
    tracing::info!(user = %user_id, "password changed");
    Ok(answer(server, account, None, true))
}

fn refuse(server: &Server, account: AccountContext, reason: Unacceptable) -> HttpResponse {
    let problem = reason.text(account.page.locale);
    answer(server, account, Some(PasswordProblem::New(problem)), false)
}

fn answer(server: &Server, account: AccountContext, problem: Option<PasswordProblem>, changed: bool) -> HttpResponse {
    let page = PasswordPage {
        page: account.page,
        csrf: account.csrf,
        username: account.signed_in.user.username,
        min_characters: server.settings.passwords.min_length,
        problem,
        changed,
    };
    page.respond()
}

/// The password form.
#[derive(Template)]
#[template(path = "pages/account/password.html")]
pub struct PasswordPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The username, for password managers.
    pub username: String,
    /// Minimum length of a new password in characters.
    pub min_characters: usize,
    /// Why the password was not changed.
    pub problem: Option<PasswordProblem>,
    /// Whether the password was just changed.
    pub changed: bool,
}

/// Why a password was not changed, as text, by form field.
#[derive(Debug)]
pub enum PasswordProblem {
    /// The current password.
    Current(String),
    /// The new password.
    New(String),
}

impl PasswordPage {
    fn sentence(&self) -> Option<&str> {
        match self.problem.as_ref()? {
            PasswordProblem::Current(problem) | PasswordProblem::New(problem) => Some(problem),
        }
    }

    fn is_current_wrong(&self) -> bool {
        matches!(self.problem, Some(PasswordProblem::Current(_)))
    }

    fn is_new_wrong(&self) -> bool {
        matches!(self.problem, Some(PasswordProblem::New(_)))
    }
}

impl Page for PasswordPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
