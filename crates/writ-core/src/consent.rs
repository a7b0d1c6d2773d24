//! What a user decided about a client: what a form ticks, what is stored, and what remains valid
//! after the scopes have changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    ScopeSet,
    vocabulary::{claims_request::ClaimsRequest, duration::GrantDuration, scope::Risk, standard_claims},
};

/// The state of a scope when its description was disclosed to the user. A scope has an id besides
/// its name: one that was deleted and created again is a different scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// The id of the scope.
    pub scope_id: String,
    /// The audience of its API.
    pub audience: String,
    /// Its risk.
    pub risk: Risk,
    /// A digest of its descriptions in all languages.
    pub texts: String,
    /// The claims of the operator's own that the client gets with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub claims: BTreeSet<String>,
}

impl Disclosure {
    /// Whether consent to this also covers `current`: the same scope of the same API with no higher
    /// risk and no further claims. The descriptions may have been reworded.
    pub fn covers(&self, current: &Self) -> bool {
        self.scope_id == current.scope_id
            && self.audience == current.audience
            && current.risk <= self.risk
            && current.claims.is_subset(&self.claims)
    }
}

/// A stored consent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Scopes that were allowed and not withdrawn.
    pub granted: ScopeSet,
    /// Scopes that were shown and left unticked the last time.
    pub declined: ScopeSet,
    /// Single claims that were allowed without their whole scope (OpenID Connect Core §5.5).
    pub claims: BTreeSet<String>,
    /// What was disclosed about each granted scope.
    pub disclosed: BTreeMap<String, Disclosure>,
    /// When it ends, in seconds since the epoch. `None` if the user set no end.
    pub expires_at: Option<i64>,
}

/// What the user decided about a scope earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeStatus {
    /// The user has not decided yet.
    New,
    /// Allowed, and still in force.
    AlreadyAllowed,
    /// Allowed and still in force, but with a different description.
    Reworded,
    /// Allowed, but the scope has since been replaced or become riskier. Consent is needed again.
    Changed,
    /// Left unticked the last time.
    DeclinedBefore,
}

impl Consent {
    /// The status of `scope`, which is now as `current` says.
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

    /// The status of `scope`. `current` is `None` if the scope no longer exists.
    pub fn status_of(&self, scope: &str, current: Option<&Disclosure>) -> ScopeStatus {
        match current {
            Some(current) => self.status(scope, current),
            None => ScopeStatus::Changed,
        }
    }

    /// The part that is still valid. `current` returns the present state of a scope: one that was
    /// deleted, created again, moved to another API or made riskier needs consent again.
    #[must_use]
    pub fn in_force(mut self, current: impl Fn(&str) -> Option<Disclosure>) -> Self {
        self.granted = self.granted.filter(|scope| {
            let disclosed = self.disclosed.get(scope);
            disclosed.zip(current(scope)).is_some_and(|(disclosed, current)| disclosed.covers(&current))
        });
        self
    }

    /// The scopes that a request with these single `claims` can be granted without consent. A scope
    /// may represent single claims only if each of them was allowed. This never makes it a granted
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
    /// The scopes that the page requested.
    pub requested: ScopeSet,
    /// The requested scopes that only represent single claims.
    pub implied: ScopeSet,
    /// The requested single claims.
    pub claims: ClaimsRequest,
    /// The allowed scopes, from [`ticked`]. Empty if the user denied the request.
    pub ticked: ScopeSet,
    /// How long the consent lasts.
    pub duration: GrantDuration,
    /// What the page disclosed about each requested scope.
    pub disclosed: BTreeMap<String, Disclosure>,
}

/// What happens to the stored consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentChange {
    /// It stays as it is, because the user denied the request.
    Unchanged,
    /// It is deleted, because the user allowed the request only once.
    Forgotten,
    /// It is replaced.
    Saved(Consent),
}

/// The consequences of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The change to the stored consent.
    pub consent: ConsentChange,
    /// The scopes to remove from every grant of the client.
    pub narrowed: ScopeSet,
    /// When every grant of the client ends, in seconds since the epoch. `None` if the user set no
    /// end.
    pub ends_at: Option<i64>,
}

/// The scopes that a submitted form allows: the requested and ticked ones, or none if a required
/// scope is missing from the form.
pub fn ticked(requested: &ScopeSet, required: &ScopeSet, boxes: &ScopeSet) -> ScopeSet {
    if required.is_subset(boxes) { requested.intersect(boxes) } else { ScopeSet::default() }
}

/// Whether the box of a scope starts ticked. A required scope has no box. The user must tick high
/// risks, and for an unverified app also elevated risks.
pub fn starts_ticked(status: ScopeStatus, risk: Risk, required: bool, verified: bool) -> bool {
    let harmless = if verified { risk < Risk::High } else { risk < Risk::Elevated };
    required
        || match status {
            ScopeStatus::AlreadyAllowed | ScopeStatus::Reworded => true,
            ScopeStatus::DeclinedBefore => false,
            ScopeStatus::New | ScopeStatus::Changed => harmless,
        }
}

/// The preselected duration. Consent for an unverified app ends after 30 days.
pub fn preset_duration(verified: bool) -> GrantDuration {
    if verified { GrantDuration::UntilRevoked } else { GrantDuration::ThirtyDays }
}

/// Computes the consequences of a decision made at `now`. Unticked scopes are removed from all
/// grants of the client. Scopes that were not on the page do not change. A single claim is stored
/// by its own name, never as its whole scope.
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

/// The consent without `scope`, which the user withdrew.
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
