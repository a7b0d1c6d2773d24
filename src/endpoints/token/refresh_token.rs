//! `grant_type=refresh_token` (RFC 6749 §6, RFC 9700 §4.14): what rotation forgives, and what it takes for theft.

use super::grant_expiry;
use writ_core::{Cause, Error, Params, ScopeSet};

use crate::{
    clients::AuthenticatedClient,
    config::TokensSettings,
    fault::{Fault, Stop},
    server::Server,
    store::{
        Tx,
        grants::{self, Family, Grant, Use},
        security_events::{self, Kind},
    },
    tokens::{
        Authorization, Subject,
        refresh_token::{Decision, RefreshToken, decide},
    },
};

/// Seconds after which a use that rotates nothing is written down again.
const TOUCH_AFTER: i64 = 3600;
/// How often a rotation that lost a race to another one is decided anew; each loss means that somebody else won.
const MAX_RACES: usize = 200;

/// The rules of one client, and where it asks from.
struct Rules {
    client_id: String,
    rotates: bool,
    window: i64,
    tokens: TokensSettings,
    network: String,
}

/// Redeems a refresh token.
///
/// # Errors
/// `invalid_request`, `invalid_grant`, `invalid_scope` or `invalid_target`; the store's faults.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    let token =
        RefreshToken::parse(params.require("refresh_token")?, &server.secrets.refresh_key).ok_or_else(|| {
            Error::new(Cause::RefreshTokenInvalid, "the refresh token is not valid").because("we did not make it")
        })?;
    let narrower = ScopeSet::asked(params)?;
    let resource = params.get("resource")?.map(str::to_owned);
    let client = client.into_inner();
    let rules = Rules {
        client_id: client.id.clone(),
        rotates: client.metadata.rotates(),
        window: client.metadata.refresh_replay_window.unwrap_or(server.settings.tokens.refresh_replay_window),
        tokens: server.settings.tokens.clone(),
        network,
    };
    let asked = narrower.clone();
    let redeemed = server
        .store
        .write_by_statement(move |tx| redeem_once(tx, token, &rules, asked.as_ref(), resource.as_deref()))
        .await?;
    let (grant, generation) = match redeemed {
        Ok(redeemed) => redeemed,
        Err(Refusal::Invalid(error)) => return Err(error.into()),
        Err(Refusal::TwoHolders(grant, error)) => {
            server.store.write(move |tx| end_family(tx, &grant)).await?;
            return Err(error.into());
        }
    };
    Ok(Authorization {
        subject: Subject::of(&grant)?,
        scope: narrower.unwrap_or_else(|| grant.scope()),
        audience: grant.audience,
        nonce: None,
        refresh_generation: generation,
        client,
    })
}

/// Why a refresh token is not redeemed.
enum Refusal {
    /// It is refused, and nothing else changes.
    Invalid(Error),
    /// It proves two holders: its grant ends.
    TwoHolders(Box<Grant>, Error),
}

/// Ends the grant, and tells its person why, in one transaction; whoever proves it a second time changes nothing.
fn end_family(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), Fault> {
    if grants::revoke(tx, grant.id)? {
        security_events::record(tx, grant.user_id, Kind::TokenReplayed, Some(&grant.client_id), "")?;
    }
    Ok(())
}

/// The unit of work: the grant, and the generation to hand out if it is a new one.
fn redeem_once(
    tx: &mut Tx<'_>,
    token: RefreshToken,
    rules: &Rules,
    narrower: Option<&ScopeSet>,
    resource: Option<&str>,
) -> Result<Result<(Grant, Option<i32>), Refusal>, Fault> {
    let refused = |error| Ok(Err(Refusal::Invalid(error)));
    for _ in 0..MAX_RACES {
        let invalid =
            |cause, detail: String| refused(Error::new(cause, "the refresh token is not valid").because(detail));
        let Some(grant) = grants::find_live(tx, token.grant_id)? else {
            let detail = format!("grant {} is over, was revoked, or its account is disabled", token.grant_id);
            return invalid(Cause::GrantEnded, detail);
        };
        if grant.client_id != rules.client_id {
            let detail = format!("client {} presented a token of client {}", rules.client_id, grant.client_id);
            return invalid(Cause::RefreshTokenForeign, detail);
        }
        let granted = grant.scope();
        if let Some(wider) = narrower.filter(|scope| scope.is_empty() || !scope.is_subset(&granted)) {
            return refused(
                Error::new(Cause::ScopeWidened, "scope is wider than what was granted")
                    .expected(granted.to_string(), wider.to_string()),
            );
        }
        if resource.is_some_and(|resource| resource != grant.audience) {
            return refused(
                Error::new(Cause::ResourceNotGranted, "resource is not the one that was granted")
                    .expected(grant.audience, resource.unwrap_or_default()),
            );
        }
        let family = Family::from(&grant);
        let used = Use {
            network: &rules.network,
            expires_at: grant_expiry(&rules.tokens, grant.created_at, grant.ends_at, tx.now),
        };
        let decision = decide(family, token.generation, rules.rotates, rules.window, tx.now);
        if let Decision::Revoke(cause) = decision {
            let description = "the refresh token was used before: its grant is revoked";
            let error = Error::new(Cause::RefreshTokenReplayed, description)
                .because(format!("grant {}, generation {}: {cause}", grant.id, token.generation));
            return Ok(Err(Refusal::TwoHolders(Box::new(grant), error)));
        }
        match decision.next() {
            None => {
                if tx.now - grant.last_used_at >= TOUCH_AFTER {
                    grants::touch(tx, grant.id, used)?;
                }
                return Ok(Ok((grant, None)));
            }
            Some(next) if grants::rotate(tx, grant.id, family, next, used)? => {
                return Ok(Ok((grant, Some(next.generation))));
            }
            Some(_) => {}
        }
    }
    Err(Fault::Busy)
}
