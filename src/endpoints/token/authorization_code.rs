//! `grant_type=authorization_code` (RFC 6749 §4.1.3). One redemption wins, and a replay revokes its
//! tokens. The rule is `writ_core::token::authorization_code`.

use writ_core::{
    Cause, Error, Params, ScopeSet,
    grants::{Binding, Grant, GrantState, binding},
    token::{
        authorization_code::{Decision, Presented, decide},
        refresh_token::Family,
    },
};

use super::{end_replayed, issuing::Issuing};
use crate::{
    clients::AuthenticatedClient,
    fault::{Fault, Stop},
    secret::Handle,
    server::Server,
    store::{
        Id, Tx,
        grants::{self, FoundGrant},
        users,
    },
    tokens::{Authorization, Subject},
};

/// The result of presenting a code.
enum Outcome {
    Redeemed(Box<Redeemed>),
    Replayed(Box<Grant>, Error),
}

struct Redeemed {
    found: FoundGrant,
    resource: String,
    scope: ScopeSet,
    family: Option<Family>,
}

/// Redeems a code.
///
/// # Errors
/// `invalid_request`, `invalid_grant`, `invalid_scope` or `invalid_target`, or a [`Fault`] of the
/// store.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    let code = Handle::parse(params.require("code")?)
        .ok_or_else(|| Error::new(Cause::CodeInvalid, "the code is not valid").because("it is malformed"))?;
    let issuing = Issuing::new(server, client.into_inner(), network.clone());
    let client = issuing.client.clone();
    let presented = Presented {
        client_id: client.id.clone(),
        secret_hash: code.secret.hash().0,
        redirect_uri: params.get("redirect_uri")?.map(str::to_owned),
        code_verifier: params.get("code_verifier")?.map(str::to_owned),
        resource: issuing.requested_resource(params)?,
    };
    // Only a native app needs a second row, for its own session.
    let several_rows = issuing.begins_session();
    let unit = move |tx: &mut Tx<'_>| redeem_once(tx, Id(code.id), &presented, &issuing);
    let outcome =
        if several_rows { server.store.decide(unit).await? } else { server.store.decide_by_statement(unit).await? };
    match outcome {
        Outcome::Replayed(grant, error) => {
            end_replayed(server, *grant, network).await?;
            Err(error.into())
        }
        Outcome::Redeemed(redeemed) => {
            let Redeemed { found, resource, scope, family } = *redeemed;
            let nonce = match &found.grant.state {
                GrantState::CodeIssued(code) => code.nonce.clone(),
                GrantState::Live(_) | GrantState::Revoked => None,
            };
            Ok(Authorization {
                subject: Subject::User(Box::new((found.user, found.grant))),
                client,
                scope,
                resource,
                nonce,
                refresh_generation: family.map(|family| family.generation),
            })
        }
    }
}

fn redeem_once(tx: &mut Tx<'_>, id: Id, presented: &Presented, issuing: &Issuing) -> Result<Outcome, Stop> {
    // If another redemption wins, the second pass reads its result and decides again.
    for _ in 0..2 {
        let Some(found) = find(tx, id, issuing)? else {
            return Err(Error::new(Cause::CodeInvalid, "the code is not valid").because("no such code").into());
        };
        let grant = &found.grant;
        let resource = match decide(grant, presented, found.surroundings(), tx.now) {
            Decision::Refuse(error) => return Err(error.into()),
            Decision::Replay(error) => return Ok(Outcome::Replayed(Box::new(found.grant), error)),
            Decision::Redeem(resource) => resource,
        };
        let scope = issuing.scope(&issuing.in_force(grant, &found.user)?, &resource)?;
        let family = issuing.metadata().refreshes(&grant.scope).then_some(Family::FIRST);
        let binding = binding(issuing.metadata(), &grant.scope, false);
        let bound_to = issuing.bound_to(grant, binding);
        if grants::redeem(tx, id, family, bound_to, issuing.used(grant, tx.now))? {
            if let (Binding::Own, Some(sid)) = (binding, bound_to) {
                issuing.begin_own_session(tx, grant, sid)?;
            }
            return Ok(Outcome::Redeemed(Box::new(Redeemed { found, resource, scope, family })));
        }
    }
    Err(Fault::Busy.into())
}

/// The grant. Where a session begins with it, the user is locked first, as by whatever ends every
/// session of the user: that either ends this one, too, or is seen here.
fn find(tx: &mut Tx<'_>, id: Id, issuing: &Issuing) -> Result<Option<FoundGrant>, Fault> {
    let found = grants::find(tx, id)?;
    match &found {
        Some(FoundGrant { grant, .. }) if issuing.begins_session() => {
            users::lock(tx, Id(grant.user_id))?;
            grants::find(tx, id)
        }
        _ => Ok(found),
    }
}
