//! `/admin/join`: makes the signed-in user an administrator, with a link of the command line.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use writ_core::Params;

use super::Place;
use crate::{
    administration::{Actor, administrators::links, groups::Refusal},
    fault::Stop,
    mail::link::{self, Purpose},
    server::Call,
    sessions::{self, SignedIn, csrf},
    store::{Id, Tx, administrator_links, sessions as stored},
    web::{
        error_page, form,
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "console-join";
const PATH: &str = "/admin/join";
/// The reason in the audit log.
const REASON: &str = "link of writ admin recover";

/// `GET /admin/join?token=…`. It uses nothing up.
pub async fn show(call: Call) -> HttpResponse {
    let shown = async {
        let params = call.query()?;
        let Some(signed_in) = sessions::current(&call.server, &call.request).await? else {
            return sign_in(&params);
        };
        present(&call, &signed_in, &params).await
    };
    shown.await.unwrap_or_else(|stop| error_page::refuse(call.page(None), ENDPOINT, stop))
}

/// `POST /admin/join`.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    let submitted = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let Some(signed_in) = sessions::current(&call.server, &call.request).await? else {
            return sign_in(&params);
        };
        let (session_id, token) = (signed_in.session.id.to_string(), link::token(&params)?);
        let key = &call.server.front.form_key;
        if !csrf::verify(key, ENDPOINT, &[&session_id, token], params.get("csrf")?.unwrap_or_default()) {
            return present(&call, &signed_in, &params).await;
        }
        let joined = match find(&call, &params)? {
            Some(id) => join(&call, &signed_in, id).await?,
            None => false,
        };
        Ok::<_, Stop>(match joined {
            true => see_other(Place::Overview.path()),
            false => page(&call, &signed_in, None).respond(),
        })
    };
    submitted.await.unwrap_or_else(|stop| error_page::refuse(call.page(None), ENDPOINT, stop))
}

/// The form, if the link holds for this user.
async fn present(call: &Call, signed_in: &SignedIn, params: &Params) -> Result<HttpResponse, Stop> {
    let user_id = signed_in.user.id;
    let holds = match find(call, params)? {
        Some(id) => call.server.store.read(move |tx| administrator_links::holds(tx, id, user_id)).await?,
        None => false,
    };
    let token = holds.then(|| link::token(params)).transpose()?.map(str::to_owned);
    Ok(page(call, signed_in, token).respond())
}

/// The sign-in page, which returns to the link.
fn sign_in(params: &Params) -> Result<HttpResponse, Stop> {
    let here = format!("{PATH}?token={}", link::token(params)?);
    let here = if is_own_path(&here) { &here } else { Place::Overview.path() };
    Ok(see_other(&format!("/login?return_to={here}")))
}

/// Whether it is the path of this page with the token of a link.
pub(super) fn is_own_path(path: &str) -> bool {
    let token = path.strip_prefix(PATH).and_then(|query| query.strip_prefix("?token="));
    token.is_some_and(|token| token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
}

fn find(call: &Call, params: &Params) -> Result<Option<Id>, Stop> {
    Ok(link::find(&call.server.front.form_key, Purpose::Administrator, link::token(params)?))
}

/// Uses the link. `false` if it holds no more, or the session has ended.
async fn join(call: &Call, signed_in: &SignedIn, id: Id) -> Result<bool, Stop> {
    let server = &call.server;
    let (session_id, user_id) = (signed_in.session.id, signed_in.user.id);
    let (network, key) = (call.network(), server.secrets.audit_key.clone());
    let settings = std::sync::Arc::clone(&server.settings);
    let unit = move |tx: &mut Tx<'_>| {
        if !stored::lock(tx, session_id)? {
            return Ok(Ok(false));
        }
        let Some((_, user)) = stored::find_live(tx, session_id)? else { return Ok(Ok(false)) };
        let actor = Actor::at_console(user_id, &network, REASON.to_owned(), key, &settings.console);
        links::join(tx, &actor, id, &user, &settings.console.group)
    };
    let joined: Result<bool, Refusal> = server.store.write(unit).await?;
    server.refresh().await?;
    joined.map_err(|refusal| writ_core::Error::invalid_request(refusal.to_string()).into())
}

fn page(call: &Call, signed_in: &SignedIn, token: Option<String>) -> JoinPage {
    let session_id = signed_in.session.id.to_string();
    let csrf = token.as_deref().map(|token| csrf::token(&call.server.front.form_key, ENDPOINT, &[&session_id, token]));
    JoinPage {
        page: PageContext { here: None, ..call.page(None) },
        username: signed_in.user.username.clone(),
        csrf: csrf.unwrap_or_default(),
        token,
    }
}

/// The page of the link.
#[derive(Template)]
#[template(path = "pages/console/join.html")]
pub struct JoinPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The username of the signed-in user.
    pub username: String,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The token of the link. `None` if it holds no more.
    pub token: Option<String>,
}

impl Page for JoinPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.token.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    }
}
