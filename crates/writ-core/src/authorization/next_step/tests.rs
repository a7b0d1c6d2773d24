use proptest::prelude::*;

use super::*;
use crate::{
    authorization::requested_acr::RequestedAcr,
    vocabulary::{claims_request::ClaimsRequest, prompt::Prompt},
};

const NOW: i64 = 1_000_000;
const ALL: &str = "openid profile:read message:send";

fn session(auth_time: i64) -> Session {
    Session { id: Uuid::now_v7(), auth_time: Some(auth_time), acr: Acr::Password }
}

fn scope(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("a scope list")
}

fn request(prompt: &str, max_age: Option<i64>) -> AuthorizationRequest {
    AuthorizationRequest {
        scope: scope(ALL),
        required: scope("openid profile:read"),
        prompt: Prompt::parse(prompt).expect("a prompt"),
        max_age,
        ..AuthorizationRequest::default()
    }
}

fn situation(identity: Identity) -> Situation {
    Situation {
        identity,
        allowed: Allowed::default(),
        closed: Closed::default(),
        demands: Demands::default(),
        demanded: None,
        leaves: false,
        terms_due: false,
        trust: Trust::Approved,
        decision: None,
        has_second_factor: false,
        declines_step_up: false,
        now: NOW,
    }
}

fn allowed(text: &str) -> Allowed {
    Allowed { scope: scope(text), ends_at: None }
}

fn name(step: &Step) -> String {
    match step {
        Step::Login => "login".to_owned(),
        Step::Choose => "choose".to_owned(),
        Step::Terms => "terms".to_owned(),
        Step::NotOpen => "not open".to_owned(),
        Step::StepUp => "step up".to_owned(),
        Step::SetUp => "set up".to_owned(),
        Step::Consent => "consent".to_owned(),
        Step::Issue(issue) => format!("issue {}", issue.scope),
        Step::Refuse(error) => error.code.to_string(),
    }
}

fn signed(session: Session) -> Signed {
    Signed { session, arrival: None, means_another: false, chosen: false, others_signed_in: false }
}

#[test]
fn login_is_required_when_signed_out_or_authentication_is_too_old() {
    let old = session(NOW - 100);
    // A request that arrived `after` seconds after the sign-in, when the browser had `session`.
    let arrived = |after: i64, session| Some(Arrival { at: NOW - 100 + after, session });
    let issue = format!("issue {ALL}");
    let issue = issue.as_str();
    for (prompt, max_age, present, arrival, expected) in [
        ("", None, false, None, "login"),
        ("none", None, false, None, "login_required"),
        ("consent", None, false, None, "login"),
        ("", None, true, None, issue),
        ("none", None, true, None, issue),
        ("login", None, true, None, "login"),
        ("login", None, true, arrived(0, Some(old.id)), "login"),
        ("login", None, true, arrived(0, None), issue),
        ("login", None, true, arrived(-1, Some(Uuid::now_v7())), issue),
        ("login", None, true, arrived(1, None), "login"),
        ("login", None, true, arrived(1, Some(Uuid::now_v7())), "login"),
        ("select_account", None, false, None, "login"),
        ("select_account", None, true, None, "choose"),
        ("select_account", None, true, arrived(0, None), issue),
        ("login select_account", None, true, None, "login"),
        ("select_account", Some(99), true, None, "login"),
        ("", Some(99), true, None, "login"),
        ("", Some(100), true, None, issue),
        ("none", Some(99), true, None, "login_required"),
        ("", Some(0), true, None, "login"),
        ("", Some(0), true, arrived(0, None), issue),
        ("", Some(99), true, arrived(1, None), "login"),
        ("", Some(99), true, arrived(0, None), issue),
        ("", Some(i64::MAX), true, None, issue),
    ] {
        let identity = Identity::of(present.then(|| Signed { arrival, ..signed(old) }));
        let situation = Situation { allowed: allowed(ALL), ..situation(identity) };
        let step = next_step(&request(prompt, max_age), &situation);
        assert_eq!(name(&step), expected, "{prompt} {max_age:?} {present} {arrival:?}");
    }
}

#[test]
fn class_that_the_client_or_a_group_demands_is_reached_or_the_request_fails() {
    for (prompt, acr, has_second_factor, declines_step_up, expected) in [
        ("", Acr::Password, true, false, "step up"),
        ("", Acr::Password, false, false, "set up"),
        ("", Acr::Password, true, true, "unmet_authentication_requirements"),
        ("none", Acr::Password, true, false, "login_required"),
        ("", Acr::Mfa, true, false, "issue openid profile:read message:send"),
        ("none", Acr::Mfa, true, false, "issue openid profile:read message:send"),
    ] {
        let identity = Identity::of(Some(signed(Session { acr, ..session(NOW) })));
        let demanded = Some(Acr::Mfa);
        let situation =
            Situation { allowed: allowed(ALL), demanded, has_second_factor, declines_step_up, ..situation(identity) };
        assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt} {acr:?}");
    }
}

#[test]
fn terms_are_asked_for_after_the_sign_in_and_before_everything_else() {
    let everything = allowed(ALL);
    let client = Closed { client: true, ..Closed::default() };
    for (prompt, present, terms_due, leaves, closed, expected) in [
        ("", false, true, false, Closed::default(), "login"),
        ("", true, true, false, Closed::default(), "terms"),
        ("", true, true, false, client.clone(), "terms"),
        ("consent", true, true, false, Closed::default(), "terms"),
        ("select_account", true, true, false, Closed::default(), "choose"),
        ("", true, true, true, Closed::default(), "access_denied"),
        ("none", true, true, false, Closed::default(), "consent_required"),
        ("", true, false, false, Closed::default(), "issue openid profile:read message:send"),
        ("", true, false, false, client, "not open"),
    ] {
        let identity = Identity::of(present.then(|| signed(session(NOW))));
        let situation = Situation { allowed: everything.clone(), closed, leaves, terms_due, ..situation(identity) };
        assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt} {terms_due} {leaves}");
    }
}

#[test]
fn authentication_at_an_unknown_time_is_too_old_for_a_request_that_limits_its_age() {
    let undated = Session { auth_time: None, ..session(NOW) };
    let issue = format!("issue {ALL}");
    for (prompt, max_age, expected) in [
        ("", None, issue.as_str()),
        ("none", None, issue.as_str()),
        ("select_account", None, "choose"),
        ("login", None, "login"),
        ("", Some(i64::MAX), "login"),
        ("none", Some(i64::MAX), "login_required"),
    ] {
        let arrival = Some(Arrival { at: NOW - 100, session: None });
        let identity = Identity::of(Some(Signed { arrival, ..signed(undated) }));
        let situation = Situation { allowed: allowed(ALL), ..situation(identity) };
        assert_eq!(name(&next_step(&request(prompt, max_age), &situation)), expected, "{prompt} {max_age:?}");
    }
}

#[test]
fn request_for_another_user_leads_to_login_or_is_refused() {
    let session = session(NOW);
    let arrival = |session| Some(Arrival { at: NOW, session });
    for (prompt, arrival, expected) in [
        ("", None, "login"),
        ("", arrival(Some(session.id)), "login"),
        ("", arrival(None), "login_required"),
        ("none", None, "login_required"),
    ] {
        let identity = Identity::of(Some(Signed { arrival, means_another: true, ..signed(session) }));
        let situation = Situation { allowed: allowed(ALL), ..situation(identity) };
        assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt} {arrival:?}");
    }
}

#[test]
fn account_is_chosen_once_and_never_replaces_the_requested_user() {
    let session = session(NOW);
    let issue = format!("issue {ALL}");
    for (prompt, means_another, others_signed_in, chosen, expected) in [
        ("select_account", false, true, false, "choose"),
        ("select_account", false, true, true, issue.as_str()),
        ("login select_account", false, true, true, "login"),
        ("", true, true, false, "choose"),
        ("", true, true, true, "choose"),
        ("", true, false, false, "login"),
        ("login", true, true, false, "login"),
        ("none", true, true, false, "login_required"),
    ] {
        let identity = Identity::of(Some(Signed { means_another, others_signed_in, chosen, ..signed(session) }));
        let situation = Situation { allowed: allowed(ALL), ..situation(identity) };
        let step = next_step(&request(prompt, None), &situation);
        assert_eq!(name(&step), expected, "{prompt} {means_another} {others_signed_in} {chosen}");
    }
}

#[test]
fn remembered_consent_skips_the_page_and_never_widens() {
    let current = Identity::Current(session(NOW));
    let issue = format!("issue {ALL}");
    for (prompt, granted, expected) in [
        ("", "", "consent"),
        ("", "openid profile:read", "consent"),
        ("", "openid profile:read message:send payment:make", issue.as_str()),
        ("consent", ALL, "consent"),
        ("none", "openid profile:read", "consent_required"),
    ] {
        let situation = Situation { allowed: allowed(granted), ..situation(current) };
        assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{prompt} {granted}");
    }
}

#[test]
fn impersonable_or_unapproved_client_needs_consent_each_time() {
    let session = session(NOW);
    let decision =
        Decision { session: session.id, granted: scope("openid profile:read"), duration: GrantDuration::Once };
    for trust in [Trust::Impersonable, Trust::Unapproved] {
        for (prompt, decision, expected) in [
            ("", None, "consent"),
            ("none", None, "consent_required"),
            ("", Some(decision.clone()), "issue openid profile:read"),
        ] {
            let situation =
                Situation { trust, allowed: allowed(ALL), decision, ..situation(Identity::Current(session)) };
            assert_eq!(name(&next_step(&request(prompt, None), &situation)), expected, "{trust:?} {prompt}");
        }
    }
}

#[test]
fn prompt_none_reveals_nothing_to_an_unapproved_client_before_consent() {
    let session = session(NOW);
    let identities = [
        Identity::SignedOut,
        Identity::Current(session),
        Identity::Chosen(session),
        Identity::NotTheOneMeant { session, fresh: false, others_signed_in: true },
    ];
    let steps = identities.map(|identity| {
        next_step(&request("none", Some(5)), &Situation { trust: Trust::Unapproved, ..situation(identity) })
    });
    assert!(steps.iter().all(|step| *step == steps[0]), "{steps:?}");
    assert_eq!(name(&steps[0]), "login_required");
}

#[test]
fn decision_is_valid_only_in_its_session_and_within_the_request() {
    let session = session(NOW);
    let decide = |decided_in, granted: &str, prompt: &str| {
        let decision = Decision { session: decided_in, granted: scope(granted), duration: GrantDuration::Once };
        let situation = Situation { decision: Some(decision), ..situation(Identity::Current(session)) };
        name(&next_step(&request(prompt, None), &situation))
    };
    assert_eq!(decide(session.id, "openid profile:read", ""), "issue openid profile:read");
    assert_eq!(decide(session.id, "openid profile:read", "consent"), "issue openid profile:read");
    assert_eq!(decide(session.id, "openid profile:read payment:make", ""), "issue openid profile:read");
    assert_eq!(decide(session.id, "", ""), "access_denied");
    assert_eq!(decide(session.id, "openid message:send", ""), "access_denied", "a required scope is missing");
    assert_eq!(decide(Uuid::now_v7(), "openid profile:read", ""), "consent", "another user decided");
}

#[test]
fn stronger_authentication_is_asked_for_as_the_request_requires() {
    let essential = |acr: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{acr}"}}}}}}"#);
    let issue = format!("issue {ALL}");
    let issue = issue.as_str();
    for (is_essential, prompt, has, declines, acr, expected) in [
        (false, "", true, false, Acr::Password, "step up"),
        (false, "", false, false, Acr::Password, issue),
        (false, "", true, true, Acr::Password, issue),
        (false, "", true, false, Acr::Mfa, issue),
        (false, "none", true, false, Acr::Password, issue),
        (true, "", true, false, Acr::Password, "step up"),
        (true, "", false, false, Acr::Password, "set up"),
        (true, "", true, true, Acr::Password, "unmet_authentication_requirements"),
        (true, "", true, true, Acr::Mfa, issue),
        (true, "", false, false, Acr::Mfa, issue),
        (true, "none", true, false, Acr::Password, "login_required"),
        (true, "none", false, false, Acr::Password, "login_required"),
        (true, "none", true, false, Acr::Mfa, issue),
    ] {
        let mfa = Acr::Mfa.as_str();
        let claims = if is_essential { ClaimsRequest::parse(&essential(mfa)) } else { Ok(ClaimsRequest::default()) };
        let acr_request = RequestedAcr::new(Some(mfa), &claims.expect("a claims request"));
        let request = AuthorizationRequest { acr: acr_request, ..request(prompt, None) };
        let identity = Identity::Current(Session { acr, ..session(NOW) });
        let situation = Situation {
            allowed: allowed(ALL),
            has_second_factor: has,
            declines_step_up: declines,
            ..situation(identity)
        };
        let step = next_step(&request, &situation);
        assert_eq!(name(&step), expected, "{is_essential} {prompt} {has} {declines} {acr:?}");
    }
}

#[test]
fn scope_that_demands_a_factor_leads_to_step_up_or_is_left_out() {
    let issue = format!("issue {ALL}");
    let issue = issue.as_str();
    for (demanded, prompt, has, declines, acr, expected) in [
        ("message:send", "", true, false, Acr::Password, "step up"),
        ("message:send", "", false, false, Acr::Password, "set up"),
        ("message:send", "", true, true, Acr::Password, "issue openid profile:read"),
        ("message:send", "", false, true, Acr::Password, "issue openid profile:read"),
        ("message:send", "", true, false, Acr::Mfa, issue),
        ("message:send", "none", true, false, Acr::Password, "login_required"),
        ("message:send", "none", true, false, Acr::Mfa, issue),
        ("profile:read", "", true, false, Acr::Password, "step up"),
        ("profile:read", "", true, true, Acr::Password, "unmet_authentication_requirements"),
        ("payment:make", "", true, false, Acr::Password, issue),
    ] {
        let identity = Identity::Current(Session { acr, ..session(NOW) });
        let situation = Situation {
            allowed: allowed(ALL),
            demands: Demands::from_iter([(demanded.to_owned(), Acr::Mfa)]),
            has_second_factor: has,
            declines_step_up: declines,
            ..situation(identity)
        };
        let step = next_step(&request(prompt, None), &situation);
        assert_eq!(name(&step), expected, "{demanded} {prompt} {has} {declines} {acr:?}");
    }
    // After the decision the user is not asked again, and gets no more.
    let session = session(NOW);
    let decision = Decision { session: session.id, granted: scope(ALL), duration: GrantDuration::Once };
    let situation = Situation {
        demands: Demands::from_iter([("message:send".to_owned(), Acr::Mfa)]),
        decision: Some(decision),
        has_second_factor: true,
        ..situation(Identity::Current(session))
    };
    assert_eq!(name(&next_step(&request("", None), &situation)), "issue openid profile:read");
}

#[test]
fn what_is_not_open_to_the_user_is_left_out_or_explained() {
    let session = session(NOW);
    let denied = Decision { session: session.id, granted: scope(ALL), duration: GrantDuration::Once };
    for (client, closed, prompt, leaves, expected) in [
        (false, "", "", false, "issue openid profile:read message:send"),
        (false, "message:send", "", false, "issue openid profile:read"),
        (false, "message:send", "none", false, "issue openid profile:read"),
        (false, "payment:make", "", false, "issue openid profile:read message:send"),
        (false, "profile:read", "", false, "not open"),
        (false, "profile:read", "", true, "access_denied"),
        (false, "profile:read", "none", false, "access_denied"),
        (true, "", "", false, "not open"),
        (true, "", "consent", false, "not open"),
        (true, "", "", true, "access_denied"),
        (true, "", "none", false, "access_denied"),
        (true, "", "login", false, "login"),
        (true, "", "select_account", false, "choose"),
        (false, "", "", true, "issue openid profile:read message:send"),
    ] {
        for decision in [None, Some(denied.clone())] {
            let situation = Situation {
                allowed: allowed(ALL),
                closed: Closed { client, scope: scope(closed) },
                leaves,
                decision,
                ..situation(Identity::Current(session))
            };
            let step = next_step(&request(prompt, None), &situation);
            assert_eq!(name(&step), expected, "{client} {closed} {prompt} {leaves}");
        }
    }
    let only = AuthorizationRequest { scope: scope("message:send"), ..AuthorizationRequest::default() };
    assert_eq!(open(&only, &Closed { client: false, scope: scope("message:send") }), None, "nothing is left");
}

#[test]
fn closed_client_learns_nothing_before_the_user_allowed_it() {
    let situation = Situation {
        trust: Trust::Unapproved,
        closed: Closed { client: true, ..Closed::default() },
        ..situation(Identity::Current(session(NOW)))
    };
    assert_eq!(name(&next_step(&request("none", None), &situation)), "login_required");
}

#[test]
fn grant_has_the_end_that_the_user_chose() {
    let session = session(NOW);
    let decision =
        Decision { session: session.id, granted: scope("openid profile:read"), duration: GrantDuration::ThirtyDays };
    let current = Identity::Current(session);
    let decided = Situation { decision: Some(decision), ..situation(current) };
    let remembered = Situation { allowed: Allowed { ends_at: Some(NOW + 5), ..allowed(ALL) }, ..situation(current) };
    for (situation, expected) in [(decided, Some(NOW + 30 * 86_400)), (remembered, Some(NOW + 5))] {
        let Step::Issue(issue) = next_step(&request("", None), &situation) else { panic!("no code") };
        assert_eq!(issue.ends_at, expected);
    }
}

fn scopes() -> impl Strategy<Value = ScopeSet> {
    prop::sample::subsequence(vec!["openid", "profile:read", "message:send", "payment:make"], 0..=4)
        .prop_map(|names| names.into_iter().collect())
}

prop_compose! {
    fn situations()(
        signed_in in any::<bool>(), age in 0..200i64, arrived in prop::option::of(0..200i64),
        means_another in any::<bool>(), chosen in any::<bool>(), others_signed_in in any::<bool>(),
        allowed in scopes(), trust in 0..3usize, decided in prop::option::of((any::<bool>(), scopes())),
        client_is_closed in any::<bool>(), closed in scopes(), leaves in any::<bool>(),
        demanded in scopes(), has_second_factor in any::<bool>(), declines_step_up in any::<bool>(),
    ) -> Situation {
        let session = session(NOW - age);
        let arrival = arrived.map(|ago| Arrival { at: NOW - ago, session: None });
        let signed = Signed { session, arrival, means_another, chosen, others_signed_in };
        Situation {
            identity: Identity::of(signed_in.then_some(signed)),
            allowed: Allowed { scope: allowed, ends_at: None },
            closed: Closed { client: client_is_closed, scope: closed },
            demands: demanded.iter().map(|name| (name.to_owned(), Acr::Mfa)).collect(),
            demanded: None,
            leaves,
            terms_due: false,
            trust: [Trust::Approved, Trust::Impersonable, Trust::Unapproved][trust],
            decision: decided.map(|(here, granted)| Decision {
                session: if here { session.id } else { Uuid::now_v7() },
                granted,
                duration: GrantDuration::UntilRevoked,
            }),
            has_second_factor,
            declines_step_up,
            now: NOW,
        }
    }
}

proptest! {
    #[test]
    fn code_is_issued_only_for_what_the_requested_user_allowed(
        situation in situations(), prompt in 0..4usize, max_age in prop::option::of(0..200i64),
    ) {
        let request = request(["", "none", "login", "consent select_account"][prompt], max_age);
        let step = next_step(&request, &situation);
        if request.prompt.none {
            prop_assert!(matches!(step, Step::Issue(_) | Step::Refuse(_)), "no page: {step:?}");
        }
        if let Step::Issue(issue) = step {
            let (Identity::Fresh(session) | Identity::Chosen(session) | Identity::Current(session)) = situation.identity
            else { panic!("no user, or another one: {situation:?}") };
            prop_assert_eq!(issue.session, session.id);
            let here = situation.decision.as_ref().filter(|decision| decision.session == session.id);
            let source = here.map_or(&situation.allowed.scope, |decision| &decision.granted);
            prop_assert!(issue.scope.is_subset(source) && issue.scope.is_subset(&request.scope));
            prop_assert!(request.required.is_subset(&issue.scope));
            prop_assert!(situation.demands.beyond(session.acr).intersect(&issue.scope).is_empty());
            prop_assert!(!situation.closed.client && issue.scope.intersect(&situation.closed.scope).is_empty());
            prop_assert!(here.is_some() || situation.trust == Trust::Approved);
            prop_assert!(here.is_some() || !request.prompt.consent);
            let fresh = matches!(situation.identity, Identity::Fresh(_));
            prop_assert!(fresh || !request.prompt.login);
        }
    }
}
