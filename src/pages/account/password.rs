//! `/account/password`: a new password; the other browsers are signed out if asked.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use zeroize::Zeroizing;

use super::{Visit, confirm};
use writ_core::Params;

use crate::{
    fault::{Fault, Stop},
    password::{HashError, MAX_LENGTH},
    server::Server,
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
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    super::show(&server, &request, HERE, async |visit| Ok(answer(&server, visit, None, false))).await
}

/// `POST /account/password`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: form::Body) -> HttpResponse {
    super::submit(&server, &request, &body, HERE, async |visit, params| change(&server, visit, &params).await).await
}

async fn change(server: &Server, visit: Visit, params: &Params) -> Result<HttpResponse, Stop> {
    let new = Zeroizing::new(params.get("new_password")?.unwrap_or_default().to_owned());
    let min_characters = server.settings.passwords.min_length;
    if new.chars().count() < min_characters || new.len() > MAX_LENGTH {
        let problem = visit.page.text_with("password-too-short", &[("count", min_characters)]);
        return Ok(answer(server, visit, Some(problem), false));
    }
    if let Some(problem) = confirm::check(server, &visit, params).await? {
        let problem = problem.text(&visit.page);
        return Ok(answer(server, visit, Some(problem), false));
    }
    // Counted although the password is right: how strong the new one is takes long to judge.
    let user_id = visit.signed_in.user.id;
    if let Some(retry_after_seconds) = sessions::confirm::count_change(server, user_id).await? {
        let problem = confirm::ConfirmProblem::Throttled { retry_after_seconds }.text(&visit.page);
        return Ok(answer(server, visit, Some(problem), false));
    }
    let own = visit.signed_in.user.own_words()?;
    if let Some(weakness) = server.passwords.judge(new.clone(), own).await.map_err(fault)? {
        let problem = visit.page.text(weakness.text_key());
        return Ok(answer(server, visit, Some(problem), false));
    }
    let hash = server.passwords.hash(new).await.map_err(fault)?;
    let sign_out_others = params.get("sign_out_others")?.is_some();
    let (session_id, session_epoch) = (visit.signed_in.session.id, visit.signed_in.user.session_epoch);
    let network = visit.network.clone();
    let changed = server
        .store
        .write(move |tx| {
            // An administrator may have set another one while this one was hashed.
            if !users::lock_in_epoch(tx, user_id, session_epoch)? {
                return Ok(false);
            }
            accounts::change_password(tx, user_id, &hash, session_id, sign_out_others)?;
            security_events::record(tx, user_id, Kind::PasswordChanged, None, &network)?;
            Ok(true)
        })
        .await?;
    if !changed {
        let problem = confirm::ConfirmProblem::Wrong.text(&visit.page);
        return Ok(answer(server, visit, Some(problem), false));
    }
    tracing::info!(user = %user_id, "password changed");
    Ok(answer(server, visit, None, true))
}

fn fault(error: HashError) -> Fault {
    match error {
        HashError::Busy => Fault::Busy,
        HashError::Failed => Fault::Panicked(error.to_string()),
    }
}

fn answer(server: &Server, visit: Visit, problem: Option<String>, changed: bool) -> HttpResponse {
    let page = PasswordPage {
        page: visit.page,
        csrf: visit.csrf,
        username: visit.signed_in.user.username,
        min_characters: server.settings.passwords.min_length,
        problem,
        changed,
    };
    page.respond()
}

/// The form for a new password.
#[derive(Template)]
#[template(path = "pages/account/password.html")]
pub struct PasswordPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The form's token.
    pub csrf: String,
    /// Whose password; for password managers.
    pub username: String,
    /// The fewest characters of a new one.
    pub min_characters: usize,
    /// Why it was not changed, in words.
    pub problem: Option<String>,
    /// Whether it was just changed.
    pub changed: bool,
}

impl Page for PasswordPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
