//! `grant_type=client_credentials` (RFC 6749 §4.4): a client acts for itself. The database is not
//! used.

use writ_core::{Error, Params, ScopeSet, token::client_credentials::check_scope};

use crate::{
    clients::AuthenticatedClient,
    server::Server,
    tokens::{Authorization, Subject},
};

/// Authorizes a client for itself.
///
/// # Errors
/// `invalid_scope` or `invalid_target`.
pub(super) fn redeem(server: &Server, client: AuthenticatedClient, params: &Params) -> Result<Authorization, Error> {
    let snapshot = server.snapshot();
    let resource = params.get("resource")?;
    let named: Vec<&str> = resource.into_iter().collect();
    let scope = snapshot.scopes.offer.requestable(ScopeSet::asked(params)?, &named, &client.metadata)?.scope;
    check_scope(&scope, &client.metadata.scope, |name| snapshot.scopes.scope_owner(name))?;
    Ok(Authorization {
        subject: Subject::Client,
        resource: snapshot.scopes.audience(&scope, resource)?,
        client: client.into_inner(),
        scope,
        nonce: None,
        refresh_generation: None,
    })
}
