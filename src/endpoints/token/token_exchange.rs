//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693). The rules are
//! `writ_core::token::token_exchange`.

use serde_json::Map;
use writ_core::{
    Cause, Error, Params, ScopeSet,
    groups::check_client,
    token::{
        audience,
        identity_assertion::TOKEN_TYPE,
        token_exchange::{delegate, lineage, narrow},
    },
    vocabulary::acr::Acr,
};

use super::identity_assertion;
use crate::{
    clients::AuthenticatedClient,
    fault::Stop,
    server::Server,
    tokens::{
        TokenResponse,
        access_token::{self, ActiveToken},
        exchange::{Exchange, exchange},
    },
};

/// The types of the server's access tokens (RFC 8693 §3), which are JWTs as well.
const TOKEN_TYPES: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:jwt"];

/// Exchanges an access token of this server for one that allows no more, has no further audience,
/// and expires no later. An identity assertion is requested the same way.
///
/// # Errors
/// `invalid_request`, `invalid_scope` or `invalid_target`, or a fault of the store.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
) -> Result<TokenResponse, Stop> {
    if params.get("requested_token_type")? == Some(TOKEN_TYPE) {
        return identity_assertion::redeem(server, client, params).await;
    }
    let subject = find_subject(server, params).await?;
    let issued_type = match params.get("requested_token_type")? {
        None => TOKEN_TYPES[0],
        Some(requested) => token_type(requested, "requested_token_type")?,
    };
    if params.get("actor_token")?.is_some() || params.get("actor_token_type")?.is_some() {
        return Err(Error::new(
            Cause::TokenTypeUnsupported,
            "the actor is the client that authenticates: leave actor_token out",
        )
        .into());
    }
    let resource = resource(params, &subject)?;
    let snapshot = server.snapshot();
    let scope = narrow(&subject.scope, &client.metadata.scope, ScopeSet::asked(params)?)?;
    let scope = audience::scope(&scope, &client.metadata.scope, &resource, |name| snapshot.scopes.scope_owner(name))?;
    if !snapshot.scopes.has_resource(&resource) {
        return Err(Error::new(Cause::ResourceUnknown, "the resource server was deleted").because(resource).into());
    }
    let user = subject.grant.as_ref().map(|grant| &grant.user);
    if let Some(user) = user {
        check_client(client.open_to.as_ref(), &user.groups())?;
        let acr = subject.claims.acr.as_deref().and_then(|acr| acr.parse().ok()).unwrap_or(Acr::Password);
        snapshot.sign_in_demands(&client).check(&user.groups(), acr)?;
    }
    let groups = user.and_then(|user| access_token::groups(server, user, &scope, &resource));
    let own = match &subject.grant {
        Some(grant) => access_token::own(server, &client.id, &grant.user, (&scope, &grant.scope_ids))?,
        None => Map::new(),
    };
    let act = delegate(&subject.claims, &subject.client.metadata.may_act, &client.id)?;
    let exchanged_from = lineage(&subject.claims)?;
    let (sub, holder) = (&subject.claims.sub, &subject.client.id);
    tracing::info!(subject = sub, holder, actor = client.id, %scope, "token exchanged");
    let exchanged = Exchange { scope, resource, groups, own, act, exchanged_from };
    let response = exchange(server, subject.claims, &client, exchanged)?;
    Ok(TokenResponse { issued_token_type: Some(issued_type), ..response })
}

/// The resource server of the new token: that of the subject token, unless `resource` or `audience`
/// names another one of its audiences.
fn resource(params: &Params, subject: &ActiveToken) -> Result<String, Error> {
    let mut resource = subject.claims.resource();
    for name in ["resource", "audience"] {
        let Some(requested) = params.get(name)? else { continue };
        if !subject.claims.aud.contains(requested) {
            let description = format!("{name} is not an audience of subject_token");
            return Err(Error::new(Cause::ResourceNotGranted, description).expected(resource, requested));
        }
        resource = requested;
    }
    Ok(resource.to_owned())
}

async fn find_subject(server: &Server, params: &Params) -> Result<ActiveToken, Stop> {
    let invalid = |reason: String| Error::new(Cause::SubjectTokenInvalid, "subject_token is not valid").because(reason);
    let token = params.require("subject_token")?;
    token_type(params.require("subject_token_type")?, "subject_token_type")?;
    let claims = access_token::parse(&server.snapshot().keys, token, server.clock.now())
        .map_err(|error| invalid(error.to_string()))?;
    access_token::find_active(server, claims).await.map_err(|stop| match stop {
        Stop::Refused(error) => invalid(error.detail).into(),
        broken => broken,
    })
}

fn token_type(requested: &str, name: &str) -> Result<&'static str, Error> {
    TOKEN_TYPES.into_iter().find(|known| *known == requested).ok_or_else(|| {
        Error::new(Cause::TokenTypeUnsupported, format!("{name} must be that of an access token or a JWT"))
    })
}
