//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): a smaller token for the one who helps.

use writ_core::{Cause, Error, Params, ScopeSet};

use crate::{
    clients::AuthenticatedClient,
    fault::Stop,
    server::Server,
    tokens::{
        TokenResponse,
        access_token::{AccessTokenClaims, TokenStatus, token_status},
        delegation::{self, delegate, narrow},
    },
};

/// Our access tokens by the names of RFC 8693 §3: they are JWTs, too.
const TOKEN_TYPES: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:jwt"];

/// Exchanges an access token of ours for one that allows no more, is good nowhere else, and ends no later.
///
/// # Errors
/// `invalid_request`, `invalid_scope` or `invalid_target`; the store's faults.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
) -> Result<TokenResponse, Stop> {
    let subject = subject(server, params).await?;
    let issued_type = match params.get("requested_token_type")? {
        None => TOKEN_TYPES[0],
        Some(asked) => token_type(asked, "requested_token_type")?,
    };
    if params.get("actor_token")?.is_some() || params.get("actor_token_type")?.is_some() {
        return Err(Error::new(
            Cause::TokenTypeUnsupported,
            "the actor is the client that authenticates: leave actor_token out",
        )
        .into());
    }
    for name in ["resource", "audience"] {
        if let Some(asked) = params.get(name)?.filter(|asked| *asked != subject.claims.aud) {
            return Err(Error::new(Cause::ResourceNotGranted, format!("{name} is not the audience of subject_token"))
                .expected(&subject.claims.aud, asked)
                .into());
        }
    }
    let scope = narrow(&subject.scope, &client.metadata.scope, ScopeSet::asked(params)?)?;
    let act = delegate(&subject.claims, &subject.may_act, &client.id)?;
    tracing::info!(subject = subject.claims.sub, holder = subject.claims.client_id, actor = client.id, %scope, "delegated");
    let response = delegation::issue(server, subject.claims, &client, scope, act)?;
    Ok(TokenResponse { issued_token_type: Some(issued_type), ..response })
}

/// The token that is exchanged.
struct SubjectToken {
    claims: AccessTokenClaims,
    /// What it allows now: its person may have taken something back.
    scope: ScopeSet,
    /// Whom its holder lets act.
    may_act: Vec<String>,
}

async fn subject(server: &Server, params: &Params) -> Result<SubjectToken, Stop> {
    let invalid = |detail: String| Error::new(Cause::SubjectTokenInvalid, "subject_token is not valid").because(detail);
    let token = params.require("subject_token")?;
    token_type(params.require("subject_token_type")?, "subject_token_type")?;
    let claims = AccessTokenClaims::parse(&server.snapshot().keys, token, server.clock.now())
        .map_err(|error| invalid(error.to_string()))?;
    let Some(holder) = server.clients.find(&claims.client_id).await? else {
        return Err(invalid(format!("client {} was deleted", claims.client_id)).into());
    };
    if claims.is_of_client() && server.clients.find(&claims.sub).await?.is_none() {
        return Err(invalid(format!("client {} was deleted", claims.sub)).into());
    }
    let asked = claims.clone();
    let scope = match server.store.read(move |tx| token_status(tx, &asked)).await? {
        TokenStatus::Revoked => return Err(invalid("it or its grant was revoked".to_owned()).into()),
        TokenStatus::Client => claims.scope.clone(),
        TokenStatus::Grant(grant) => claims.scope.intersect(&grant.scope()),
    };
    let scope = server.snapshot().scopes.known(&scope);
    Ok(SubjectToken { scope, may_act: holder.metadata.may_act.clone(), claims })
}

fn token_type(asked: &str, name: &str) -> Result<&'static str, Error> {
    TOKEN_TYPES.into_iter().find(|known| *known == asked).ok_or_else(|| {
        Error::new(Cause::TokenTypeUnsupported, format!("{name} must be that of an access token or a JWT"))
    })
}
