//! The facts that the next step of an authorization request depends on.

use std::collections::BTreeMap;

use writ_core::{
    ScopeSet,
    authorization::{
        AuthorizationRequest, Step,
        demands::{Demands, SignInDemands},
        next_step,
        next_step::{Allowed, Arrival, Decision, Identity, Session, Signed, Situation, Trust},
    },
    consent::{Consent, Disclosure},
    groups::Restrictions,
    scopes::ScopeIds,
};

use crate::store::{self, Id, requests::PendingRequest, sessions::Permissions};

/// The facts that stay the same between the first decision and the one in the unit of work that
/// issues the code.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) request: AuthorizationRequest,
    pub(super) now: i64,
    /// The browser's session.
    pub(super) session: Option<Id>,
    pub(super) arrival: Option<Arrival>,
    pub(super) means_another: bool,
    pub(super) chosen: bool,
    pub(super) others_signed_in: bool,
    pub(super) trust: Trust,
    pub(super) decision: Option<Decision>,
    pub(super) has_second_factor: bool,
    pub(super) declines_step_up: bool,
    /// What of the request is open to some groups only.
    pub(super) restrictions: Restrictions,
    pub(super) leaves: bool,
    pub(super) terms_due: bool,
    /// The classes of authentication that the requested scopes demand.
    pub(super) demands: Demands,
    /// Those that the client and the groups of users demand.
    pub(super) sign_in_demands: SignInDemands,
    /// The current state of each requested scope.
    pub(super) disclosed: BTreeMap<String, Disclosure>,
}

impl Facts {
    /// Reads the decision from the current row of the pending request. The user may have withdrawn
    /// some of it since the request was read.
    pub(super) fn decided_in(&mut self, row: &PendingRequest) {
        self.decision = decision(row, &self.disclosed);
    }

    /// The scopes that the user allowed earlier and that have not changed since.
    fn allowed(&self, consent: Consent) -> Allowed {
        let ends_at = consent.expires_at;
        let consent = consent.in_force(|scope| self.disclosed.get(scope).cloned());
        Allowed { scope: consent.covering(&self.request.claims), ends_at }
    }

    /// The next step for this session and its user's groups and consent.
    pub(super) fn next_step(&self, found: Option<(store::sessions::Session, Permissions)>) -> Step {
        let found = found.filter(|(session, _)| Some(session.id) == self.session);
        let signed = found.as_ref().map(|(session, _)| Signed {
            session: authenticated(session),
            arrival: self.arrival,
            means_another: self.means_another,
            chosen: self.chosen,
            others_signed_in: self.others_signed_in,
        });
        let permissions = found.map(|(_, permissions)| permissions);
        let closed = permissions.as_ref().map(|permissions| self.restrictions.closed_to(&permissions.groups));
        let demanded = permissions.as_ref().and_then(|permissions| self.sign_in_demands.of(&permissions.groups));
        let consent = permissions.and_then(|permissions| permissions.consent).unwrap_or_default();
        let situation = Situation {
            identity: Identity::of(signed),
            allowed: self.allowed(consent),
            closed: closed.unwrap_or_default(),
            demands: self.demands.clone(),
            demanded,
            leaves: self.leaves,
            terms_due: self.terms_due,
            trust: self.trust,
            decision: self.decision.clone(),
            has_second_factor: self.has_second_factor,
            declines_step_up: self.declines_step_up,
            now: self.now,
        };
        next_step(&self.request, &situation)
    }
}

fn authenticated(session: &store::sessions::Session) -> Session {
    let evidence = session.evidence();
    Session { id: session.id.0, auth_time: evidence.known_auth_time(), acr: evidence.acr() }
}

/// The user's decision, if there is one. Scopes that were replaced since are left out: `disclosed`
/// says what each scope is today.
pub(super) fn decision(row: &PendingRequest, disclosed: &BTreeMap<String, Disclosure>) -> Option<Decision> {
    let granted = ScopeSet::from_stored(row.granted.as_deref()?);
    let allowed = ScopeIds::from_stored(row.scope_ids.as_deref());
    Some(Decision {
        session: row.decided_by?.0,
        granted: allowed.among(&granted, disclosed),
        duration: row.duration.as_deref().and_then(|word| word.parse().ok()).unwrap_or_default(),
    })
}
