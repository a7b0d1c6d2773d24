//! `grant_type=refresh_token` (RFC 6749 §6, RFC 9700 §4.14). The rule is
//! `writ_core::token::refresh_token`.

use writ_core::{
    Cause, Error, Params, ScopeSet,
    grants::Grant,
    token::refresh_token::{Decision, Rotation, check_client, check_registration, decide, scope},
};

use super::{end_replayed, issuing::Issuing};
use crate::{
    clients::AuthenticatedClient,
    fault::{Fault, Stop},
    metrics::METRICS,
    server::Server,
    store::{
        Id, Tx,
        grants::{self, FoundGrant},
        security_events::{self, Kind},
    },
    tokens::{Authorization, Subject, refresh_token::RefreshToken},
};

/// Seconds after which another use without rotation is recorded.
const TOUCH_AFTER: i64 = 3600;
/// Maximum number of attempts of a rotation. Each failed attempt means that another rotation won.
const MAX_RACES: usize = 200;

/// The other parameters of the request.
#[derive(Clone)]
struct Requested {
    scope: Option<ScopeSet>,
    resource: Option<String>,
}

/// The result of presenting a refresh token.
enum Outcome {
    Redeemed(Box<Redeemed>),
    Replayed(Box<Grant>, Error),
}

struct Redeemed {
    found: FoundGrant,
    resource: String,
    scope: ScopeSet,
    /// The generation to issue, if there is a new one.
    generation: Option<i32>,
    decision: Decision,
}

/// Redeems a refresh token.
///
/// # Errors
/// `invalid_request`, `invalid_grant`, `invalid_scope` or `invalid_target`, or a [`Fault`] of the
/// store.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    let token =
        RefreshToken::parse(params.require("refresh_token")?, &server.secrets.refresh_key).ok_or_else(|| {
            Error::new(Cause::RefreshTokenInvalid, "the refresh token is not valid")
                .because("this server did not issue it")
        })?;
    let issuing = Issuing::new(server, client.into_inner(), network.clone());
    let requested = Requested { scope: ScopeSet::asked(params)?, resource: issuing.requested_resource(params)? };
    let client = issuing.client.clone();
    let outcome = server.store.decide_by_statement(move |tx| redeem_once(tx, token, &requested, &issuing)).await?;
    match outcome {
        Outcome::Replayed(grant, error) => {
            METRICS.refreshes.add(["revoke"]);
            end_replayed(server, *grant, network).await?;
            Err(error.into())
        }
        Outcome::Redeemed(redeemed) => {
            let Redeemed { found, resource, scope, generation, decision } = *redeemed;
            METRICS.refreshes.add([decision.name()]);
            Ok(Authorization {
                subject: Subject::User(Box::new((found.user, found.grant))),
                client,
                scope,
                resource,
                nonce: None,
                refresh_generation: generation,
            })
        }
    }
}

fn redeem_once(
    tx: &mut Tx<'_>,
    token: RefreshToken,
    requested: &Requested,
    issuing: &Issuing,
) -> Result<Outcome, Stop> {
    let rotation = Rotation { rotates: issuing.metadata().rotates(), window: issuing.replay_window() };
    let invalid = |cause, detail: String| Error::new(cause, "the refresh token is not valid").because(detail);
    for _ in 0..MAX_RACES {
        let Some(found) = grants::find(tx, token.grant_id)? else {
            return Err(invalid(Cause::GrantEnded, format!("grant {} was deleted", token.grant_id)).into());
        };
        let grant = &found.grant;
        check_client(grant, &issuing.client.id)?;
        check_registration(grant, issuing.metadata())?;
        let live = grant
            .live(found.surroundings(), tx.now)
            .map_err(|ended| invalid(ended.cause(), format!("grant {}: {}", grant.id, ended.reason())))?;
        let Some(family) = live.family else {
            return Err(invalid(Cause::RefreshTokenInvalid, "its grant has no refresh tokens".to_owned()).into());
        };
        let resource = grant.resource(requested.resource.as_deref())?.to_owned();
        let wanted = scope(&grant.scope, requested.scope.clone())?;
        let scope = issuing.scope(&wanted.intersect(&issuing.in_force(grant, &found.user)?), &resource)?;

        let decision = decide(family, token.generation, rotation, tx.now);
        let generation = match decision {
            Decision::Revoke(reason) => {
                let description = "the refresh token was used before: its grant is revoked";
                let error = Error::new(Cause::RefreshTokenReplayed, description)
                    .because(format!("grant {}, generation {}: {reason}", grant.id, token.generation));
                return Ok(Outcome::Replayed(Box::new(found.grant), error));
            }
            Decision::Keep => {
                if tx.now - live.last_used_at >= TOUCH_AFTER {
                    grants::touch(tx, Id(grant.id), issuing.used(grant, tx.now))?;
                }
                None
            }
            Decision::Rotate(next) | Decision::Repeat(next) | Decision::Replace(next) => {
                if !grants::rotate(tx, Id(grant.id), family, next, issuing.used(grant, tx.now))? {
                    continue;
                }
                Some(next.generation)
            }
        };
        if let Decision::Replace(_) = decision {
            let (user_id, client_id) = (Id(grant.user_id), Some(&*grant.client_id));
            security_events::record(tx, user_id, Kind::OldTokenAccepted, client_id, &issuing.network)?;
        }
        issuing.touch_session(tx, &found)?;
        return Ok(Outcome::Redeemed(Box::new(Redeemed { found, resource, scope, generation, decision })));
    }
    Err(Fault::Busy.into())
}
