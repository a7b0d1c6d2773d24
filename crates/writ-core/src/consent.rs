//! What a user decided about a client: what a form ticks, what is remembered, and what of it still
//! holds when the scopes have changed since.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    ScopeSet,
    vocabulary::{claims_request::ClaimsRequest, duration::GrantDuration, scope::Risk, standard_claims},
};

/// What a scope was when the user read about it. A scope has an identity besides its name: one
/// that is deleted and created again is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Which scope of this name it was.
    pub scope_id: String,
    /// The API it was for.
    pub audience: String,
    /// How much harm it could do.
    pub risk: Risk,
    /// A digest of its texts in every language.
    pub texts: String,
}

impl Disclosure {
    /// Whether a user who read this has also allowed `current`: the same scope of the same API,
    /// and no riskier. Texts may have been reworded.
    pub fn covers(&self, current: &Self) -> bool {
        self.scope_id == current.scope_id && self.audience == current.audience && current.risk <= self.risk
    }
}

/// A remembered consent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Allowed and not taken back.
    pub granted: ScopeSet,
    /// Shown and left unticked the last time.
    pub declined: ScopeSet,
    /// Single claims allowed without their whole scope (OpenID Connect Core §5.5).
    pub claims: BTreeSet<String>,
    /// What was read about each granted scope.
    pub disclosed: BTreeMap<String, Disclosure>,
    /// When it ends, in seconds since the epoch; `None` if the user set no end.
    pub expires_at: Option<i64>,
}

/// What was decided about a scope before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeStatus {
    /// Never asked.
    New,
    /// Allowed, and still in force.
    AlreadyAllowed,
    /// Allowed and still in force, but described in other words then.
    Reworded,
    /// Allowed, but it was another scope then, or less risky: it is asked again.
    Changed,
    /// Left unticked the last time.
    DeclinedBefore,
}

impl Consent {
    /// Whether `scope` was allowed as it is `current`ly.
    fn status(&self, scope: &str, current: &Disclosure) -> ScopeStatus {
        if self.granted.contains(scope) {
            return match self.disclosed.get(scope) {
                Some(disclosed) if !disclosed.covers(current) => ScopeStatus::Changed,
                Some(disclosed) if disclosed.texts != current.texts => ScopeStatus::Reworded,
                Some(_) => ScopeStatus::AlreadyAllowed,
                None => ScopeStatus::Changed,
            };
        }
        if self.declined.contains(scope) { ScopeStatus::DeclinedBefore } else { ScopeStatus::New }
    }

    /// What was decided about `scope`, which is `current`ly that; `None` if it no longer exists.
    pub fn status_of(&self, scope: &str, current: Option<&Disclosure>) -> ScopeStatus {
        match current {
            Some(current) => self.status(scope, current),
            None => ScopeStatus::Changed,
        }
    }

    /// The part that still holds, where `current` says what a scope is today: a scope that was
    /// deleted, created again, moved to another API or became riskier is asked about again.
    #[must_use]
    pub fn in_force(mut self, current: impl Fn(&str) -> Option<Disclosure>) -> Self {
        self.granted = self.granted.filter(|scope| {
            let disclosed = self.disclosed.get(scope);
            disclosed.zip(current(scope)).is_some_and(|(disclosed, current)| disclosed.covers(&current))
        });
        self
    }

    /// The scopes that a request with these single `claims` may be issued without asking. A scope
    /// stands for single claims only if each of them was allowed; that never makes it a granted
    /// scope.
    pub fn covering(&self, claims: &ClaimsRequest) -> ScopeSet {
        let stands_for = |scope: &str| {
            let mut names = claims.names().filter(|name| standard_claims::scope_of(name) == Some(scope)).peekable();
            names.peek().is_some() && names.all(|name| self.claims.contains(name))
        };
        self.granted.union(&claims.scopes().filter(stands_for))
    }
}

/// What a user decided on a consent page.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What the page asked for.
    pub requested: ScopeSet,
    /// Of these, the scopes that only stand for single claims.
    pub implied: ScopeSet,
    /// The single claims requested.
    pub claims: ClaimsRequest,
    /// What was allowed, as [`ticked`] rules; empty if the user denied.
    pub ticked: ScopeSet,
    /// For how long.
    pub duration: GrantDuration,
    /// What the page said about each requested scope.
    pub disclosed: BTreeMap<String, Disclosure>,
}

/// What becomes of the consent that was remembered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentChange {
    /// A denial changes nothing.
    Unchanged,
    /// What is allowed for this time only is not remembered.
    Forgotten,
    /// It is replaced.
    Saved(Consent),
}

/// What follows from a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// For later requests.
    pub consent: ConsentChange,
    /// Taken back from every grant the client has.
    pub narrowed: ScopeSet,
    /// When everything that the client has ends, in seconds since the epoch; `None` if the user
    /// set no end.
    pub ends_at: Option<i64>,
}

/// What a form allows: what was requested and ticked, or nothing if a required scope was taken out
/// of the form.
pub fn ticked(requested: &ScopeSet, required: &ScopeSet, boxes: &ScopeSet) -> ScopeSet {
    if required.is_subset(boxes) { requested.intersect(boxes) } else { ScopeSet::default() }
}

/// Whether a scope's box starts ticked. A required scope has no box. What can do harm is ticked by
/// the user, and for an app that nobody vouches for that begins at an elevated risk.
pub fn starts_ticked(status: ScopeStatus, risk: Risk, required: bool, verified: bool) -> bool {
    let harmless = if verified { risk < Risk::High } else { risk < Risk::Elevated };
    required
        || match status {
            ScopeStatus::AlreadyAllowed | ScopeStatus::Reworded => true,
            ScopeStatus::DeclinedBefore => false,
            ScopeStatus::New | ScopeStatus::Changed => harmless,
        }
}

/// The preset duration: an app that nobody vouches for is asked about again.
pub fn preset_duration(verified: bool) -> GrantDuration {
    if verified { GrantDuration::UntilRevoked } else { GrantDuration::ThirtyDays }
}

/// What is remembered of a decision made at `now`. What was left unticked is taken back from
/// everything the client has; what was not on the page stays as it was. A single claim is
/// remembered by its own name and never as its whole scope.
pub fn remember(previous: Consent, decision: Decision, now: i64) -> Remembered {
    let Decision { requested, implied, claims, ticked, duration, mut disclosed } = decision;
    if ticked.is_empty() {
        return Remembered { consent: ConsentChange::Unchanged, narrowed: ScopeSet::default(), ends_at: None };
    }
    let unticked = requested.without(&ticked);
    let ends_at = duration.ends_at(now);
    if duration == GrantDuration::Once {
        return Remembered { consent: ConsentChange::Forgotten, narrowed: unticked, ends_at };
    }
    let granted = ticked.without(&implied);
    disclosed.retain(|scope, _| granted.contains(scope));
    let kept = previous.granted.without(&unticked);
    let claims_kept = previous
        .claims
        .into_iter()
        .filter(|claim| standard_claims::scope_of(claim).is_none_or(|scope| !unticked.contains(scope)));
    let claims_allowed = claims.names().filter(|claim| {
        standard_claims::scope_of(claim).is_some_and(|scope| ticked.contains(scope) && implied.contains(scope))
    });
    let claims = claims_kept.chain(claims_allowed.map(str::to_owned)).collect();
    let mut known = previous.disclosed;
    known.retain(|scope, _| kept.contains(scope));
    known.extend(disclosed);
    let consent = Consent {
        declined: previous.declined.without(&ticked).union(&unticked),
        granted: kept.union(&granted),
        claims,
        disclosed: known,
        expires_at: ends_at,
    };
    Remembered { consent: ConsentChange::Saved(consent), narrowed: unticked, ends_at }
}

/// The consent after one scope was taken back.
#[must_use]
pub fn take_back(mut consent: Consent, scope: &str) -> Consent {
    consent.granted = consent.granted.filter(|name| name != scope);
    consent.claims.retain(|claim| standard_claims::scope_of(claim) != Some(scope));
    consent.disclosed.remove(scope);
    consent.declined = consent.declined.union(&std::iter::once(scope).collect());
    consent
}

#[cfg(test)]
mod tests;
