//! Verifies a client assertion and marks it as used. The rules for its claims are in
//! [`writ_core::clients::assertion`].

use writ_core::{
    Cause, Error,
    clients::{
        assertion::{self, AssertionClaims, Expected},
        credentials::failed,
    },
};

use super::{Clients, NotVerified};
use crate::{
    fault::Stop,
    store::{
        client_assertions,
        clients::Client,
        throttle::{Key, Limits, Rate},
    },
};

/// How often a client that no administrator has approved can authenticate. Each `jti` is a row
/// until its assertion expires.
const OF_STRANGER: Rate = Rate::new(1000, 1);

/// Verifies an assertion of `client` and stores its `jti` as used.
///
/// # Errors
/// `invalid_client` if the assertion is invalid or was used. `temporarily_unavailable` if the
/// client, which is not approved, sent too many. [`Stop::Broken`] if the database fails.
pub(super) async fn verify(clients: &Clients, client: &Client, assertion: &str) -> Result<(), Stop> {
    let alg = client.metadata.token_endpoint_auth_signing_alg;
    let verified = clients.verify_signed_by(client, assertion, &assertion::TYPES, alg).await;
    let claims: AssertionClaims = verified.map_err(|reason| untrusted(client, &reason))?;
    let issuer = &clients.settings.server.issuer;
    let [token, par] = ["/token", "/par"].map(|path| issuer.join(path));
    let audiences = [issuer.as_str(), &token, &par];
    assertion::check(&claims, Expected { client_id: &client.id, audiences: &audiences, now: clients.clock.now() })?;
    let (id, once) = (client.id.clone(), claims.once);
    let limits = (!client.approved).then(|| Limits::new(vec![(Key::new("client assertion", &client.id), OF_STRANGER)]));
    let consumed = clients.store.decide(move |tx| {
        limits.iter().try_for_each(|limits| limits.admit_row(tx, client_assertions::sweep))?;
        Ok(client_assertions::consume(tx, &id, &once.jti, once.used_until())?)
    });
    let first = consumed.await.map_err(|stop| stop.refuse_deleted(Cause::ClientNotFound))?;
    if first { Ok(()) } else { Err(assertion::replayed(&client.id).into()) }
}

/// The error if no key verifies the assertion. The caller is unauthenticated, so the description
/// says at most that the published keys are unusable, which the client can fix.
fn untrusted(client: &Client, reason: &NotVerified) -> Error {
    let detail = format!("client {}: {}", client.id, reason.detail());
    if reason.is_of_jwks_uri() {
        Error::new(Cause::ClientKeysUnreachable, reason.to_string()).because(detail).of(&client.id)
    } else {
        failed(Cause::ClientAssertionUntrusted, detail).of(&client.id)
    }
}
