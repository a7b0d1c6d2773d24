//! `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 §2.1) with an identity
//! assertion. The rules are `writ_core::token::identity_assertion::accept`.

use writ_core::{
    Error, ErrorCode, Params, ScopeSet,
    authentication::Evidence,
    grants::{Grant, GrantState, Live},
    token::identity_assertion::accept::{
        self, Expected, Granted, IdentityAssertion, Requested, replayed, taken_back, trusted_email, unknown_subject,
    },
    vocabulary::claims_request::ClaimsRequest,
};

use super::issuing::Issuing;
use crate::{
    clients::AuthenticatedClient,
    fault::{Fault, Stop},
    server::Server,
    store::{
        Id, Tx, client_assertions, email_link_refusals, grants, linked_subjects,
        security_events::{self, Kind},
        users::{self, User},
    },
    tokens::{Authorization, Subject},
};

/// Redeems an identity assertion. There is no refresh token: the identity provider decides again
/// for each assertion.
///
/// # Errors
/// `invalid_request`, `invalid_grant`, `invalid_scope` or `invalid_target`.
/// `unsupported_grant_type` if no identity provider is trusted. A fault of the store.
pub(super) async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    params: &Params,
    network: String,
) -> Result<Authorization, Stop> {
    if server.settings.identity_assertions.trusted_issuers.is_empty() {
        let description = "no identity provider is trusted to issue assertions";
        return Err(Error::new(ErrorCode::UnsupportedGrantType, description).into());
    }
    let (trusted, assertion) = server.clients.verify_identity_assertion(params.require("assertion")?).await?;
    let expected = Expected {
        identity_provider: trusted.issuer.as_str(),
        issuer: server.issuer(),
        client_id: &client.id,
        now: server.clock.now(),
    };
    accept::check(&assertion, expected)?;
    let scope = ScopeSet::asked(params)?;
    let requested = Requested { scope: scope.as_ref(), resource: params.get("resource")? };
    let granted = accept::grant(&assertion, requested, &client.metadata, &server.snapshot().scopes.offer)?;
    let email = trusted_email(&assertion, &trusted.email_domains).map(str::to_owned);
    let issuing = Issuing::new(server, client.into_inner(), network);
    let (client, resource) = (issuing.client.clone(), granted.resource.clone());
    let unit = move |tx: &mut Tx<'_>| redeem_once(tx, &assertion, email.as_deref(), granted, &issuing);
    let (subject, scope) = server.store.decide(unit).await?;
    Ok(Authorization {
        subject: Subject::User(Box::new(subject)),
        client,
        scope,
        resource,
        nonce: None,
        refresh_generation: None,
    })
}

/// Finds the user, records the grant, and returns what of it is open to the user. It locks the user
/// first, as a revocation does, so that one of the two sees the other.
fn redeem_once(
    tx: &mut Tx<'_>,
    assertion: &IdentityAssertion,
    email: Option<&str>,
    granted: Granted,
    issuing: &Issuing,
) -> Result<((User, Grant), ScopeSet), Stop> {
    let found = match linked_subjects::find_user(tx, &assertion.iss, &assertion.sub)? {
        None => email.map(|email| users::find_by_email(tx, email)).transpose()?.flatten(),
        linked => linked,
    };
    let unknown = |reason: &str| unknown_subject(format!("{} of {}: {reason}", assertion.sub, assertion.iss));
    let found = found.ok_or_else(|| unknown("no user is linked to it, or has its e-mail address"))?;
    users::lock(tx, found.id)?;
    let user = users::find(tx, found.id)?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(|| unknown("the account is disabled"))?;
    if !is_about(tx, &user, assertion, email)? {
        return Err(unknown("the user has taken a link back, or is linked to another subject").into());
    }
    let client_id = &*issuing.client.id;
    let issued_at = assertion.once.issued_at().unwrap_or_default();
    if security_events::was_taken_back(tx, user.id, client_id, issued_at)? {
        return Err(taken_back().into());
    }
    let resource = granted.resource.clone();
    let wanted = grant(tx.now, user.id, assertion, granted, issuing);
    let scope = issuing.scope(&issuing.in_force(&wanted, &user)?, &resource)?;
    // The prefix separates these identifiers from those of the client's own assertions.
    let used = format!("{} {}", assertion.iss, assertion.once.jti);
    if !client_assertions::consume(tx, client_id, &used, assertion.once.used_until())? {
        return Err(replayed().into());
    }
    if let Some(grant) = grants::find_asserted(tx, &wanted)? {
        grants::touch(tx, Id(grant.id), issuing.used(&grant, tx.now))?;
        return Ok(((user, grant), scope));
    }
    grants::insert(tx, &wanted)?;
    security_events::record(tx, user.id, Kind::AccessAsserted, Some(client_id), &issuing.network)?;
    Ok(((user, wanted), scope))
}

/// Whether the assertion is about this user, who is locked: by a link, or by the address alone, as
/// for a sign-in. The address may have passed to another subject of the identity provider.
fn is_about(tx: &mut Tx<'_>, user: &User, assertion: &IdentityAssertion, email: Option<&str>) -> Result<bool, Fault> {
    if let Some(linked) = linked_subjects::find_user(tx, &assertion.iss, &assertion.sub)? {
        return Ok(linked.id == user.id);
    }
    let by_address = email.map(|email| users::find_by_email(tx, email)).transpose()?.flatten();
    let is_linked = linked_subjects::list_of_user(tx, user.id)?.iter().any(|link| link.issuer == assertion.iss);
    let is_theirs = by_address.is_some_and(|found| found.id == user.id);
    Ok(is_theirs && !is_linked && !email_link_refusals::is_refused(tx, user.id)?)
}

fn grant(now: i64, user_id: Id, assertion: &IdentityAssertion, granted: Granted, issuing: &Issuing) -> Grant {
    let live = Live { code: None, family: None, last_used_at: now, last_used_network: issuing.network.clone() };
    Grant {
        id: Id::now_v7().0,
        user_id: user_id.0,
        asserted_by: Some(assertion.iss.clone()),
        client_id: issuing.client.id.clone(),
        // The user has no session here.
        sid: Id::now_v7().0,
        bound_to: None,
        scope_ids: issuing.scope_ids(&granted.scope),
        scope: granted.scope,
        claims: ClaimsRequest::default(),
        resources: vec![granted.resource],
        auth_time: now,
        evidence: Evidence::default(),
        created_at: now,
        ends_at: None,
        expires_at: issuing.expiry(now, None, now),
        state: GrantState::Live(live),
    }
}
