//! Who may administer: a client that an operator registered, with an access token for this API. It
//! acts for itself, or for an administrator who allowed it at a device.

use actix_web::{
    HttpResponse,
    http::header::{HeaderValue, WWW_AUTHENTICATE},
};
use writ_core::{
    Cause, Error,
    groups::check_client,
    token::{access_token::AccessTokenClaims, administration},
    vocabulary::administration_scope::AdministrationScope,
};

use super::{ENDPOINT, once::Once, problem, reply::Reply};
use crate::{
    administration::{Actor, administrators::is_administrator},
    fault::Stop,
    server::{Call, Server},
    store::{
        Id, Tx,
        clients::{self, Origin},
        grants, groups, revoked_access_tokens, users,
    },
    tokens::access_token,
    web::{bearer_error, form::Body},
};

/// The header with the reason of a change, for the audit log.
const REASON: &str = "writ-reason";
/// Maximum length of a reason, in bytes.
const LONGEST_REASON: usize = 500;

/// The right to an operation. Only the check of an access token makes one.
#[derive(Clone)]
pub(super) struct Authority {
    claims: AccessTokenClaims,
    audience: String,
    needed: AdministrationScope,
    /// The group of administrators.
    administrators: String,
    actor: Actor,
    once: Option<Once>,
}

/// Runs an operation that needs a scope, for the bearer of an access token that has it.
pub(super) async fn administer(
    call: &Call,
    needed: AdministrationScope,
    operation: impl AsyncFnOnce(Authority) -> Result<Reply, Stop>,
) -> HttpResponse {
    run(call, needed, None, operation).await
}

/// As [`administer`], for a POST. A request with an `Idempotency-Key` that was made before gets its
/// first response.
pub(super) async fn administer_once(
    call: &Call,
    needed: AdministrationScope,
    body: &Body,
    operation: impl AsyncFnOnce(Authority) -> Result<Reply, Stop>,
) -> HttpResponse {
    run(call, needed, Some(body), operation).await
}

async fn run(
    call: &Call,
    needed: AdministrationScope,
    body: Option<&Body>,
    operation: impl AsyncFnOnce(Authority) -> Result<Reply, Stop>,
) -> HttpResponse {
    let scope = needed.as_str();
    let token = match bearer_error::token(&call.request) {
        Ok(Some(token)) => token,
        Ok(None) => return bearer_error::no_token(),
        Err(error) => {
            let mut response = problem::respond(call, error.into(), scope);
            let challenge = HeaderValue::from_static("Bearer realm=\"writ\", error=\"invalid_request\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return response;
        }
    };
    let result = match Authority::check(call, &token, needed).await {
        Ok(authority) => {
            let client_id = authority.claims.client_id.clone();
            repeat_or_run(call, authority, body, operation).await.map_err(|failure| failure.of(&client_id))
        }
        Err(failure) => Err(failure),
    };
    match result {
        Ok(reply) => reply.into_response(&call.server),
        Err(failure) => problem::respond(call, failure, scope),
    }
}

async fn repeat_or_run(
    call: &Call,
    authority: Authority,
    body: Option<&Body>,
    operation: impl AsyncFnOnce(Authority) -> Result<Reply, Stop>,
) -> Result<Reply, Stop> {
    let Some(body) = body else { return operation(authority).await };
    let once = Once::of(call, authority.client_id(), &authority.claims.sub, body)?;
    if let Some(once) = &once
        && let Some(first) = once.first_response(&call.server.store).await?
    {
        return Ok(first);
    }
    operation(Authority { once, ..authority }).await
}

impl Authority {
    async fn check(call: &Call, token: &str, needed: AdministrationScope) -> Result<Self, Stop> {
        let server = &call.server;
        let snapshot = server.snapshot();
        let claims = access_token::parse(&snapshot.keys, token, server.clock.now())?;
        let audience = snapshot.scopes.administration().unwrap_or_default().to_owned();
        drop(snapshot);
        let client_id = claims.client_id.clone();
        let active = access_token::find_active(server, claims).await.map_err(|failure| failure.of(&client_id))?;
        check_age(&active.claims, active.client.created_at).map_err(|error| error.of(&client_id))?;
        let by_operator = active.client.origin == Origin::Administrator;
        administration::check_token(&active.claims, &audience, &active.scope, by_operator, needed)
            .map_err(|error| error.of(&client_id))?;
        let key = server.secrets.audit_key.clone();
        let user = active.grant.as_ref().map(|grant| grant.user.id);
        let actor = Actor::at_api(&client_id, user, &call.network(), reason(call)?, key, &server.settings.console);
        let administrators = server.settings.console.group.clone();
        Ok(Self { claims: active.claims, audience, needed, administrators, actor, once: None })
    }

    /// Makes a change in one unit of work, which looks again at what could have been taken back
    /// since the token was checked. This node applies the change at once.
    ///
    /// # Errors
    /// The refusal of the change, `invalid_token` or `insufficient_scope`. A fault of the store.
    pub(super) async fn change<T, F>(&self, server: &Server, change: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<T, Stop> + Clone + Send + 'static,
    {
        let own = self.clone();
        let changed = server
            .store
            .decide(move |tx| {
                own.confirm(tx)?;
                change(tx, &own.actor)
            })
            .await?;
        if let Err(fault) = server.refresh().await {
            tracing::warn!(endpoint = ENDPOINT, %fault, "this node applies the change later");
        }
        Ok(changed)
    }

    /// As [`change`](Self::change), for a POST: if it has an `Idempotency-Key`, its response is
    /// stored with the change.
    ///
    /// # Errors
    /// As for [`change`](Self::change), or [`Cause::IdempotencyKeyBusy`].
    pub(super) async fn change_once<F>(&self, server: &Server, change: F) -> Result<Reply, Stop>
    where
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<Reply, Stop> + Clone + Send + 'static,
    {
        self.change_in_parts(server, change, |reply| Some(reply.clone())).await
    }

    /// As [`change_once`](Self::change_once), for a part of a change. `reply` is the response after
    /// the last part.
    ///
    /// # Errors
    /// As for [`change_once`](Self::change_once).
    pub(super) async fn change_in_parts<T, F, R>(&self, server: &Server, change: F, reply: R) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<T, Stop> + Clone + Send + 'static,
        R: FnOnce(&T) -> Option<Reply> + Clone + Send + 'static,
    {
        let once = self.once.clone();
        self.change(server, move |tx, actor| match once {
            Some(once) => once.make(tx, |tx| change(tx, actor), reply),
            None => change(tx, actor),
        })
        .await
    }

    /// The client, whose share of the password queue a new user takes.
    pub(super) fn client_id(&self) -> &str {
        &self.claims.client_id
    }

    fn confirm(&self, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let Self { claims, audience, needed, .. } = self;
        let revoked =
            |reason: &str| Error::new(Cause::AccessTokenRevoked, "the access token was revoked").because(reason);
        if revoked_access_tokens::contains(tx, &claims.jti)? {
            return Err(revoked("it was revoked during the request").into());
        }
        let client = clients::find(tx, &claims.client_id)?.ok_or_else(|| revoked("its client was deleted"))?;
        check_age(claims, client.created_at)?;
        client.check_enabled().map_err(|_| revoked("its client is disabled"))?;
        let mut scope = claims.scope.intersect(&client.metadata.scope);
        if let Some(grant_id) = claims.grant_id {
            let find = |tx: &mut Tx<'_>| {
                let found = grants::find_of_token(tx, Id(grant_id), &claims.jti)?;
                found.ok_or_else(|| Stop::from(revoked("its grant ended during the request")))
            };
            // What is taken back from the user waits for this unit of work, or is visible here.
            let user_id = find(tx)?.user.id;
            users::lock(tx, user_id)?;
            let found = find(tx)?;
            if !is_administrator(&groups::list(tx)?, &self.administrators, &found.user) {
                return Err(revoked("its user is no administrator any more").into());
            }
            check_client(client.open_to.as_ref(), &found.user.groups())
                .map_err(|_| revoked("its client is not open to its user any more"))?;
            scope = scope.intersect(&found.scope);
        }
        let by_operator = client.origin == Origin::Administrator;
        Ok(administration::check_token(claims, audience, &scope, by_operator, *needed)?)
    }
}

/// A token from before its client was deleted and registered again under the same name is void.
fn check_age(claims: &AccessTokenClaims, registered_at: i64) -> Result<(), Error> {
    if claims.iat >= registered_at {
        return Ok(());
    }
    let description = "the access token was revoked";
    Err(Error::new(Cause::AccessTokenRevoked, description).because("its client was registered again since"))
}

/// The reason that the caller gives. Empty if there is none.
fn reason(call: &Call) -> Result<String, Error> {
    let Some(value) = call.request.headers().get(REASON) else { return Ok(String::new()) };
    let reason = std::str::from_utf8(value.as_bytes()).ok().map(str::trim);
    let is_reason = |reason: &&str| reason.len() <= LONGEST_REASON && !reason.contains(char::is_control);
    reason
        .filter(is_reason)
        .map(str::to_owned)
        .ok_or_else(|| Error::invalid_request(format!("Writ-Reason must be at most {LONGEST_REASON} bytes of UTF-8")))
}
