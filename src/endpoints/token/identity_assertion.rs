//! Token exchange for an identity assertion (ID-JAG §4.3). The rule is
//! `writ_core::token::identity_assertion::issue`.

use writ_core::{
    Cause, ClientMetadata, Error, Params, ScopeSet,
    authentication::Evidence,
    groups::check_client,
    token::{
        identity_assertion::{
            TOKEN_TYPE,
            issue::{LIFETIME, Requested, allow},
        },
        refresh_token,
    },
};

use crate::{
    clients::AuthenticatedClient,
    fault::{Fault, Stop},
    server::Server,
    store::{Id, Tx, clients::Client, grants, sessions, users::User},
    tokens::{
        TokenResponse,
        id_token::SubjectIdToken,
        identity_assertion::{IssuedAssertion, sign},
        refresh_token::RefreshToken,
    },
};

/// The types of a subject token: what the client received when the user signed in.
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// Exchanges a sign-in of a user for an identity assertion, if a policy of the operator allows it.
///
/// # Errors
/// `invalid_request`, `unauthorized_client`, `invalid_scope` or `invalid_target`, or a fault of the
/// store.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
) -> Result<TokenResponse, Stop> {
    let scope = ScopeSet::asked(params)?;
    let requested =
        Requested { audience: params.require("audience")?, resource: params.get("resource")?, scope: scope.as_ref() };
    let policies = &server.settings.identity_assertions.allowed;
    let allowed = allow(policies, &client.id, &client.metadata, requested)?;
    let (user, evidence) = find_user(server, &client, params).await?;
    check_client(client.open_to.as_ref(), &user.groups())?;
    server.snapshot().sign_in_demands(&client).check(&user.groups(), evidence.acr())?;
    let (sub, audience, scope) = (user.id, allowed.audience, &allowed.scope);
    tracing::info!(client = client.id, %sub, audience, %scope, "identity assertion issued");
    let now = server.clock.now();
    let assertion = sign(server, &IssuedAssertion::new(server, &user, &allowed, &evidence, now))?;
    Ok(TokenResponse {
        access_token: assertion,
        // It is not an access token (RFC 8693 §2.2.1).
        token_type: "N_A",
        issued_token_type: Some(TOKEN_TYPE),
        expires_in: LIFETIME,
        scope: allowed.scope,
        refresh_token: None,
        id_token: None,
    })
}

/// The user who signed in to the client, and how. "The IdP MUST validate the subject token, and
/// MUST validate that the audience of the Subject Token [...] matches the `client_id` of the client
/// authentication of the request" (ID-JAG §4.3.3). The sign-in must still be in force.
async fn find_user(server: &Server, client: &Client, params: &Params) -> Result<(User, Evidence), Stop> {
    let token = params.require("subject_token")?;
    let client_id = client.id.clone();
    let found = match params.require("subject_token_type")? {
        ID_TOKEN => {
            let id_token = SubjectIdToken::parse(&server.snapshot().keys, token, &client_id, server.clock.now())?;
            server.store.read(move |tx| of_session(tx, &client_id, id_token)).await?
        }
        REFRESH_TOKEN => {
            let token = RefreshToken::parse(token, &server.secrets.refresh_key).ok_or_else(|| ended("malformed"))?;
            let metadata = client.metadata.clone();
            server.store.read(move |tx| of_grant(tx, &client_id, &metadata, token)).await?
        }
        _ => {
            let description = "subject_token_type must be that of an ID token or a refresh token";
            return Err(Error::new(Cause::TokenTypeUnsupported, description).into());
        }
    };
    Ok(found.ok_or_else(|| ended("the session or the grant has ended, or the user has disconnected the client"))?)
}

fn ended(reason: &str) -> Error {
    Error::new(Cause::SubjectTokenInvalid, "subject_token is not valid").because(reason)
}

fn of_session(tx: &mut Tx<'_>, client_id: &str, token: SubjectIdToken) -> Result<Option<(User, Evidence)>, Fault> {
    let SubjectIdToken { user_id, sid } = token;
    let Some((session, user)) = sessions::find_live_by_sid(tx, user_id, sid)? else { return Ok(None) };
    let evidence = session.evidence();
    Ok(grants::signed_in(tx, user_id, client_id, sid)?.then_some((user, evidence)))
}

/// Only the newest refresh token of a client that may still refresh counts, and it is not replaced
/// here.
fn of_grant(
    tx: &mut Tx<'_>,
    client_id: &str,
    metadata: &ClientMetadata,
    token: RefreshToken,
) -> Result<Option<(User, Evidence)>, Fault> {
    let Some(found) = grants::find_live(tx, Id(token.grant_id.0))? else { return Ok(None) };
    let live = found.grant.live(found.surroundings(), tx.now).ok();
    let is_newest = live.and_then(|live| live.family).is_some_and(|family| family.generation == token.generation);
    let is_own = refresh_token::check_client(&found.grant, client_id).is_ok();
    let refreshes = refresh_token::check_registration(&found.grant, metadata).is_ok();
    let is_sign_in = found.grant.scope.intersect(&metadata.scope).contains("openid");
    Ok((is_newest && is_own && refreshes && is_sign_in).then_some((found.user, found.grant.evidence)))
}
