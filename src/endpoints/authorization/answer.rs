//! The code: made, its hash stored, the pending request deleted, in one unit of work.

use super::{Proceed, target::Target};
use writ_core::{
    ScopeSet,
    grants::{CODE_MEMORY, Code, Grant, GrantState},
};

use crate::{
    fault::{Fault, Stop},
    requests::AuthorizationRequest,
    secret::Handle,
    server::Server,
    store::{
        Tx,
        clients::Origin,
        grants, registrations,
        requests::{self, Answered},
        sessions::Session,
    },
};

/// What the person gave.
pub(super) struct Given {
    /// What is granted.
    pub(super) scope: ScopeSet,
    /// When it ends, if the person set an end.
    pub(super) ends_at: Option<i64>,
    /// Whose it is.
    pub(super) session: Session,
    /// What the answer uses up.
    pub(super) answered: Answered,
}

/// Issues the code.
pub(super) async fn issue_code(
    server: &Server,
    target: &Target,
    request: AuthorizationRequest,
    given: Given,
) -> Result<Proceed, Stop> {
    let handle = Handle::random();
    let now = server.clock.now();
    let code_expires_at = now + server.settings.tokens.code_lifetime;
    let claims = request.claims.within(&given.scope);
    let scope = given.scope.without(&request.implied);
    let audience = server.snapshot().scopes.audience(&scope, request.resource.as_deref())?;
    let code = Code {
        secret_hash: handle.secret.hash().0.to_vec(),
        expires_at: code_expires_at,
        redirect_uri: Some(target.redirect_uri.clone()),
        code_challenge: request.code_challenge,
        nonce: request.nonce,
    };
    let grant = Grant {
        id: handle.id,
        user_id: given.session.user_id.0,
        client_id: target.client.id.clone(),
        sid: given.session.sid.0,
        // Until it is redeemed, a code ends with the session.
        bound_to: Some(given.session.sid.0),
        scope,
        claims,
        resources: vec![audience],
        auth_time: given.session.auth_time,
        created_at: now,
        ends_at: given.ends_at,
        expires_at: code_expires_at + CODE_MEMORY,
        state: GrantState::CodeIssued(code),
    };
    let answered = given.answered;
    let by_itself = target.client.origin != Origin::Administrator;
    let issued = if answered.is_nothing() && !by_itself {
        server.store.write_by_statement(move |tx| grants::insert(tx, &grant)).await.map(|()| true)
    } else {
        let unit = move |tx: &mut Tx<'_>| {
            let first = requests::consume(tx, answered)?;
            if first {
                if by_itself {
                    registrations::touch(tx, &grant.client_id)?;
                }
                grants::insert(tx, &grant)?;
            }
            Ok(first)
        };
        server.store.write(unit).await
    }?;
    Ok(if issued { Proceed::Answer(handle.expose()) } else { Proceed::AnsweredAlready })
}

/// Deletes a request that was refused.
pub(super) async fn forget(server: &Server, answered: Answered) -> Result<(), Fault> {
    server.store.write(move |tx| requests::consume(tx, answered)).await.map(drop)
}
