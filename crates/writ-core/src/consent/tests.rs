use proptest::prelude::*;

use super::*;

const NOW: i64 = 1_000_000;

fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("a scope list")
}

fn disclosure(scope_id: &str) -> Disclosure {
    Disclosure {
        scope_id: scope_id.to_owned(),
        audience: "https://api.example".to_owned(),
        risk: Risk::Elevated,
        texts: "words".to_owned(),
        claims: BTreeSet::from(["department".to_owned()]),
    }
}

fn decision(requested: &str, ticked: &str, duration: GrantDuration) -> Decision {
    let requested = set(requested);
    Decision {
        disclosed: requested.iter().map(|scope| (scope.to_owned(), disclosure(scope))).collect(),
        requested,
        implied: ScopeSet::default(),
        claims: ClaimsRequest::default(),
        ticked: set(ticked),
        duration,
    }
}

fn saved(remembered: Remembered) -> Consent {
    match remembered.consent {
        ConsentChange::Saved(consent) => consent,
        other => panic!("nothing was saved: {other:?}"),
    }
}

#[test]
fn ticked_scopes_are_empty_when_a_required_one_is_missing() {
    for (requested, required, boxes, expected) in [
        ("a b c", "", "a c", "a c"),
        ("a b", "", "a x", "a"),
        ("a b", "a", "a b", "a b"),
        ("a b", "a", "b", ""),
        ("a b", "", "", ""),
    ] {
        assert_eq!(ticked(&set(requested), &set(required), &set(boxes)), set(expected), "{requested} {boxes}");
    }
}

#[test]
fn box_starts_ticked_by_status_risk_and_verification() {
    use ScopeStatus::{AlreadyAllowed, Changed, DeclinedBefore, New};
    for (status, risk, required, verified, expected) in [
        (New, Risk::Low, false, true, true),
        (New, Risk::Elevated, false, true, true),
        (New, Risk::Elevated, false, false, false),
        (New, Risk::Moderate, false, false, true),
        (New, Risk::High, false, true, false),
        (New, Risk::High, true, false, true),
        (AlreadyAllowed, Risk::High, false, false, true),
        (Changed, Risk::High, false, true, false),
        (DeclinedBefore, Risk::Low, false, true, false),
    ] {
        assert_eq!(starts_ticked(status, risk, required, verified), expected, "{status:?} {risk:?}");
    }
}

#[test]
fn decision_saves_ticked_scopes_and_revokes_unticked_ones() {
    let first = saved(remember(Consent::default(), decision("a b", "a", GrantDuration::UntilRevoked), NOW));
    assert_eq!((first.granted.to_string(), first.declined.to_string()), ("a".to_owned(), "b".to_owned()));
    let second = remember(first, decision("a c", "c", GrantDuration::ThirtyDays), NOW);
    assert_eq!(second.narrowed, set("a"));
    assert_eq!(second.ends_at, Some(NOW + 30 * 86_400));
    let second = saved(second);
    assert_eq!((second.granted.to_string(), second.declined.to_string()), ("c".to_owned(), "b a".to_owned()));
    assert_eq!(second.disclosed.keys().collect::<Vec<_>>(), ["c"]);
}

#[test]
fn denial_changes_nothing() {
    let denied = remember(Consent::default(), decision("a b", "", GrantDuration::Once), NOW);
    assert_eq!(denied, Remembered { consent: ConsentChange::Unchanged, narrowed: ScopeSet::default(), ends_at: None });
}

#[test]
fn this_time_only_is_not_remembered_and_ends_within_the_hour() {
    let once = remember(Consent::default(), decision("a b", "a", GrantDuration::Once), NOW);
    assert_eq!(once.consent, ConsentChange::Forgotten);
    assert_eq!((once.narrowed, once.ends_at), (set("b"), Some(NOW + 3600)));
}

#[test]
fn consent_is_in_force_only_for_the_same_scope_with_no_higher_risk() {
    let consent = saved(remember(Consent::default(), decision("a", "a", GrantDuration::UntilRevoked), NOW));
    let with = |claims: &[&str]| Disclosure {
        claims: claims.iter().map(|claim| (*claim).to_owned()).collect(),
        ..disclosure("a")
    };
    let cases: [(Disclosure, bool, ScopeStatus); 8] = [
        (disclosure("a"), true, ScopeStatus::AlreadyAllowed),
        (Disclosure { texts: "other words".to_owned(), ..disclosure("a") }, true, ScopeStatus::Reworded),
        (Disclosure { risk: Risk::Low, ..disclosure("a") }, true, ScopeStatus::AlreadyAllowed),
        (Disclosure { risk: Risk::High, ..disclosure("a") }, false, ScopeStatus::Changed),
        (Disclosure { audience: "https://bank.example".to_owned(), ..disclosure("a") }, false, ScopeStatus::Changed),
        (disclosure("a created again"), false, ScopeStatus::Changed),
        (with(&[]), true, ScopeStatus::AlreadyAllowed),
        (with(&["department", "salary"]), false, ScopeStatus::Changed),
    ];
    for (current, holds, status) in cases {
        let in_force = consent.clone().in_force(|_| Some(current.clone()));
        assert_eq!(in_force.granted.contains("a"), holds, "{current:?}");
        assert_eq!(consent.status_of("a", Some(&current)), status, "{current:?}");
    }
    assert!(consent.clone().in_force(|_| None).granted.is_empty(), "a deleted scope");
}

#[test]
fn single_claim_never_becomes_its_whole_scope() {
    let claims = |json: &str| ClaimsRequest::parse(json).expect("a claims request");
    let birthdate = claims(r#"{"userinfo":{"birthdate":null}}"#);
    let decided = Decision {
        implied: set("profile"),
        claims: birthdate.clone(),
        ..decision("openid profile", "openid profile", GrantDuration::UntilRevoked)
    };
    let consent = saved(remember(Consent::default(), decided, NOW));
    assert_eq!(consent.granted, set("openid"));
    assert_eq!(consent.covering(&birthdate), set("openid profile"), "the same claim is not asked again");
    assert_eq!(consent.covering(&claims(r#"{"userinfo":{"name":null}}"#)), set("openid"));
    assert_eq!(consent.covering(&claims(r#"{"userinfo":{"name":null,"birthdate":null}}"#)), set("openid"));
    assert_eq!(consent.covering(&ClaimsRequest::default()), set("openid"));
    let taken_back = take_back(consent, "profile");
    assert_eq!(taken_back.covering(&birthdate), set("openid"));
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn names() -> impl Strategy<Value = ScopeSet> {
    proptest::sample::subsequence(NAMES.to_vec(), 0..=NAMES.len()).prop_map(ScopeSet::from_iter)
}

proptest! {
    /// No sequence of decisions yields a scope that the user did not tick the last time it was
    /// shown.
    #[test]
    fn decisions_never_yield_a_scope_that_was_not_ticked(
        steps in proptest::collection::vec((names(), names(), names(), 0..3_usize), 1..20)
    ) {
        let mut consent = Consent::default();
        let mut allowed = ScopeSet::default();
        for (requested, required, boxes, duration) in steps {
            let ticked = ticked(&requested, &required, &boxes);
            prop_assert!(ticked.is_subset(&requested) && ticked.is_subset(&boxes));
            let duration = GrantDuration::ALL[duration];
            let decided = Decision {
                ticked: ticked.clone(),
                ..decision(&requested.to_string(), "", duration)
            };
            let remembered = remember(consent.clone(), decided, NOW);
            match remembered.consent {
                ConsentChange::Unchanged => prop_assert!(ticked.is_empty()),
                ConsentChange::Forgotten => {
                    consent = Consent::default();
                    allowed = ScopeSet::default();
                }
                ConsentChange::Saved(saved) => {
                    allowed = allowed.without(&requested).union(&ticked);
                    consent = saved;
                }
            }
            prop_assert!(consent.granted.is_subset(&allowed), "{} of {}", consent.granted, allowed);
            prop_assert!(allowed.is_subset(&consent.granted));
            prop_assert!(consent.granted.intersect(&consent.declined).is_empty());
            prop_assert!(consent.granted.intersect(&remembered.narrowed).is_empty());
            for scope in consent.granted.iter() {
                prop_assert!(consent.disclosed.contains_key(scope), "{scope} without what was read about it");
            }
        }
    }
}
