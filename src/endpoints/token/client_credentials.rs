//! `grant_type=client_credentials` (RFC 6749 §4.4): a client acts for itself. The database is not
//! used.

use writ_core::{
    Cause, Error, Params, ScopeSet,
    token::{administration, client_credentials::check_scope},
    vocabulary::administration_scope::first_reserved,
};

use crate::{
    clients::AuthenticatedClient,
    server::Server,
    store::clients::Origin,
    tokens::{Authorization, Subject},
};

/// Authorizes a client for itself.
///
/// # Errors
/// `invalid_scope` or `invalid_target`.
pub(super) fn redeem(server: &Server, client: AuthenticatedClient, params: &Params) -> Result<Authorization, Error> {
    let requested = ScopeSet::asked(params)?;
    let resource = params.get("resource")?;
    let (scope, resource) = match requested {
        Some(scope) if first_reserved(&scope).is_some() => administer(server, &client, scope, resource)?,
        requested => access(server, &client, requested, resource)?,
    };
    Ok(Authorization {
        subject: Subject::Client,
        resource,
        client: client.into_inner(),
        scope,
        nonce: None,
        refresh_generation: None,
    })
}

/// The scope and the audience of a token for a resource server.
fn access(
    server: &Server,
    client: &AuthenticatedClient,
    requested: Option<ScopeSet>,
    resource: Option<&str>,
) -> Result<(ScopeSet, String), Error> {
    let snapshot = server.snapshot();
    let named: Vec<&str> = resource.into_iter().collect();
    let scope = snapshot.scopes.offer.requestable(requested, &named, &client.metadata)?.scope;
    check_scope(&scope, &client.metadata.scope, |name| snapshot.scopes.scope_owner(name))?;
    let audience = snapshot.scopes.audience(&scope, resource)?;
    Ok((scope, audience))
}

/// The scope and the audience of a token for the administration API.
fn administer(
    server: &Server,
    client: &AuthenticatedClient,
    scope: ScopeSet,
    resource: Option<&str>,
) -> Result<(ScopeSet, String), Error> {
    let snapshot = server.snapshot();
    let Some(audience) = snapshot.scopes.administration() else {
        return Err(Error::new(Cause::ScopeUnknown, "the administration API of this server is off"));
    };
    let by_operator = client.origin == Origin::Administrator;
    administration::check_request(&scope, resource, audience, &client.metadata.scope, by_operator)?;
    Ok((scope, audience.to_owned()))
}
