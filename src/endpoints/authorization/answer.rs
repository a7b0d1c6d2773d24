//! The code: made, its hash stored, the pending request deleted, in one unit of work.

use super::{Proceed, target::Target};
use writ_core::ScopeSet;

use crate::{
    fault::{Fault, Stop},
    requests::AuthorizationRequest,
    secret::Handle,
    server::Server,
    store::{
        Id, Tx,
        clients::Origin,
        grants::{self, Grant},
        registrations,
        requests::{self, Answered},
        sessions::Session,
    },
};

/// Seconds for which the row of a code that nobody redeemed is kept, so that the log can still say why it is refused.
const UNREDEEMED_MEMORY: i64 = 3600;

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
    let grant = Grant {
        id: Id(handle.id),
        user_id: given.session.user_id,
        client_id: target.client.id.clone(),
        session_id: given.session.sid,
        scope: scope.to_string(),
        audience,
        auth_time: given.session.auth_time,
        created_at: now,
        code_hash: handle.secret.hash().0.to_vec(),
        code_expires_at,
        redirect_uri: Some(target.redirect_uri.clone()),
        code_challenge: request.code_challenge.map(|challenge| challenge.as_str().to_owned()),
        nonce: request.nonce,
        redeemed_at: None,
        last_used_at: now,
        expires_at: code_expires_at + UNREDEEMED_MEMORY,
        ends_at: given.ends_at,
        revoked_at: None,
        generation: 0,
        predecessor: 0,
        rotated_at: 0,
        replays: 0,
        last_used_network: String::new(),
        claims: (!claims.is_empty()).then(|| claims.to_stored()),
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
