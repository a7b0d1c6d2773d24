//! `grant_type=authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.5): one redemption wins, and a replay ends what it won.

use std::sync::Arc;

use super::grant_expiry;
use writ_core::{
    Cause, Error, Params,
    vocabulary::pkce::{CodeChallenge, CodeVerifier},
};

use crate::{
    clients::AuthenticatedClient,
    config::TokensSettings,
    fault::{Fault, Stop},
    secret::Handle,
    server::Server,
    store::{
        Id, Tx,
        clients::Client,
        grants::{self, Grant, Use},
    },
    tokens::{Authorization, Subject},
};

/// What the client presents.
struct Presented {
    code: Handle,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    resource: Option<String>,
    /// From where.
    network: String,
}

/// Redeems a code.
///
/// # Errors
/// `invalid_request`, `invalid_grant` or `invalid_target`; the store's faults.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    let presented = Presented {
        code: Handle::parse(params.require("code")?).ok_or_else(|| {
            Error::new(Cause::CodeInvalid, "the code is not valid").because("it is not one of ours by its form")
        })?,
        redirect_uri: params.get("redirect_uri")?.map(str::to_owned),
        code_verifier: params.get("code_verifier")?.map(str::to_owned),
        resource: params.get("resource")?.map(str::to_owned),
        network,
    };
    let client = client.into_inner();
    let (redeemer, tokens) = (Arc::clone(&client), server.settings.tokens.clone());
    let redeemed = server.store.write_by_statement(move |tx| redeem_once(tx, &redeemer, presented, &tokens)).await??;
    Ok(Authorization {
        subject: Subject::of(&redeemed)?,
        refresh_generation: client.metadata.refreshes(&redeemed.scope()).then_some(1),
        scope: redeemed.scope(),
        audience: redeemed.audience,
        nonce: redeemed.nonce,
        client,
    })
}

/// The unit of work. Its refusals commit: a replay revokes the grant and is refused.
fn redeem_once(
    tx: &mut Tx<'_>,
    client: &Client,
    presented: Presented,
    tokens: &TokensSettings,
) -> Result<Result<Grant, Error>, Fault> {
    let invalid = |cause, detail: String| Ok(Err(Error::new(cause, "the code is not valid").because(detail)));
    let found = grants::find_with_account(tx, Id(presented.code.id))?;
    let Some((grant, enabled)) = found.filter(|(grant, _)| presented.code.secret.matches(&grant.code_hash)) else {
        return invalid(Cause::CodeInvalid, "no such code".to_owned());
    };
    if grant.client_id != client.id {
        let detail = format!("client {} presented a code of client {}", client.id, grant.client_id);
        return invalid(Cause::CodeForeign, detail);
    }
    if grant.redeemed_at.is_some() {
        return replayed(tx, &grant);
    }
    if grant.revoked_at.is_some() {
        return invalid(Cause::CodeRevoked, "the grant was revoked before the code was redeemed".to_owned());
    }
    if !enabled {
        return invalid(Cause::CodeRevoked, format!("the account {} is disabled", grant.user_id));
    }
    if grant.code_expires_at <= tx.now {
        return Ok(Err(Error::new(Cause::CodeExpired, "the code has expired")
            .because(format!("{} s ago", tx.now - grant.code_expires_at))));
    }
    if let Err(error) = check(&grant, &presented) {
        return Ok(Err(error));
    }
    let used =
        Use { network: &presented.network, expires_at: grant_expiry(tokens, grant.created_at, grant.ends_at, tx.now) };
    if !grants::redeem(tx, grant.id, used, i32::from(client.metadata.refreshes(&grant.scope())))? {
        return replayed(tx, &grant);
    }
    Ok(Ok(grant))
}

fn replayed(tx: &mut Tx<'_>, grant: &Grant) -> Result<Result<Grant, Error>, Fault> {
    grants::revoke(tx, grant.id)?;
    Ok(Err(Error::new(Cause::CodeReplayed, "the code was redeemed already; everything issued from it is revoked")
        .because(format!("replay of the code of grant {}", grant.id))))
}

/// What the request had bound the code to.
fn check(grant: &Grant, presented: &Presented) -> Result<(), Error> {
    let asked = grant.redirect_uri.as_deref();
    if presented.redirect_uri.as_deref() != asked {
        return Err(Error::new(
            Cause::CodeRedirectUriMismatch,
            "redirect_uri is not the one of the authorization request",
        )
        .expected(asked.unwrap_or_default(), presented.redirect_uri.as_deref().unwrap_or_default()));
    }
    match (&grant.code_challenge, &presented.code_verifier) {
        (Some(challenge), Some(verifier)) => {
            let verifier =
                CodeVerifier::parse(verifier).map_err(|reason| Error::new(Cause::CodeVerifierInvalid, reason))?;
            if !CodeChallenge::from_stored(challenge.clone()).matches(&verifier) {
                return Err(Error::new(Cause::CodeVerifierMismatch, "code_verifier does not match the code_challenge"));
            }
        }
        (Some(_), None) => return Err(Error::new(Cause::CodeVerifierInvalid, "code_verifier is missing")),
        (None, Some(_)) => {
            return Err(Error::new(
                Cause::CodeVerifierInvalid,
                "there is a code_verifier, but the authorization request had no code_challenge",
            ));
        }
        (None, None) => {}
    }
    if presented.resource.as_ref().is_some_and(|resource| *resource != grant.audience) {
        return Err(Error::new(Cause::ResourceNotGranted, "resource is not the one that was granted")
            .expected(&grant.audience, presented.resource.as_deref().unwrap_or_default()));
    }
    Ok(())
}
