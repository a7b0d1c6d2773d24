//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device asks until a person has answered.

use super::grant_expiry;
use writ_core::{Cause, Error, ErrorCode, Params, ScopeSet};

use crate::{
    clients::AuthenticatedClient,
    config::TokensSettings,
    fault::{Fault, Stop},
    secret::{Handle, Secret},
    server::Server,
    store::{
        Id, Tx,
        device_requests::{self, DeviceRequest},
        grants::{self, Grant},
        registrations, users,
    },
    tokens::{Authorization, Subject},
};

/// By how many seconds the pause grows when a device polls too soon (RFC 8628 §3.5).
const SLOW_DOWN: i64 = 5;

/// Fetches the person's answer.
///
/// # Errors
/// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant` or `invalid_request`; the store's faults.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    let device_code =
        Handle::parse(params.require("device_code")?).ok_or_else(|| invalid("it is not one of ours by its form"))?;
    let client = client.into_inner();
    let (client_id, tokens) = (client.id.clone(), server.settings.tokens.clone());
    let (row, granted) = server.store.write(move |tx| poll(tx, &client_id, &device_code)).await??;
    let refreshes = client.metadata.refreshes(&granted);
    // An answered request is nobody's to change any more: what its audience is can be looked up between the two.
    let resource = Some(row.audience.as_str()).filter(|audience| !audience.is_empty());
    let audience = server.snapshot().scopes.audience(&granted, resource)?;
    let issued = Issued { audience, refreshes, network };
    let grant = server.store.write(move |tx| redeem_once(tx, &row, &granted, issued, &tokens)).await??;
    Ok(Authorization {
        subject: Subject::of(&grant)?,
        scope: grant.scope(),
        audience: grant.audience,
        nonce: None,
        refresh_generation: refreshes.then_some(1),
        client,
    })
}

/// The request with what was granted, or why the device has nothing to fetch yet. RefusalLog commit: each poll is counted.
fn poll(
    tx: &mut Tx<'_>,
    client_id: &str,
    device_code: &Handle,
) -> Result<Result<(DeviceRequest, ScopeSet), Error>, Fault> {
    let row = device_requests::find(tx, Id(device_code.id))?;
    let Some(row) = row.filter(|row| device_code.secret.matches(&row.secret_hash)) else {
        return Ok(Err(invalid("no such device code, or its answer was fetched")));
    };
    if row.client_id != client_id {
        return Ok(Err(invalid(&format!("client {client_id} presented a code of client {}", row.client_id))));
    }
    if row.expires_at <= tx.now {
        return Ok(Err(Error::new(ErrorCode::ExpiredToken, "the device code has expired: ask for another")
            .because(format!("{} s ago", tx.now - row.expires_at))));
    }
    let too_soon = tx.now < row.next_poll_at;
    let poll_seconds = if too_soon { row.poll_seconds + SLOW_DOWN } else { row.poll_seconds };
    if !device_requests::poll(tx, &row, poll_seconds)? || too_soon {
        return Ok(Err(Error::new(ErrorCode::SlowDown, "wait five seconds longer between two requests")));
    }
    let Some(granted) = row.granted.as_deref().map(ScopeSet::from_stored) else {
        return Ok(Err(Error::new(ErrorCode::AuthorizationPending, "nobody has answered yet")));
    };
    if granted.is_empty() {
        device_requests::consume(tx, row.id)?;
        return Ok(Err(Error::new(ErrorCode::AccessDenied, "the person did not allow it")));
    }
    Ok(Ok((row, granted)))
}

/// What the grant is for besides its scope.
struct Issued {
    audience: String,
    refreshes: bool,
    /// From where the device fetched it.
    network: String,
}

/// The unit of work that turns the answer into a grant, once.
fn redeem_once(
    tx: &mut Tx<'_>,
    row: &DeviceRequest,
    granted: &ScopeSet,
    issued: Issued,
    tokens: &TokensSettings,
) -> Result<Result<Grant, Error>, Fault> {
    let (Some(user_id), Some(session_id), Some(auth_time)) = (row.user_id, row.session_id, row.auth_time) else {
        return Err(Fault::Corrupt(format!("device request {} was granted by nobody", row.id)));
    };
    if !device_requests::consume(tx, row.id)? {
        return Ok(Err(invalid("its answer was fetched already")));
    }
    if users::find(tx, user_id)?.is_none_or(|user| user.disabled_at.is_some()) {
        return Ok(Err(invalid(&format!("the account {user_id} is disabled"))));
    }
    let expires_at = grant_expiry(tokens, tx.now, None, tx.now);
    let grant = Grant {
        id: Id::now_v7(),
        user_id,
        client_id: row.client_id.clone(),
        session_id,
        scope: granted.to_string(),
        audience: issued.audience,
        auth_time,
        created_at: tx.now,
        // There is no authorization code: the hash of a secret that nobody has.
        code_hash: Secret::random().hash().0.to_vec(),
        code_expires_at: tx.now,
        redirect_uri: None,
        code_challenge: None,
        nonce: None,
        claims: None,
        redeemed_at: Some(tx.now),
        last_used_at: tx.now,
        expires_at,
        ends_at: None,
        revoked_at: None,
        generation: i32::from(issued.refreshes),
        predecessor: 0,
        rotated_at: 0,
        replays: 0,
        last_used_network: issued.network,
    };
    registrations::touch(tx, &grant.client_id)?;
    grants::insert(tx, &grant)?;
    Ok(Ok(grant))
}

fn invalid(detail: &str) -> Error {
    Error::new(Cause::DeviceCodeInvalid, "the device code is not valid").because(detail)
}
