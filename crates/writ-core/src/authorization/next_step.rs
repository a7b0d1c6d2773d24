//! What comes next for an authorization request.

use std::borrow::Cow;

use uuid::Uuid;

use super::{AuthorizationRequest, demands::Demands, requested_acr::Need};
use crate::{
    Cause, Error, ErrorCode, ScopeSet,
    groups::Closed,
    vocabulary::{acr::Acr, duration::GrantDuration},
};

/// A browser session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The session's id, new at each sign-in.
    pub id: Uuid,
    /// When the user authenticated, in seconds since the epoch. `None` if another provider did not
    /// disclose it, so that the authentication counts as too old for a request that limits its age.
    pub auth_time: Option<i64>,
    /// How strongly the user authenticated.
    pub acr: Acr,
}

/// When a pending request arrived, and which session the browser had then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Time in seconds since the epoch.
    pub at: i64,
    /// The active session at that time, if any.
    pub session: Option<Uuid>,
}

/// The user who is signed in at the browser, in relation to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// No user is signed in.
    SignedOut,
    /// The user signed in for this request.
    Fresh(Session),
    /// The user signed in earlier and chose this account for this request.
    Chosen(Session),
    /// The user signed in earlier.
    Current(Session),
    /// The request names another user, by `id_token_hint` or by a `sub` claim.
    NotTheOneMeant {
        /// The session of the user who is signed in.
        session: Session,
        /// Whether that user signed in for this request.
        fresh: bool,
        /// Whether other users are signed in at this browser as well.
        others_signed_in: bool,
    },
}

/// What is known about the active session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// The session.
    pub session: Session,
    /// How the request arrived, if it was pending.
    pub arrival: Option<Arrival>,
    /// Whether the request names another user
    /// ([OpenID Connect Core
    /// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest), §5.5.1).
    pub means_another: bool,
    /// Whether the user chose this account for this request.
    pub chosen: bool,
    /// Whether other users are signed in at this browser as well.
    pub others_signed_in: bool,
}

impl Identity {
    /// The identity behind the active session, if there is one.
    pub fn of(signed: Option<Signed>) -> Self {
        let Some(Signed { session, arrival, means_another, chosen, others_signed_in }) = signed else {
            return Self::SignedOut;
        };
        // Each sign-in makes a new session. A different session may still be an old one from
        // another window, so the authentication time is compared as well.
        let fresh =
            arrival.is_some_and(|arrival| arrival.session != Some(session.id) && session.auth_time >= Some(arrival.at));
        match (means_another, fresh, chosen) {
            (true, ..) => Self::NotTheOneMeant { session, fresh, others_signed_in },
            (false, true, _) => Self::Fresh(session),
            (false, false, true) => Self::Chosen(session),
            (false, false, false) => Self::Current(session),
        }
    }
}

/// How certain the server is of the client's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// An administrator approved it, and no other program can receive its responses.
    Approved,
    /// An administrator approved it, but another program could impersonate it
    /// ([RFC 8252 §8.6](https://www.rfc-editor.org/rfc/rfc8252#section-8.6)).
    Impersonable,
    /// The client registered itself.
    Unapproved,
}

/// What the user decided about this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The session in which the user decided.
    pub session: Uuid,
    /// The granted scope; empty if the user denied.
    pub granted: ScopeSet,
    /// How long the grant lasts.
    pub duration: GrantDuration,
}

/// What the user allowed the client earlier, as far as it is still in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// The scope.
    pub scope: ScopeSet,
    /// When it ends, in seconds since the epoch. `None` if the user set no end.
    pub ends_at: Option<i64>,
}

/// Everything that the decision depends on besides the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Who is signed in.
    pub identity: Identity,
    /// What the user allowed earlier.
    pub allowed: Allowed,
    /// What of the request is not open to the user.
    pub closed: Closed,
    /// The classes of authentication that the requested scopes demand.
    pub demands: Demands,
    /// The class that the client, or a group of the user, demands.
    pub demanded: Option<Acr>,
    /// Whether the user returns to the client without what is not open, or without the terms.
    pub leaves: bool,
    /// Whether the user has not accepted the current version of the terms.
    pub terms_due: bool,
    /// How certain the server is of the client's identity.
    pub trust: Trust,
    /// What the user decided about this request.
    pub decision: Option<Decision>,
    /// Whether the user has a second factor.
    pub has_second_factor: bool,
    /// Whether the user goes on without a stronger authentication.
    pub declines_step_up: bool,
    /// The current time, in seconds since the epoch.
    pub now: i64,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The user must sign in.
    Login,
    /// The user must choose one of the accounts that are signed in at this browser.
    Choose,
    /// The user must accept the terms.
    Terms,
    /// The user must learn that the client, or something that it requires, is not open to this
    /// account.
    NotOpen,
    /// The user must prove the second factor.
    StepUp,
    /// The user must set up a second factor.
    SetUp,
    /// The user must decide about the scopes.
    Consent,
    /// The client receives a code.
    Issue(Issue),
    /// The client receives an error.
    Refuse(Error),
}

/// What an authorization code is issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The granted scope.
    pub scope: ScopeSet,
    /// When the grant ends. `None` if the user set no end.
    pub ends_at: Option<i64>,
    /// The session in which the user granted it.
    pub session: Uuid,
}

/// The next step: sign-in, then the choice of an account, then the terms, then what is open to that
/// account, then step-up, then consent
/// ([OpenID Connect Core
/// §3.1.2.3](https://openid.net/specs/openid-connect-core-1_0.html#Authenticates), §3.1.2.4).
///
/// With `prompt=none` the server "MUST NOT display any authentication or consent user interface
/// pages" ([§3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)).
/// An unapproved client to which the user has allowed nothing gets the same error whether or not a
/// user is signed in. Otherwise anyone who can register a client could detect a session.
pub fn next_step(request: &AuthorizationRequest, situation: &Situation) -> Step {
    if request.prompt.none && situation.trust == Trust::Unapproved && situation.allowed.scope.is_empty() {
        return login_required("interaction with the user is required");
    }
    let session = match authenticated(request, situation) {
        Ok(session) => session,
        Err(Step::Login | Step::Choose) if request.prompt.none => {
            return login_required(
                "no user is signed in, the authentication is too old, or another user was requested",
            );
        }
        Err(step) => return step,
    };
    if situation.terms_due {
        if request.prompt.none {
            return Step::Refuse(Error::new(ErrorCode::ConsentRequired, "the user has not accepted the terms yet"));
        }
        return if situation.leaves { denied("the user did not accept the terms of the server") } else { Step::Terms };
    }
    let Some(request) = open(request, &situation.closed) else {
        return not_open(request, situation);
    };
    let request = match step_up(request, situation, session) {
        Ok(request) => request,
        Err(step) => return step,
    };
    match &situation.decision {
        Some(decision) if decision.session == session.id => decided(&request, decision, session, situation.now),
        _ => remembered(&request, situation, session),
    }
}

/// The request without the scopes that are not open to the user, as unregistered ones are left out
/// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)). `None` if the client, or a
/// scope that it requires, is not open.
pub fn open<'a>(request: &'a AuthorizationRequest, closed: &Closed) -> Option<Cow<'a, AuthorizationRequest>> {
    if closed.client { None } else { without(Cow::Borrowed(request), &closed.scope) }
}

/// The request without these scopes. `None` if the client requires one of them, or nothing is left.
pub fn without<'a>(
    request: Cow<'a, AuthorizationRequest>,
    removed: &ScopeSet,
) -> Option<Cow<'a, AuthorizationRequest>> {
    let scope = request.scope.without(removed);
    if scope == request.scope {
        return Some(request);
    }
    let suffices = !scope.without(&request.implied).is_empty() && request.required.is_subset(&scope);
    suffices.then(|| Cow::Owned(AuthorizationRequest { scope, ..request.into_owned() }))
}

/// An administrator decided, so the user learns it before the client does
/// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
fn not_open(request: &AuthorizationRequest, situation: &Situation) -> Step {
    if !request.prompt.none && !situation.leaves {
        return Step::NotOpen;
    }
    let what = if situation.closed.client { "the client" } else { "what the client requires" };
    let description = format!("{what} is open to some groups only, and the user is in none of them");
    Step::Refuse(Error::new(Cause::GroupRequired, description))
}

/// The session to use, or the step that the user must take first.
fn authenticated(request: &AuthorizationRequest, situation: &Situation) -> Result<Session, Step> {
    let too_old = |session: Session| {
        let exceeds = |seconds| session.auth_time.is_none_or(|auth_time| situation.now - auth_time > seconds);
        request.prompt.login || request.max_age.is_some_and(|seconds| seconds == 0 || exceeds(seconds))
    };
    match situation.identity {
        Identity::SignedOut => Err(Step::Login),
        Identity::Fresh(session) => Ok(session),
        Identity::NotTheOneMeant { fresh: true, .. } => {
            Err(login_required("another user signed in than the request means"))
        }
        Identity::NotTheOneMeant { session, others_signed_in, .. } => {
            Err(if others_signed_in && !too_old(session) { Step::Choose } else { Step::Login })
        }
        Identity::Chosen(session) | Identity::Current(session) if too_old(session) => Err(Step::Login),
        Identity::Current(_) if request.prompt.select_account => Err(Step::Choose),
        Identity::Chosen(session) | Identity::Current(session) => Ok(session),
    }
}

/// The step towards the class of authentication that the client, a group of the user, the request
/// or its scopes ask for, or else what the user can allow without it. What the client or a group
/// demands, or an essential `acr`, fails the request if it is not reached
/// ([Unmet Authentication Requirements
/// §2](https://openid.net/specs/openid-connect-unmet-authentication-requirements-1_0.html)). A
/// voluntary one is asked for once, of a user who has a second factor. A scope that demands more is
/// left out if the user goes on without it.
fn step_up<'a>(
    request: Cow<'a, AuthorizationRequest>,
    situation: &Situation,
    session: Session,
) -> Result<Cow<'a, AuthorizationRequest>, Step> {
    let is_decided = situation.decision.as_ref().is_some_and(|decision| decision.session == session.id);
    let goes_on = situation.declines_step_up || is_decided;
    let step = || if situation.has_second_factor { Step::StepUp } else { Step::SetUp };
    if !session.acr.meets(situation.demanded) {
        return Err(match (request.prompt.none, situation.declines_step_up) {
            (true, _) => login_required("the client, or a group of the user, demands a second factor"),
            (false, true) => unmet("the user did not authenticate as the client, or a group, demands"),
            (false, false) => step(),
        });
    }
    match request.acr.need(session.acr) {
        Need::Required if request.prompt.none => return Err(login_required("acr requires a second factor")),
        Need::Required if situation.declines_step_up => {
            return Err(unmet("the user did not authenticate as the essential acr requires"));
        }
        Need::Required => return Err(step()),
        Need::Preferred if !request.prompt.none && !goes_on && situation.has_second_factor => {
            return Err(Step::StepUp);
        }
        Need::Preferred | Need::Nothing => {}
    }
    let beyond = situation.demands.beyond(session.acr).intersect(&request.scope);
    if beyond.is_empty() {
        return Ok(request);
    }
    if request.prompt.none {
        return Err(login_required("a scope demands a second factor"));
    }
    if !goes_on {
        return Err(step());
    }
    without(request, &beyond).ok_or_else(|| unmet("the user did not authenticate as the required scopes demand"))
}

fn unmet(description: &str) -> Step {
    Step::Refuse(Error::new(ErrorCode::UnmetAuthenticationRequirements, description))
}

/// A decision applies only to its own request, and only if it includes the required scopes.
fn decided(request: &AuthorizationRequest, decision: &Decision, session: Session, now: i64) -> Step {
    let scope = decision.granted.intersect(&request.scope);
    if scope.is_empty() || !request.required.is_subset(&scope) {
        return denied("the user denied the request");
    }
    Step::Issue(Issue { scope, ends_at: decision.duration.ends_at(now), session: session.id })
}

/// Skips consent for what was allowed earlier, unless the client's identity is uncertain: "the
/// authorization server SHOULD NOT process repeated authorization requests automatically" ([RFC
/// 8252 §8.6](https://www.rfc-editor.org/rfc/rfc8252#section-8.6)).
fn remembered(request: &AuthorizationRequest, situation: &Situation, session: Session) -> Step {
    let new = request.scope.without(&situation.allowed.scope);
    if !request.prompt.consent && situation.trust == Trust::Approved && new.is_empty() {
        let ends_at = situation.allowed.ends_at;
        return Step::Issue(Issue { scope: request.scope.clone(), ends_at, session: session.id });
    }
    if request.prompt.none {
        return Step::Refuse(
            Error::new(ErrorCode::ConsentRequired, "the user has not allowed all of this yet")
                .because(format!("not allowed yet: {new}")),
        );
    }
    Step::Consent
}

fn denied(description: &str) -> Step {
    Step::Refuse(Error::new(ErrorCode::AccessDenied, description))
}

fn login_required(description: &str) -> Step {
    Step::Refuse(Error::new(ErrorCode::LoginRequired, description))
}

#[cfg(test)]
mod tests;
