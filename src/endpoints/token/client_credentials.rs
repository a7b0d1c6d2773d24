//! `grant_type=client_credentials` (RFC 6749 §4.4): a client acts for itself. Nothing is read or
//! written.

use writ_core::{Error, Params, token::client_credentials::check_scope};

use crate::{
    clients::AuthenticatedClient,
    requests::authorization_request::asked_scope,
    server::Server,
    tokens::{Authorization, Subject},
};

/// The authorization of a client for itself.
///
/// # Errors
/// `invalid_scope` or `invalid_target`.
pub(super) fn redeem(server: &Server, client: AuthenticatedClient, params: &Params) -> Result<Authorization, Error> {
    let scope = asked_scope(params, &client.metadata)?;
    let snapshot = server.snapshot();
    check_scope(&scope, &client.metadata.scope, |name| snapshot.scopes.scope_owner(name))?;
    Ok(Authorization {
        subject: Subject::Client,
        resource: snapshot.scopes.audience(&scope, params.get("resource")?)?,
        client: client.into_inner(),
        scope,
        nonce: None,
        refresh_generation: None,
    })
}
