//! What follows an authentication at another provider: a session, the second factor, or the page
//! for users who are not linked yet.

use actix_web::web::Data;
use writ_core::{authentication::Evidence, upstream::Identity};

use super::{super::password_proof::PasswordProof, ATTEMPTS, Failure};
use crate::{
    fault::Fault,
    metrics::METRICS,
    secret::Handle,
    server::Server,
    sessions::{
        origin::Origin,
        sign_in::{self, SignInBrowser},
    },
    store::{
        Id, Tx, email_link_refusals, linked_subjects,
        notices::Kind as Change,
        passkeys,
        throttle::Limits,
        totp_factors,
        unlinked_identities::{self, LIFETIME, UnlinkedIdentity},
        upstream_attempts::Attempt,
        upstream_logouts,
        upstream_sessions::{self, UpstreamSession},
        users::{self, User},
    },
    upstream::Provider,
    web::limits::of_strangers,
};

/// How often a unit of work runs in which another one links the same user.
const TRIES: usize = 2;

/// The result of a sign-in.
pub enum SignIn {
    /// A new session: its handle for the cookie, and its user.
    Accepted(Handle, Id),
    /// The second factor must follow.
    SecondStep(PasswordProof),
    /// The user is not linked yet: the handle of the identity, for its cookie.
    FirstTime(Handle),
}

/// A user who has authenticated at a provider, and the browser.
#[derive(Clone)]
struct Arrival {
    server: Data<Server>,
    identity: Identity,
    evidence: Evidence,
    trusted_domains: Vec<String>,
    /// The name of the provider.
    provider: String,
    browser: SignInBrowser,
    session: Handle,
    limits: Limits,
    unlinked: UnlinkedIdentity,
    /// When the user authenticated at the provider, or the attempt began.
    since: i64,
}

/// What a unit of work decided.
enum Decided {
    Session(Id),
    SecondStep(PasswordProof),
    FirstTime,
    Disabled,
    /// The session at the provider has ended.
    Ended,
}

pub(super) async fn begin(
    server: &Data<Server>,
    provider: &Provider,
    attempt: &Attempt,
    identity: Identity,
    evidence: Evidence,
    browser: SignInBrowser,
    since: i64,
) -> Result<Result<SignIn, Failure>, Fault> {
    let (session, first_time) = (Handle::random(), Handle::random());
    let arrival = Arrival {
        server: Data::clone(server),
        trusted_domains: provider.settings.trusted_email_domains.clone(),
        provider: provider.settings.name.clone(),
        session: session.clone(),
        limits: of_strangers(&server.settings.throttle, ATTEMPTS, browser.address),
        unlinked: unlinked(attempt, &identity, &evidence, &first_time, server.clock.now()),
        identity,
        evidence,
        browser,
        since,
    };
    let mut tries = 1;
    let decided = loop {
        let arrival = arrival.clone();
        match server.store.write(move |tx| arrival.decide(tx)).await {
            Err(fault) if fault.is_unique_violation() && tries < TRIES => tries += 1,
            decided => break decided?,
        }
    };
    let provider = &provider.settings.id;
    Ok(match decided {
        Decided::Session(user_id) => {
            tracing::info!(user = %user_id, session = %session.id, provider, "signed in");
            METRICS.sign_ins.add(["accepted"]);
            Ok(SignIn::Accepted(session, user_id))
        }
        Decided::SecondStep(proof) => {
            METRICS.sign_ins.add(["second_step"]);
            Ok(SignIn::SecondStep(proof))
        }
        Decided::FirstTime => Ok(SignIn::FirstTime(first_time)),
        Decided::Disabled => {
            tracing::info!(provider, "sign-in refused: the account is disabled");
            METRICS.sign_ins.add(["wrong"]);
            Err(Failure::Disabled)
        }
        Decided::Ended => {
            tracing::info!(provider, "sign-in refused: the provider has signed the user out");
            Err(Failure::Ended)
        }
    })
}

/// The row of a user who is not linked yet. It is bound to the same browser as the attempt.
fn unlinked(
    attempt: &Attempt,
    identity: &Identity,
    evidence: &Evidence,
    handle: &Handle,
    now: i64,
) -> UnlinkedIdentity {
    let Identity { issuer, subject, sid, profile, .. } = identity.clone();
    UnlinkedIdentity {
        id: Id(handle.id),
        secret_hash: handle.secret.hash().0.to_vec(),
        browser: attempt.browser.clone(),
        provider: attempt.provider.clone(),
        issuer,
        subject,
        sid,
        evidence: evidence.to_string(),
        name: profile.name,
        email: profile.email,
        email_verified: profile.email_verified,
        request: attempt.request.clone(),
        return_to: attempt.return_to.clone(),
        created_at: now,
        expires_at: now + LIFETIME,
    }
}

impl Arrival {
    fn decide(&self, tx: &mut Tx<'_>) -> Result<Decided, Fault> {
        let Some(user) = self.user(tx)? else {
            if !upstream_logouts::may_begin(tx, &session_of(&self.identity), self.since)? {
                return Ok(Decided::Ended);
            }
            unlinked_identities::insert(tx, &self.unlinked)?;
            return Ok(Decided::FirstTime);
        };
        if user.disabled_at.is_some() {
            return Ok(Decided::Disabled);
        }
        let upstream = session_of(&self.identity);
        if !upstream_logouts::may_begin(tx, &upstream, self.since)? {
            return Ok(Decided::Ended);
        }
        self.limits.refund(tx)?;
        if totp_factors::find(tx, user.id)?.is_some() && !self.browser.trusted.is_of(tx, user.id)? {
            let proof = PasswordProof::of_upstream(&user, upstream, &self.evidence, tx.now);
            return Ok(Decided::SecondStep(proof));
        }
        let session = self.browser.session(&self.server, &self.session, user.id);
        let (session_id, earlier) = (session.id, self.browser.earlier(user.id));
        let notice = self.browser.notice(&self.server, user.id);
        sign_in::insert(tx, session, &self.evidence, earlier, notice.as_ref())?;
        upstream_sessions::insert(tx, session_id, &upstream)?;
        Ok(Decided::Session(user.id))
    }

    /// The linked user, locked, or the one whose address the provider is trusted for. `None` if
    /// there is none, also because the link was removed, or the address changed, before the lock.
    fn user(&self, tx: &mut Tx<'_>) -> Result<Option<User>, Fault> {
        let Identity { issuer, subject, profile, .. } = &self.identity;
        let linked = linked_subjects::find_user(tx, issuer, subject)?;
        let email = profile.trusted_email(&self.trusted_domains);
        let found = match (&linked, email) {
            (Some(_), _) => linked.clone(),
            (None, Some(email)) => users::find_by_email(tx, email)?,
            (None, None) => None,
        };
        let Some(found) = found else { return Ok(None) };
        let Some(user) = users::find_and_lock(tx, found.id)? else { return Ok(None) };
        if linked.is_none() && user.disabled_at.is_none() {
            let is_own = user.email_verified && user.email.as_deref() == email;
            if !is_own || !self.may_link_by_address(tx, &user)? {
                return Ok(None);
            }
            link(tx, &user, &self.identity, &self.provider, &self.browser.origin)?;
        }
        let is_linked = linked_subjects::use_link(tx, user.id, issuer, subject, self.identity.account())?;
        Ok((is_linked || user.disabled_at.is_some()).then_some(user))
    }

    /// Whether the address alone may link the user: not after the user has taken a link back, not a
    /// second user of the provider, to which the address may have passed, and not past a second
    /// factor or a passkey, because the link would remain if it is never shown.
    fn may_link_by_address(&self, tx: &mut Tx<'_>, user: &User) -> Result<bool, Fault> {
        let links = linked_subjects::list_of_user(tx, user.id)?;
        let is_linked = links.iter().any(|link| link.issuer == self.identity.issuer);
        let has_factor = totp_factors::find(tx, user.id)?.is_some() || !passkeys::list_of_user(tx, user.id)?.is_empty();
        Ok(!is_linked && !has_factor && !email_link_refusals::is_refused(tx, user.id)?)
    }
}

/// The session of a user at the provider.
pub(super) fn session_of(identity: &Identity) -> UpstreamSession {
    UpstreamSession { issuer: identity.issuer.clone(), subject: identity.subject.clone(), sid: identity.sid.clone() }
}

/// Links a user, and informs them. A user of the provider who is linked already is a unique
/// violation. The caller has locked the user.
pub(super) fn link(
    tx: &mut Tx<'_>,
    user: &User,
    identity: &Identity,
    provider: &str,
    origin: &Origin,
) -> Result<(), Fault> {
    linked_subjects::insert(tx, user.id, &identity.issuer, &identity.subject)?;
    origin.record_about(tx, user, Change::ProviderLinked, Some(provider))
}
