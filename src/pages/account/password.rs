//! `/account/password`: changes the password and, if requested, signs out the other browsers.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use zeroize::Zeroizing;

use super::{AccountContext, confirm};
use writ_core::Params;

use crate::{
    fault::{Fault, Stop},
    password::MAX_LENGTH,
    server::{Call, Server},
    sessions,
    store::{
        accounts,
        security_events::{self, Kind},
        users,
    },
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
    super::submit(&call, &body, HERE, async |account, params| change(&call.server, account, &params).await).await
}

async fn change(server: &Server, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let new = Zeroizing::new(params.get("new_password")?.unwrap_or_default().to_owned());
    let min_characters = server.settings.passwords.min_length;
    if new.chars().count() < min_characters || new.len() > MAX_LENGTH {
        let problem = account.page.text_with("password-too-short", &[("count", min_characters)]);
        return Ok(answer(server, account, Some(PasswordProblem::New(problem)), false));
    }
    if let Some(problem) = confirm::check(server, &account, params).await? {
        let problem = problem.text(&account.page);
        return Ok(answer(server, account, Some(PasswordProblem::Current(problem)), false));
    }
    // Counted even with the right password, because estimating the strength of the new one is
    // expensive.
    let user_id = account.signed_in.user.id;
    if let Some(retry_after_seconds) = sessions::confirm::count_change(server, user_id).await? {
        let problem = confirm::ConfirmProblem::Throttled { retry_after_seconds }.text(&account.page);
        return Ok(answer(server, account, Some(PasswordProblem::Current(problem)), false));
    }
    let own = account.signed_in.user.own_words()?;
    if let Some(weakness) = server.passwords.judge(new.clone(), own).await.map_err(Fault::from)? {
        let problem = account.page.text(weakness.text_key());
        return Ok(answer(server, account, Some(PasswordProblem::New(problem)), false));
    }
    let hash = server.passwords.hash(new).await.map_err(Fault::from)?;
    let sign_out_others = params.get("sign_out_others")?.is_some();
    let (session_id, session_epoch) = (account.signed_in.session.id, account.signed_in.user.session_epoch);
    let network = account.network.clone();
    let changed = server
        .store
        .write(move |tx| {
            // An administrator may have set a password while this one was hashed.
            if !users::lock_in_epoch(tx, user_id, session_epoch)? {
                return Ok(false);
            }
            accounts::change_password(tx, user_id, &hash, session_id, sign_out_others)?;
            security_events::record(tx, user_id, Kind::PasswordChanged, None, &network)?;
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
