//! Access tokens: JWTs that a resource server can verify by itself (RFC 9068).

use std::{borrow::Cow, sync::Arc};

use serde_json::{Map, Value};
use uuid::Uuid;
use writ_core::{
    Cause, Error, ErrorCode, ScopeSet,
    claim_mapping::Place,
    groups::check_client,
    scopes::{Qualified, ScopeIds},
    token::{
        access_token::{AccessTokenClaims, AccessTokenTyp, TokenProfile},
        actor::Actor,
        audience,
        token_exchange::MAX_ACTORS,
    },
    vocabulary::acr::Acr,
};

use super::{Authorization, Subject, subject_identifier::sub, user_claims};
use crate::{
    fault::{Fault, Stop},
    keys::{KeySet, TokenType, Untrusted},
    server::Server,
    store::{
        Id, Tx,
        clients::Client,
        grants::{self, TokenGrant},
        revoked_access_tokens,
        users::User,
    },
};

/// The claims of a token for `authorization`, issued at `now`.
///
/// # Errors
/// [`Fault::Corrupt`] if the stored attributes of the user cannot be parsed.
pub(super) fn claims(server: &Server, authorization: &Authorization, now: i64) -> Result<AccessTokenClaims, Fault> {
    let Authorization { subject, client, scope, resource, .. } = authorization;
    let snapshot = server.snapshot();
    let exp = now + lifetime(server, snapshot.scopes.token_profile(resource), client);
    let claims = AccessTokenClaims {
        iss: server.issuer().to_owned(),
        sub: client.id.clone(),
        aud: audience::audience(resource, snapshot.scopes.userinfo(), scope),
        client_id: client.id.clone(),
        scope: scope.clone(),
        jti: new_jti(),
        iat: now,
        exp,
        auth_time: None,
        acr: None,
        groups: None,
        grant_id: None,
        act: None,
        exchanged_from: Vec::new(),
        own: Map::new(),
    };
    Ok(match subject {
        Subject::Client => claims,
        Subject::User(user) => {
            let (user, grant) = &**user;
            let signed_in_here = grant.asserted_by.is_none();
            AccessTokenClaims {
                sub: sub(server, client, user.id),
                // A resource server that verifies the token offline does not see the end of the
                // grant.
                exp: grant.ends_at.map_or(exp, |end| exp.min(end)),
                // Only the identity provider knows how and when the user authenticated there.
                auth_time: (signed_in_here && !grant.evidence.is_undated()).then_some(grant.auth_time),
                acr: signed_in_here.then_some(Cow::Borrowed(grant.evidence.acr().as_str())),
                groups: groups(server, user, scope, resource),
                grant_id: Some(grant.id),
                own: own(server, &client.id, user, (scope, &grant.scope_ids))?,
                ..claims
            }
        }
    })
}

/// The groups of the user in a token with `scope` for `resource`, if that wants them
/// ([RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1)). The client can
/// read the token, so the user must have allowed `groups`.
pub fn groups(server: &Server, user: &User, scope: &ScopeSet, resource: &str) -> Option<Vec<String>> {
    let snapshot = server.snapshot();
    let format = snapshot.scopes.token_profile(resource).groups.filter(|_| scope.contains("groups"))?;
    Some(snapshot.groups.claim(&user.groups(), format))
}

/// The claims of the operator's own in a token with `scope`, of those that the user read about
/// (`allowed`). A token has the scopes of one resource server, so no other one learns them.
///
/// # Errors
/// [`Fault::Corrupt`] if the stored attributes cannot be parsed.
pub fn own(
    server: &Server,
    client_id: &str,
    user: &User,
    allowed: (&ScopeSet, &ScopeIds),
) -> Result<Map<String, Value>, Fault> {
    user_claims::of_mappings(server, client_id, user, Place::AccessToken, allowed)
}

/// Seconds for which a token of `client` is valid.
pub(super) fn lifetime(server: &Server, profile: TokenProfile, client: &Client) -> i64 {
    profile.lifetime(client.metadata.access_token_lifetime, server.settings.tokens.access_token_lifetime)
}

/// An identifier for a new token.
pub(super) fn new_jti() -> String {
    Uuid::now_v7().to_string()
}

/// Signs the claims with the `typ` and algorithm of the resource server.
///
/// # Errors
/// A [`Fault`] if the key is missing or signing fails.
pub(super) fn sign(
    server: &Server,
    client: &Client,
    resource: &str,
    claims: &AccessTokenClaims,
) -> Result<String, Fault> {
    let snapshot = server.snapshot();
    let profile = snapshot.scopes.token_profile(resource);
    let of_client = client.metadata.access_token_signed_response_alg;
    let alg = profile.alg.or(of_client).unwrap_or(server.settings.tokens.access_token_signing_alg);
    let token_type = match profile.typ.unwrap_or_default() {
        AccessTokenTyp::AtJwt => TokenType::AccessToken,
        AccessTokenTyp::Jwt => TokenType::PlainAccessToken,
    };
    snapshot.keys.signing(alg)?.sign(token_type, claims)
}

/// Parses an access token of this server that has not expired. [`find_active`] checks its
/// revocation.
///
/// # Errors
/// `invalid_token`, with the reason for the log.
pub fn parse(keys: &KeySet, token: &str, now: i64) -> Result<AccessTokenClaims, Error> {
    // An ID token has the same `typ` as a plain access token, but has neither `client_id` nor
    // `jti`.
    let verified = keys.verify(token, TokenType::AccessToken).or_else(|untrusted| match untrusted {
        Untrusted::WrongType => keys.verify(token, TokenType::PlainAccessToken),
        untrusted => Err(untrusted),
    });
    let claims: AccessTokenClaims = verified.map_err(|untrusted: Untrusted| {
        Error::new(ErrorCode::InvalidToken, "the access token is not valid").because(untrusted.to_string())
    })?;
    if claims.exp <= now {
        return Err(Error::new(Cause::AccessTokenExpired, "the access token has expired")
            .because(format!("{} s ago", now - claims.exp)));
    }
    Ok(claims)
}

/// An active access token.
pub struct ActiveToken {
    /// The claims.
    pub claims: AccessTokenClaims,
    /// The scope that it has now. The user may have revoked some of it, or the registration or the
    /// offer may have changed since it was issued.
    pub scope: ScopeSet,
    /// The client that it was issued to.
    pub client: Arc<Client>,
    /// The grant it was issued under. `None` if its subject is a client.
    pub grant: Option<Box<TokenGrant>>,
}

/// Checks everything that a token depends on.
///
/// # Errors
/// `invalid_token`, with the reason for the log, if the token was revoked or what it depends on has
/// ended. A [`Fault`] of the store.
pub async fn find_active(server: &Server, claims: AccessTokenClaims) -> Result<ActiveToken, Stop> {
    let revoked =
        |reason: String| Error::new(Cause::AccessTokenRevoked, "the access token was revoked").because(reason);
    let Some(client) = server.clients.find(&claims.client_id).await? else {
        return Err(revoked(format!("client {} was deleted", claims.client_id)).into());
    };
    let disabled = |client: &Client| revoked(format!("client {} is disabled", client.id));
    client.check_enabled().map_err(|_| disabled(&client))?;
    if claims.is_of_client() {
        let subject = server.clients.find(&claims.sub).await?;
        let subject = subject.ok_or_else(|| revoked(format!("client {} was deleted", claims.sub)))?;
        subject.check_enabled().map_err(|_| disabled(&subject))?;
    }
    // It also ends with each client through which it was exchanged.
    let actors = claims.act.iter().flat_map(Actor::chain).take(MAX_ACTORS);
    let others: Vec<&str> = actors.filter(|id| *id != client.id).collect();
    for id in others {
        let actor = server.clients.find(id).await?;
        let actor = actor.ok_or_else(|| revoked(format!("client {id} was deleted")))?;
        actor.check_enabled().map_err(|_| disabled(&actor))?;
    }
    let read = claims.clone();
    let grant = match server.store.read(move |tx| status(tx, &read)).await? {
        Status::Good(grant) => grant,
        Status::Revoked => {
            return Err(revoked("it, its grant, or what it was exchanged from was revoked".to_owned()).into());
        }
    };
    // A client that acts for the holder of the grant depends on what is open to both.
    let holder = match &grant {
        Some(found) if found.client_id != client.id => server.clients.find(&found.client_id).await?,
        _ => None,
    };
    if let Some(holder) = &holder {
        holder.check_enabled().map_err(|_| disabled(holder))?;
    }
    let snapshot = server.snapshot();
    let granted = match &grant {
        Some(found) => {
            let groups = found.user.groups();
            let acr = claims.acr.as_deref().and_then(|acr| acr.parse().ok()).unwrap_or(Acr::Password);
            for client in holder.iter().chain([&client]) {
                check_client(client.open_to.as_ref(), &groups)
                    .and_then(|()| snapshot.sign_in_demands(client).check(&groups, acr))
                    .map_err(|error| revoked(error.description))?;
            }
            let user = Qualified { groups: &groups, acr };
            let in_force = found.scope_ids.in_force(&found.scope, user, |name| snapshot.scopes.scope_owner(name));
            claims.scope.intersect(&in_force)
        }
        None => claims.scope.clone(),
    };
    let scope = audience::remaining(&granted, &client.metadata.scope, claims.resource(), |name| {
        snapshot.scopes.scope_owner(name)
    });
    if scope.is_empty() {
        return Err(revoked(format!("nothing of {granted} is offered to the client any more")).into());
    }
    Ok(ActiveToken { claims, scope, client, grant })
}

enum Status {
    /// Active, with its grant if it has one.
    Good(Option<Box<TokenGrant>>),
    Revoked,
}

fn status(tx: &mut Tx<'_>, claims: &AccessTokenClaims) -> Result<Status, Fault> {
    for jti in &claims.exchanged_from {
        if revoked_access_tokens::contains(tx, jti)? {
            return Ok(Status::Revoked);
        }
    }
    let Some(grant_id) = claims.grant_id else {
        let revoked = revoked_access_tokens::contains(tx, &claims.jti)?;
        return Ok(if revoked { Status::Revoked } else { Status::Good(None) });
    };
    let found = grants::find_of_token(tx, Id(grant_id), &claims.jti)?;
    Ok(found.map_or(Status::Revoked, |found| Status::Good(Some(Box::new(found)))))
}
