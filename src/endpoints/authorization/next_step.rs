//! What comes next for an authorization request: a pure function of all that is known.

use writ_core::{Error, ErrorCode, ScopeSet, vocabulary::duration::GrantDuration};

use crate::{
    requests::AuthorizationRequest,
    store::{Id, consents::Consent, sessions::Session},
};

/// What a person decided about this very request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'a> {
    /// The session in which they did.
    pub(super) session_id: Id,
    /// The granted scopes; empty: denied.
    pub(super) granted: &'a str,
    /// For how long.
    pub(super) duration: GrantDuration,
}

/// How a request that waits came to us.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// When, in seconds since the epoch.
    pub(super) at: i64,
    /// Which session the browser had then.
    pub(super) session: Option<Id>,
}

/// All that the decision depends on besides the request.
pub(super) struct Situation<'a> {
    /// Who sits at the browser.
    pub(super) session: Option<&'a Session>,
    /// Of a request that waited: how it actual.
    pub(super) arrival: Option<Arrival>,
    /// Whether the app means somebody else, by `id_token_hint` or a claim (OpenID Connect Core §3.1.2.1 and §5.5.1).
    pub(super) means_another: bool,
    /// Whether others are signed in at this browser.
    pub(super) others_wait: bool,
    /// Whether the person chose this session's account for this very request.
    pub(super) chosen: bool,
    /// What the person allowed this app before.
    pub(super) consent: Consent,
    /// Whether they are asked whatever they allowed before: it is not certain enough who the app is.
    pub(super) always_asks: bool,
    /// What they decided about this request.
    pub(super) decision: Option<Decision<'a>>,
    /// The time, in seconds since the epoch.
    pub(super) now: i64,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// The person signs in.
    Login,
    /// The person chooses one of the accounts that are signed in at this browser.
    Choose,
    /// The person decides.
    Consent,
    /// The app gets a code.
    Issue {
        /// What is granted.
        scope: ScopeSet,
        /// When it ends, if the person set an end.
        ends_at: Option<i64>,
        /// Whose it is.
        session: &'a Session,
    },
    /// The app gets an error.
    Refuse(Error),
}

/// Decides.
pub(super) fn next_step<'a>(request: &AuthorizationRequest, situation: &Situation<'a>) -> Step<'a> {
    let prompt = request.prompt;
    // Every sign-in makes a new session. Another one than before may still be an old one of another window, hence the time.
    let fresh = |session: &Session| {
        situation.arrival.is_some_and(|arrival| arrival.session != Some(session.id) && session.auth_time >= arrival.at)
    };
    let interact = |step| {
        if prompt.none {
            Step::Refuse(Error::new(
                ErrorCode::LoginRequired,
                "nobody is signed in, or not recently enough, or not the person whom the request means",
            ))
        } else {
            step
        }
    };
    let Some(session) = situation.session else { return interact(Step::Login) };
    if fresh(session) {
        if situation.means_another {
            return Step::Refuse(Error::new(
                ErrorCode::LoginRequired,
                "somebody else signed in than the person whom the request means",
            ));
        }
    } else {
        let too_old = request.max_age.is_some_and(|seconds| situation.now - session.auth_time > seconds);
        let again = prompt.login || too_old || request.max_age == Some(0);
        if again || (situation.means_another && !situation.others_wait) {
            return interact(Step::Login);
        }
        if situation.means_another || (prompt.select_account && !situation.chosen) {
            return interact(Step::Choose);
        }
    }
    if let Some(decision) = situation.decision.filter(|decision| decision.session_id == session.id) {
        let scope = ScopeSet::from_stored(decision.granted).intersect(&request.scope);
        if scope.is_empty() || !request.required.is_subset(&scope) {
            return Step::Refuse(Error::new(ErrorCode::AccessDenied, "the person did not allow it"));
        }
        return Step::Issue { scope, ends_at: decision.duration.ends_at(situation.now), session };
    }
    let new = request.scope.without(&situation.consent.granted);
    if prompt.consent || situation.always_asks || !new.is_empty() {
        return if prompt.none {
            Step::Refuse(
                Error::new(ErrorCode::ConsentRequired, "the person has not allowed all of this yet")
                    .because(format!("not allowed yet: {new}")),
            )
        } else {
            Step::Consent
        };
    }
    Step::Issue { scope: request.scope.clone(), ends_at: situation.consent.expires_at, session }
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_core::vocabulary::{claims_request::ClaimsRequest, prompt::Prompt};

    const NOW: i64 = 1_000_000;

    fn session(auth_time: i64) -> Session {
        Session {
            id: Id::now_v7(),
            secret_hash: Vec::new(),
            user_id: Id::now_v7(),
            auth_time,
            last_seen_at: auth_time,
            expires_at: NOW + 1000,
            user_agent: String::new(),
            network: String::new(),
            sid: Id::now_v7(),
            client_id: None,
        }
    }

    fn scope(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("a scope list")
    }

    fn request(prompt: &str, max_age: Option<i64>) -> AuthorizationRequest {
        AuthorizationRequest {
            scope: scope("openid profile:read message:send"),
            required: scope("openid profile:read"),
            implied: ScopeSet::default(),
            claims: ClaimsRequest::default(),
            resource: None,
            nonce: None,
            code_challenge: None,
            prompt: Prompt::parse(prompt).expect("a prompt"),
            max_age,
        }
    }

    fn situation(session: Option<&Session>) -> Situation<'_> {
        Situation {
            session,
            arrival: None,
            means_another: false,
            others_wait: false,
            chosen: false,
            consent: Consent::default(),
            always_asks: false,
            decision: None,
            now: NOW,
        }
    }

    fn allowed(text: &str) -> Consent {
        Consent { granted: scope(text), ..Consent::default() }
    }

    fn name(step: &Step<'_>) -> String {
        match step {
            Step::Login => "login".to_owned(),
            Step::Choose => "choose".to_owned(),
            Step::Consent => "consent".to_owned(),
            Step::Issue { scope, .. } => format!("issue {scope}"),
            Step::Refuse(error) => error.code.to_string(),
        }
    }

    #[test]
    fn who_has_to_sign_in() {
        let old = session(NOW - 100);
        // A request that came so many seconds after this sign-in, when the browser had that session.
        let arrived = |after: i64, session| Some(Arrival { at: NOW - 100 + after, session });
        let everything = || allowed("openid profile:read message:send");
        for (prompt, max_age, present, arrival, expected) in [
            ("", None, false, None, "login"),
            ("none", None, false, None, "login_required"),
            ("consent", None, false, None, "login"),
            ("", None, true, None, "issue openid profile:read message:send"),
            ("none", None, true, None, "issue openid profile:read message:send"),
            ("login", None, true, None, "login"),
            ("login", None, true, arrived(0, Some(old.id)), "login"),
            ("login", None, true, arrived(0, None), "issue openid profile:read message:send"),
            ("login", None, true, arrived(-1, Some(Id::now_v7())), "issue openid profile:read message:send"),
            ("login", None, true, arrived(1, None), "login"),
            ("login", None, true, arrived(1, Some(Id::now_v7())), "login"),
            ("select_account", None, false, None, "login"),
            ("select_account", None, true, None, "choose"),
            ("select_account", None, true, arrived(0, None), "issue openid profile:read message:send"),
            ("login select_account", None, true, None, "login"),
            ("select_account", Some(99), true, None, "login"),
            ("", Some(99), true, None, "login"),
            ("", Some(100), true, None, "issue openid profile:read message:send"),
            ("none", Some(99), true, None, "login_required"),
            ("", Some(0), true, None, "login"),
            ("", Some(0), true, arrived(0, None), "issue openid profile:read message:send"),
            ("", Some(99), true, arrived(1, None), "login"),
            ("", Some(99), true, arrived(0, None), "issue openid profile:read message:send"),
            ("", Some(i64::MAX), true, None, "issue openid profile:read message:send"),
        ] {
            let situation = Situation { arrival, consent: everything(), ..situation(present.then_some(&old)) };
            let step = next_step(&request(prompt, max_age), &situation);
            assert_eq!(name(&step), expected, "{prompt} {max_age:?} {present} {arrival:?}");
        }
    }

    #[test]
    fn another_person_than_the_one_meant_signs_in_or_is_refused() {
        let session = session(NOW);
        let arrival = |session| Some(Arrival { at: NOW, session });
        for (prompt, arrival, expected) in [
            ("", None, "login"),
            ("", arrival(Some(session.id)), "login"),
            ("", arrival(None), "login_required"),
            ("none", None, "login_required"),
        ] {
            let situation = Situation {
                arrival,
                means_another: true,
                consent: allowed("openid profile:read message:send"),
                ..situation(Some(&session))
            };
            assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt} {arrival:?}");
        }
    }

    #[test]
    fn an_account_that_was_chosen_is_not_asked_for_again_and_one_that_is_meant_is_looked_for() {
        let session = session(NOW);
        for (prompt, means_another, others_wait, chosen, expected) in [
            ("select_account", false, true, false, "choose"),
            ("select_account", false, true, true, "issue openid profile:read message:send"),
            ("login select_account", false, true, true, "login"),
            ("", true, true, false, "choose"),
            ("", true, true, true, "choose"),
            ("", true, false, false, "login"),
            ("none", true, true, false, "login_required"),
        ] {
            let situation = Situation {
                means_another,
                others_wait,
                chosen,
                consent: allowed("openid profile:read message:send"),
                ..situation(Some(&session))
            };
            let step = next_step(&request(prompt, None), &situation);
            assert_eq!(name(&step), expected, "{prompt} {means_another} {others_wait} {chosen}");
        }
    }

    #[test]
    fn what_was_remembered_is_not_asked_again_and_never_widens() {
        let session = session(NOW);
        for (prompt, granted, expected) in [
            ("", "", "consent"),
            ("", "openid profile:read", "consent"),
            ("", "openid profile:read message:send payment:make", "issue openid profile:read message:send"),
            ("consent", "openid profile:read message:send", "consent"),
            ("none", "openid profile:read", "consent_required"),
        ] {
            let situation = Situation { consent: allowed(granted), ..situation(Some(&session)) };
            assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt} {granted}");
        }
    }

    #[test]
    fn an_unverified_app_is_always_asked_about_and_a_decision_counts_once() {
        let session = session(NOW);
        let decision =
            Decision { session_id: session.id, granted: "openid profile:read", duration: GrantDuration::Once };
        for (prompt, decision, expected) in [
            ("", None, "consent"),
            ("none", None, "consent_required"),
            ("", Some(decision), "issue openid profile:read"),
        ] {
            let consent = allowed("openid profile:read message:send");
            let situation = Situation { always_asks: true, consent, decision, ..situation(Some(&session)) };
            assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt}");
        }
    }

    #[test]
    fn a_decision_counts_in_its_own_session_and_within_the_request() {
        let session = session(NOW);
        let decide = |session_id, granted, prompt: &str| {
            let decision = Decision { session_id, granted, duration: GrantDuration::Once };
            let situation = Situation { decision: Some(decision), ..situation(Some(&session)) };
            name(&next_step(&request(prompt, None), &situation))
        };
        assert_eq!(decide(session.id, "openid profile:read", ""), "issue openid profile:read");
        assert_eq!(decide(session.id, "openid profile:read", "consent"), "issue openid profile:read");
        assert_eq!(decide(session.id, "openid profile:read payment:make", ""), "issue openid profile:read");
        assert_eq!(decide(session.id, "", ""), "access_denied");
        assert_eq!(decide(session.id, "openid message:send", ""), "access_denied", "a required scope is missing");
        assert_eq!(decide(Id::now_v7(), "openid profile:read", ""), "consent", "somebody else decided");
    }

    #[test]
    fn the_persons_end_goes_with_the_grant() {
        let session = session(NOW);
        let decision =
            Decision { session_id: session.id, granted: "openid profile:read", duration: GrantDuration::ThirtyDays };
        let decided = Situation { decision: Some(decision), ..situation(Some(&session)) };
        let consent = Consent { expires_at: Some(NOW + 5), ..allowed("openid profile:read message:send") };
        let remembered = Situation { consent, ..situation(Some(&session)) };
        for (situation, expected) in [(decided, Some(NOW + 30 * 86_400)), (remembered, Some(NOW + 5))] {
            let Step::Issue { ends_at, .. } = next_step(&request("", None), &situation) else { panic!("no code") };
            assert_eq!(ends_at, expected);
        }
    }
}
