//! A pending authorization request. Until a user signs in, it is part of the pages' URLs, protected
//! by an HMAC. It becomes a row if it is too long for a URL, or before the user decides.

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};
use writ_core::{
    ClientMetadata, Error, Params,
    authorization::{AuthorizationRequest, request::encode},
    scopes::Offer,
    vocabulary::params::append_encoded,
};

use super::sealed;
use crate::{
    fault::{Fault, Stop},
    secret::{Handle, sha256},
    server::{Call, Server},
    store::{
        Id, pushed_requests,
        requests::{self, Answered, PendingRequest},
        sessions::Session,
        throttle::{Key, Limits, Rate},
    },
    web::{
        cookies::{self, Name},
        limits::of_strangers,
    },
};

/// Maximum length in bytes of a request within a form. Encoding may triple it, and the form has
/// other fields.
const CARRIED_AGAIN: usize = 3 * 1024;
/// Maximum length in bytes of a request within a URL. Proxies expect response headers of less than
/// 4 KiB.
const SEALED_LENGTH: usize = 1400;
/// How often a request of a signed-in user may become a row. An expired one is kept for an hour.
const OF_USER: Rate = Rate::new(300, 5);
/// The purpose of the seal.
const PURPOSE: &str = "pending request";
/// The prefix that distinguishes a sealed request from the handle of a row.
const SEALED: &str = "s.";

/// A pending request with its handle.
pub struct Pending {
    /// The text in URLs and forms.
    pub handle: String,
    /// The request. It is a row in the database if [`Pending::is_stored`].
    pub row: PendingRequest,
    /// The authorization parameters.
    pub params: Params,
}

/// A new pending request.
pub struct NewPending<'a> {
    /// The client.
    pub client_id: &'a str,
    /// The authorization parameters.
    pub params: &'a Params,
    /// The browser's current session.
    pub session: Option<&'a Session>,
    /// The pushed request, if it was pushed.
    pub pushed_id: Option<Id>,
    /// The cookie that binds it to the browser. `None` if a cross-site form withheld the cookie.
    pub browser: Option<&'a str>,
    /// Whether the parameters may appear in a URL. Those of a `request_uri` must not.
    pub may_travel: bool,
}

/// What remains of a request that was not found for this browser.
pub struct Left {
    /// The parameters to restart it, as far as they are known.
    pub params: Params,
    /// Whether it is still pending. Then the browser lacks the cookie that it is bound to.
    pub is_current: bool,
}

/// A request as encoded in a URL.
#[derive(Serialize, Deserialize)]
struct Sealed {
    id: Id,
    client_id: String,
    /// Empty if it was pushed.
    parameters: String,
    created_at: i64,
    expires_at: i64,
    pushed_id: Option<Id>,
    browser: Option<Vec<u8>>,
}

/// What is counted before a row is stored.
fn limits(call: &Call, session: Option<&Session>) -> Limits {
    match session {
        Some(session) => Limits::new(vec![(Key::new("pending of user", &session.user_id.to_string()), OF_USER)]),
        None => of_strangers(&call.server.settings.throttle, "pending", call.client_address()),
    }
}

impl Pending {
    /// Stores a request until the user has signed in and decided, and returns its handle.
    ///
    /// # Errors
    /// `invalid_request` if it is too long. `temporarily_unavailable` if the user, or callers
    /// without a session, have too many requests. [`Stop::Broken`] if the database fails.
    pub async fn store(call: &Call, new: NewPending<'_>) -> Result<String, Stop> {
        let server = &call.server;
        let parameters = encode(new.client_id, new.params)?;
        let browser = new.browser.map(sha256);
        let (now, handle) = (server.clock.now(), Handle::random());
        let expires_at = now + server.settings.sessions.request_lifetime;
        let (id, client_id, pushed_id) = (Id(handle.id), new.client_id.to_owned(), new.pushed_id);
        if new.session.is_none() && new.may_travel && (pushed_id.is_some() || parameters.len() <= SEALED_LENGTH) {
            let parameters = if pushed_id.is_some() { String::new() } else { parameters };
            let sealed = Sealed { id, client_id, parameters, created_at: now, expires_at, pushed_id, browser };
            return Ok(format!("{SEALED}{}", sealed::seal(PURPOSE, &sealed, &server.front.form_key)));
        }
        let limits = limits(call, new.session);
        let row = PendingRequest {
            id,
            secret_hash: handle.secret.hash().0.to_vec(),
            client_id,
            parameters,
            session_before: new.session.map(|session| session.id),
            decided_by: None,
            granted: None,
            duration: None,
            created_at: now,
            expires_at,
            pushed_id,
            browser,
            scope_ids: None,
        };
        let stored = server.store.decide(move |tx| {
            limits.admit_row(tx, requests::sweep)?;
            Ok(requests::insert(tx, &row)?)
        });
        stored.await?;
        Ok(handle.expose())
    }

    /// Turns this request into a row, before the user of `session` decides, and returns the handle.
    /// The row keeps the time and the session of its arrival. It is bound to `browser`, unless it
    /// is bound to one already.
    ///
    /// # Errors
    /// `temporarily_unavailable` if the user has too many requests. [`Stop::Broken`] if the
    /// database fails.
    pub async fn into_stored(self, call: &Call, session: &Session, browser: Option<&str>) -> Result<String, Stop> {
        if self.is_stored() {
            return Ok(self.handle);
        }
        let limits = limits(call, Some(session));
        let handle = Handle::random();
        let parameters =
            encode(&self.row.client_id, &self.params).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let secret_hash = handle.secret.hash().0.to_vec();
        let browser = self.row.browser.clone().or_else(|| browser.map(sha256));
        let row = PendingRequest { id: Id(handle.id), secret_hash, parameters, browser, ..self.row };
        let stored = call.server.store.decide(move |tx| {
            limits.admit_row(tx, requests::sweep)?;
            Ok(requests::insert(tx, &row)?)
        });
        stored.await?;
        Ok(handle.expose())
    }

    /// Whether it is a row and not part of the URL.
    pub fn is_stored(&self) -> bool {
        !self.handle.starts_with(SEALED)
    }

    /// The stored requests that its response uses up.
    pub fn answered(&self) -> Answered {
        Answered { pending: self.is_stored().then_some(self.row.id), pushed: self.row.pushed_id }
    }

    /// Finds the request with a handle, unless it has expired, was answered, or belongs to another
    /// browser.
    ///
    /// # Errors
    /// [`Fault`] if the database fails.
    pub async fn find(server: &Server, request: &HttpRequest, handle: &str) -> Result<Option<Self>, Fault> {
        let now = server.clock.now();
        let found = Self::find_even_expired(server, handle).await?.filter(|pending| pending.row.expires_at > now);
        Ok(found.filter(|pending| {
            let browser = cookies::read(request, Name::Browser, server.front.https);
            pending.row.browser.is_none() || pending.row.browser == browser.as_deref().map(sha256)
        }))
    }

    async fn find_even_expired(server: &Server, handle: &str) -> Result<Option<Self>, Fault> {
        let row = match handle.strip_prefix(SEALED) {
            Some(sealed) => Self::unseal(server, sealed).await?,
            None => Self::find_row(server, handle).await?,
        };
        let Some(row) = row else { return Ok(None) };
        let params = Params::parse(row.parameters.as_bytes()).map_err(|error| Fault::Corrupt(error.to_string()))?;
        Ok(Some(Self { handle: handle.to_owned(), row, params }))
    }

    async fn find_row(server: &Server, handle: &str) -> Result<Option<PendingRequest>, Fault> {
        let Some(parsed) = Handle::parse(handle) else { return Ok(None) };
        let row = server.store.read(move |tx| requests::find(tx, Id(parsed.id))).await?;
        Ok(row.filter(|row| parsed.secret.matches(&row.secret_hash)))
    }

    async fn unseal(server: &Server, sealed: &str) -> Result<Option<PendingRequest>, Fault> {
        let Some(sealed) = sealed::open::<Sealed>(PURPOSE, sealed, &server.front.form_key) else { return Ok(None) };
        let parameters = match sealed.pushed_id {
            None => Some(sealed.parameters),
            Some(id) => server.store.read(move |tx| pushed_requests::find_parameters(tx, id)).await?,
        };
        Ok(parameters.map(|parameters| PendingRequest {
            id: sealed.id,
            secret_hash: Vec::new(),
            client_id: sealed.client_id,
            parameters,
            session_before: None,
            decided_by: None,
            granted: None,
            duration: None,
            created_at: sealed.created_at,
            expires_at: sealed.expires_at,
            pushed_id: sealed.pushed_id,
            browser: sealed.browser,
            scope_ids: None,
        }))
    }

    /// The data with which a form can restart an expired request: the parameters, if they were in
    /// the browser's URL. Those of a pushed request never were, so they are left out, as are
    /// parameters that are too long. Then only the client is included.
    pub fn again(&self) -> String {
        Some(self.disclosed()).filter(|text| text.len() <= CARRIED_AGAIN).unwrap_or_else(|| self.client_alone())
    }

    fn disclosed(&self) -> String {
        if self.row.pushed_id.is_none() { self.row.parameters.clone() } else { self.client_alone() }
    }

    fn client_alone(&self) -> String {
        append_encoded(String::new(), [("client_id", &*self.row.client_id)])
    }

    /// What remains of a request that [`Pending::find`] did not find: what the server still stores,
    /// or what the form contains.
    ///
    /// # Errors
    /// [`Fault`] if the database fails.
    pub async fn left(server: &Server, params: &Params) -> Result<Left, Fault> {
        let text = |name| params.get(name).ok().flatten();
        let known = match text("request") {
            Some(handle) => Self::find_even_expired(server, handle).await?,
            None => None,
        };
        let is_current = known.as_ref().is_some_and(|pending| pending.row.expires_at > server.clock.now());
        let again = known.map(|pending| pending.disclosed()).or_else(|| text("again").map(str::to_owned));
        let params = Params::parse(again.unwrap_or_default().as_bytes()).unwrap_or_default();
        Ok(Left { params, is_current })
    }

    /// Parses the parameters.
    ///
    /// # Errors
    /// The authorization error, if the client or the scopes have changed since it was stored.
    pub fn request(&self, client: &ClientMetadata, offer: &Offer) -> Result<AuthorizationRequest, Error> {
        AuthorizationRequest::parse(&self.params, client, offer)
    }

    /// The requested languages, best first.
    pub fn ui_locales(&self) -> Option<&str> {
        self.text("ui_locales")
    }

    /// The `login_hint`, or an empty string.
    pub fn login_hint(&self) -> &str {
        self.text("login_hint").unwrap_or_default()
    }

    /// The id of the provider at which the client wants the user to sign in, or an empty string.
    /// Stock clients have a setting for the second name.
    pub fn provider_hint(&self) -> &str {
        self.text("idp_hint").or_else(|| self.text("kc_idp_hint")).unwrap_or_default()
    }

    /// The redirect URI, if the request has one. It was validated when the request arrived.
    pub fn redirect_uri(&self) -> Option<&str> {
        self.text("redirect_uri")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).ok().flatten()
    }

    /// The path at which the flow decides about the next step.
    pub fn resume_path(handle: &str) -> String {
        format!("/authorize/resume?request={handle}")
    }
}
