//! `/account/password`: changes the password and, if requested, signs out the other browsers. A
//! user with a passkey can remove it, and one without a password chooses one.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{AccountContext, confirm};
use writ_core::{Params, account::Way};

use crate::{
    fault::Stop,
    server::{Call, Server},
    sessions::{
        factors::{Accepted, Factors, lock_proven, ways_in},
        new_password::{NewPassword, Unacceptable},
        origin::Origin,
    },
    store::{Tx, accounts, notices::Kind, users},
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
    super::show(&call, HERE, async |account| match super::unproven_beside_password(&call, &account, HERE).await? {
        Some(response) => Ok(response),
        None => answer(&call.server, account, None, false).await,
    })
    .await
}

/// `POST /account/password`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, HERE, async |account, params| {
        match super::unproven_beside_password(&call, &account, HERE).await? {
            Some(response) => Ok(response),
            None => change(&call, account, &params).await,
        }
    })
    .await
}

/// `POST /account/password/remove`.
pub async fn submit_removal(call: Call, body: form::Body) -> HttpResponse {
    super::submit_proven(&call, &body, HERE, async |account, _| {
        if !account.signed_in.session.evidence().has_passkey() || call.server.webauthn.is_none() {
            return Ok(see_other(&confirm::path(HERE)));
        }
        let (user_id, session_id) = (account.signed_in.user.id, account.signed_in.session.id);
        let (accepted, origin) = (Accepted::of(&call.server), Origin::of(&call, &account.page));
        let unit = move |tx: &mut Tx<'_>| {
            let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(false) };
            if !ways_in(tx, &accepted, &user)?.remain_without(Way::Password) {
                return Ok(false);
            }
            accounts::remove_password(tx, user_id, session_id)?;
            origin.record(tx, &user, Kind::PasswordRemoved)?;
            Ok(true)
        };
        if call.server.store.write(unit).await? {
            tracing::info!(user = %user_id, "password removed");
        }
        Ok(see_other("/account"))
    })
    .await
}

async fn change(call: &Call, account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let typed = params.get("new_password")?.unwrap_or_default();
    let new = match NewPassword::parse(typed, server.settings.passwords.min_length) {
        Ok(new) => new,
        Err(reason) => return refuse(server, account, reason).await,
    };
    if account.signed_in.user.password_hash.is_some()
        && let Some(problem) = confirm::check(server, &account, params).await?
    {
        let problem = problem.text(&account.page);
        return answer(server, account, Some(PasswordProblem::Current(problem)), false).await;
    }
    let hash = match new.hash_for(server, &account.signed_in.user).await? {
        Ok(hash) => hash,
        Err(reason) => return refuse(server, account, reason).await,
    };
    let user_id = account.signed_in.user.id;
    let sign_out_others = params.get("sign_out_others")?.is_some();
    let (session_id, session_epoch) = (account.signed_in.session.id, account.signed_in.user.session_epoch);
    let (accepted, origin) = (Accepted::of(server), Origin::of(call, &account.page));
    let changed = server
        .store
        .write(move |tx| {
            // While the new one was hashed, an administrator may have set a password, or the user
            // has ended this session or added a factor.
            let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(false) };
            if !users::lock_in_epoch(tx, user_id, session_epoch)? {
                return Ok(false);
            }
            accounts::change_password(tx, user_id, &hash, session_id, sign_out_others)?;
            origin.record(tx, &user, Kind::PasswordChanged)?;
            Ok(true)
        })
        .await?;
    if !changed {
        // The page asks for what the session lacks by now.
        return Ok(see_other(HERE));
    }
    tracing::info!(user = %user_id, "password changed");
    answer(server, account, None, true).await
}

async fn refuse(server: &Server, account: AccountContext, reason: Unacceptable) -> Result<HttpResponse, Stop> {
    let problem = reason.text(account.page.locale);
    answer(server, account, Some(PasswordProblem::New(problem)), false).await
}

async fn answer(
    server: &Server,
    account: AccountContext,
    problem: Option<PasswordProblem>,
    changed: bool,
) -> Result<HttpResponse, Stop> {
    let has_password = changed || account.signed_in.user.password_hash.is_some();
    let factors = Factors::of(server, account.signed_in.user.id).await?;
    let page = PasswordPage {
        page: account.page,
        csrf: account.csrf,
        username: account.signed_in.user.username,
        min_characters: server.settings.passwords.min_length,
        problem,
        changed,
        has_password,
        is_removable: has_password && !factors.passkeys.is_empty(),
    };
    Ok(page.respond())
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
    /// Whether the user has a password.
    pub has_password: bool,
    /// Whether the user can sign in without it.
    pub is_removable: bool,
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
    fn heading(&self) -> &'static str {
        if self.has_password { "password-heading" } else { "password-choose" }
    }

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
