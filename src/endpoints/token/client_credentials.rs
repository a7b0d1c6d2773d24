//! `grant_type=client_credentials` (RFC 6749 §4.4): a client acts for itself. Nothing is read or written.

use writ_core::{Cause, Error, Params};

use crate::{
    clients::AuthenticatedClient,
    requests::authorization_request::asked_scope,
    scopes::Owner,
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
    for name in scope.iter() {
        match snapshot.scopes.owner(name) {
            None => return Err(Error::new(Cause::ScopeUnknown, format!("the scope {name} is unknown"))),
            Some(Owner::OpenId) => {
                let description = format!("the scope {name} is about a person, and there is none here");
                return Err(Error::new(Cause::ScopeOfUser, description));
            }
            Some(Owner::Resource(..)) if !client.metadata.scope.contains(name) => {
                let description = format!("the scope {name} is not registered for this client");
                return Err(Error::new(Cause::ScopeUnregistered, description)
                    .expected(client.metadata.scope.to_string(), scope.to_string()));
            }
            Some(Owner::Resource(..)) => {}
        }
    }
    Ok(Authorization {
        subject: Subject::Client,
        audience: snapshot.scopes.audience(&scope, params.get("resource")?)?,
        client: client.into_inner(),
        scope,
        nonce: None,
        refresh_generation: None,
    })
}
