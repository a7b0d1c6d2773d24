//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device polls until
//! the user has decided. The rule is `writ_core::token::device_code`.

use writ_core::{
    Params, ScopeSet,
    grants::{Grant, GrantState, Live},
    scopes::ScopeIds,
    token::{
        device_code::{DeviceFacts, Poll, invalid, pending, poll, slow_down},
        refresh_token::Family,
    },
    vocabulary::{claims_request::ClaimsRequest, duration::GrantDuration},
};

use super::issuing::Issuing;
use crate::{
    clients::AuthenticatedClient,
    fault::{Fault, Stop},
    secret::Handle,
    server::Server,
    store::{
        Id, Tx,
        device_requests::{self, DeviceRequest},
        grants, registrations,
        users::{self, User},
    },
    tokens::{Authorization, Subject},
};

/// Redeems a device code, if the user has granted the request.
///
/// # Errors
/// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`,
/// `invalid_scope`, `invalid_target` or `invalid_request`, or a [`Fault`] of the store.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    let device_code = Handle::parse(params.require("device_code")?).ok_or_else(|| invalid("it is malformed"))?;
    let issuing = Issuing::new(server, client.into_inner(), network);
    let resource = issuing.requested_resource(params)?;
    let client = issuing.client.clone();
    let (id, secret_hash, client_id) = (Id(device_code.id), device_code.secret.hash(), client.id.clone());
    let poll_pending = move |tx: &mut Tx<'_>| Ok(device_requests::poll_pending(tx, id, &secret_hash.0, &client_id)?);
    if server.store.decide_by_statement(poll_pending).await? {
        return Err(pending().into());
    }
    let (user, grant, issued) =
        server.store.decide(move |tx| redeem_once(tx, &device_code, resource.as_deref(), &issuing)).await?;
    Ok(Authorization {
        refresh_generation: match &grant.state {
            GrantState::Live(live) => live.family.map(|family| family.generation),
            GrantState::CodeIssued(_) | GrantState::Revoked => None,
        },
        subject: Subject::User(Box::new((user, grant))),
        scope: issued.scope,
        resource: issued.resource,
        nonce: None,
        client,
    })
}

/// The scope and resource server of the first access token.
struct Issued {
    scope: ScopeSet,
    resource: String,
}

/// A refusal commits the unit of work, because each poll is counted.
fn redeem_once(
    tx: &mut Tx<'_>,
    device_code: &Handle,
    resource: Option<&str>,
    issuing: &Issuing,
) -> Result<(User, Grant, Issued), Stop> {
    let row = device_requests::find(tx, Id(device_code.id))?
        .filter(|row| device_code.secret.matches(&row.secret_hash))
        .ok_or_else(|| invalid("no such device code, or it was redeemed or revoked"))?;
    let granted = row.granted.as_deref().map(ScopeSet::from_stored);
    let facts = DeviceFacts {
        client_id: &row.client_id,
        expires_at: row.expires_at,
        interval: row.poll_seconds,
        next_poll_at: row.next_poll_at,
        granted: granted.as_ref(),
    };
    match (poll(&facts, &issuing.client.id, tx.now), granted) {
        (Poll::Refuse(error), _) => Err(error.into()),
        (Poll::Wait { interval, error }, _) => {
            let counted = device_requests::poll(tx, &row, interval)?;
            Err(if counted { error } else { slow_down() }.into())
        }
        (Poll::Denied(error), _) => {
            device_requests::consume(tx, row.id)?;
            Err(error.into())
        }
        (Poll::Granted, Some(granted)) => grant(tx, &row, granted, resource, issuing),
        (Poll::Granted, None) => Err(Fault::Corrupt(format!("device request {} has no decision", row.id)).into()),
    }
}

/// Turns the decision into a grant, once. It locks the user first, as a revocation does, so that
/// one of the two sees the other.
fn grant(
    tx: &mut Tx<'_>,
    row: &DeviceRequest,
    granted: ScopeSet,
    resource: Option<&str>,
    issuing: &Issuing,
) -> Result<(User, Grant, Issued), Stop> {
    let (Some(user_id), Some(sid), Some(auth_time)) = (row.user_id, row.session_id, row.auth_time) else {
        return Err(Fault::Corrupt(format!("device request {} was granted without a user", row.id)).into());
    };
    users::lock(tx, user_id)?;
    // A concurrent revocation narrows the row or deletes it.
    let granted_now = device_requests::find(tx, row.id)?.and_then(|row| row.granted);
    let granted = granted.intersect(&ScopeSet::from_stored(&granted_now.unwrap_or_default()));
    let user = users::find(tx, user_id)?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(|| invalid(format!("the account {user_id} is disabled")))?;
    if granted.is_empty() {
        return Err(invalid("the user took back what was granted").into());
    }
    let duration: GrantDuration = row.duration.as_deref().and_then(|word| word.parse().ok()).unwrap_or_default();
    let ends_at = duration.ends_at(tx.now);
    let own_sid = Id::now_v7();
    let grant = Grant {
        id: Id::now_v7().0,
        user_id: user_id.0,
        asserted_by: None,
        client_id: row.client_id.clone(),
        sid: sid.0,
        bound_to: Some(own_sid.0),
        resources: issuing.resources(&granted, &row.audience)?,
        claims: ClaimsRequest::default(),
        auth_time,
        evidence: row.evidence(auth_time),
        created_at: tx.now,
        ends_at,
        expires_at: issuing.expiry(tx.now, ends_at, tx.now),
        state: GrantState::Live(Live {
            code: None,
            family: issuing.metadata().refreshes(&granted).then_some(Family::FIRST),
            last_used_at: tx.now,
            last_used_network: issuing.network.clone(),
        }),
        scope_ids: ScopeIds::from_stored(row.scope_ids.as_deref()),
        scope: granted,
    };
    let resource = grant.resource(resource)?.to_owned();
    let issued = Issued { scope: issuing.scope(&issuing.in_force(&grant, &user)?, &resource)?, resource };
    if !device_requests::consume(tx, row.id)? {
        return Err(invalid("it was redeemed already").into());
    }
    registrations::touch(tx, &grant.client_id)?;
    issuing.begin_own_session(tx, &grant, own_sid)?;
    grants::insert(tx, &grant)?;
    Ok((user, grant, issued))
}
