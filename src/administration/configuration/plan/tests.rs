//! What differs between two documents, and in which order it is changed.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{administration::configuration::document::Document, config::Settings};

const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The desired state of a document whose secrets are all the same.
fn desired(document: Value) -> Desired {
    let document: Document = serde_json::from_value(document).expect("a document");
    Desired::new(document, &Settings::default(), |_| Ok(SECRET.to_owned())).expect("a valid document")
}

/// What there is: the objects of a document, with the labels of some, such as `scope a = label`.
fn state(document: Value, owners: &[&str]) -> State {
    let owner = |text: &&str| {
        let (object, label) = text.split_once(" = ").expect("an owner");
        let (kind, name) = object.split_once(' ').expect("an object");
        let kinds = [Kind::Group, Kind::Resource, Kind::Scope, Kind::Client];
        let kind = kinds.into_iter().find(|known| known.as_str() == kind).expect("a kind");
        ((kind, name.to_owned()), label.to_owned())
    };
    State {
        document: desired(document).document,
        owners: owners.iter().map(owner).collect(),
        other_secrets: [].into(),
        demands: [].into(),
        of_others: [].into(),
    }
}

/// A step in a line: what happens to which object, and the members that change.
fn line(step: &Step) -> String {
    let action = match step.action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
    };
    let members = match step.action {
        Action::Update => format!(" {} -> {}", Value::from(step.before.clone()), Value::from(step.after.clone())),
        Action::Create | Action::Delete => String::new(),
    };
    let taken = step.taken_from.as_ref().map(|label| format!(" from {label}")).unwrap_or_default();
    format!("{action} {} {}{members}{taken}", step.kind.as_str(), step.name)
}

fn lines(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(line).collect()
}

fn groups(names: &[&str]) -> Value {
    let entries = names.iter().map(|name| ((*name).to_owned(), json!({})));
    json!({ "groups": entries.collect::<Map<String, Value>>() })
}

fn talk(changes: Value) -> Value {
    let mut resource = json!({ "audience": "https://talk.example", "names": { "en": "Talk" } });
    for (name, value) in changes.as_object().expect("members") {
        resource[name] = value.clone();
    }
    json!({ "resources": { "talk": resource } })
}

/// Two resource servers, and a scope of one of them.
fn scope_of(resource: &str) -> Value {
    let server = |id: &str| json!({ "audience": format!("https://{id}.example"), "names": { "en": id } });
    let texts = json!({ "en": { "sentence": "Read", "consequence": "All." } });
    json!({
        "resources": { "bank": server("bank"), "talk": server("talk") },
        "scopes": { "a:read": { "resource": resource, "texts": texts } },
    })
}

/// One object of each kind, and a group in another one.
fn everything() -> Value {
    let mut all = scope_of("talk");
    all["groups"] = json!({ "all": {}, "a-nested": { "in": "all" } });
    all["clients"] = json!({
        "app": { "client_name": "App", "redirect_uris": ["https://app.example/cb"], "scope": "openid a:read" },
    });
    all
}

fn owned_by(mut document: Value, label: &str) -> Value {
    document["owner"] = json!(label);
    document
}

#[rstest]
#[case::nothing(json!({}), json!({}), &[])]
#[case::the_same(everything(), everything(), &[])]
#[case::new_group(json!({}), groups(&["staff"]), &["+ group staff"])]
#[case::not_named_and_not_labelled(groups(&["staff"]), json!({}), &[])]
#[case::changed_member(
    talk(json!({})),
    talk(json!({ "audience": "https://new.example" })),
    &[r#"~ resource talk {"audience":"https://talk.example"} -> {"audience":"https://new.example"}"#]
)]
#[case::added_member(
    talk(json!({})),
    talk(json!({ "token_lifetime": 60 })),
    &[r#"~ resource talk {} -> {"token_lifetime":60}"#]
)]
#[case::removed_member(
    talk(json!({ "token_lifetime": 60 })),
    talk(json!({})),
    &[r#"~ resource talk {"token_lifetime":60} -> {}"#]
)]
#[case::group_leaves_another(
    json!({ "groups": { "all": {}, "staff": { "in": "all" } } }),
    groups(&["all", "staff"]),
    &[r#"~ group staff {"in":"all"} -> {}"#]
)]
#[case::moved_scope_is_another_one(scope_of("talk"), scope_of("bank"), &["- scope a:read", "+ scope a:read"])]
#[case::what_is_referred_to_comes_first(
    json!({}),
    everything(),
    &["+ group all", "+ group a-nested", "+ resource bank", "+ resource talk", "+ scope a:read", "+ client app"]
)]
fn plan_has_what_differs(#[case] before: Value, #[case] wanted: Value, #[case] expected: &[&str]) {
    let plan = Plan::new(&state(before, &[]), &desired(wanted), false).expect("a plan");
    assert_eq!(lines(&plan), expected);
}

#[rstest]
#[case::own(&["group staff = ops"], &["- group staff"])]
#[case::of_another(&["group staff = others"], &[])]
#[case::of_nobody(&[], &[])]
fn only_what_has_the_label_is_deleted(#[case] owners: &[&str], #[case] expected: &[&str]) {
    let wanted = desired(owned_by(json!({}), "ops"));
    for force in [false, true] {
        let plan = Plan::new(&state(groups(&["staff"]), owners), &wanted, force).expect("a plan");
        assert_eq!(lines(&plan), expected);
    }
}

#[test]
fn deletion_begins_with_what_refers_to_others() {
    let owners = ["group all = ops", "group a-nested = ops", "resource bank = ops", "resource talk = ops"];
    let owners = [&owners[..], &["scope a:read = ops", "client app = ops"]].concat();
    let plan = Plan::new(&state(everything(), &owners), &desired(owned_by(json!({}), "ops")), false).expect("a plan");
    let expected =
        ["- client app", "- scope a:read", "- resource bank", "- resource talk", "- group a-nested", "- group all"];
    assert_eq!(lines(&plan), expected);
    assert!(plan.takes_away());
}

#[rstest]
#[case::label_is_added(&[], false, &[r#"~ group staff {} -> {"owner":"ops"}"#])]
#[case::label_is_the_same(&["group staff = ops"], false, &[])]
#[case::another_label_by_force(
    &["group staff = others"],
    true,
    &[r#"~ group staff {"owner":"others"} -> {"owner":"ops"} from others"#]
)]
fn object_gets_the_label_of_the_document(#[case] owners: &[&str], #[case] force: bool, #[case] expected: &[&str]) {
    let wanted = desired(owned_by(groups(&["staff"]), "ops"));
    let plan = Plan::new(&state(groups(&["staff"]), owners), &wanted, force).expect("a plan");
    assert_eq!(lines(&plan), expected);
    assert_eq!(plan.takes_away(), force, "what is taken from another is asked about");
}

#[test]
fn object_of_another_label_is_not_taken_without_force() {
    let wanted = desired(owned_by(groups(&["staff"]), "ops"));
    let refused = Plan::new(&state(groups(&["staff"]), &["group staff = others"]), &wanted, false);
    assert_eq!(refused, Err(vec!["group staff belongs to others: --force changes it anyway".to_owned()]));
}

#[test]
fn document_without_a_label_changes_what_is_labelled_by_force_only() {
    let (before, wanted) = (state(talk(json!({})), &["resource talk = ops"]), talk(json!({ "token_lifetime": 60 })));
    let refused = Plan::new(&before, &desired(wanted.clone()), false);
    assert_eq!(refused, Err(vec!["resource talk belongs to ops: --force changes it anyway".to_owned()]));
    let forced = Plan::new(&before, &desired(wanted), true).expect("a plan");
    assert_eq!(lines(&forced), [r#"~ resource talk {} -> {"token_lifetime":60} from ops"#]);
}

#[test]
fn resource_server_with_a_scope_of_others_is_not_deleted() {
    let before = state(scope_of("talk"), &["resource talk = ops", "scope a:read = others"]);
    let refused = Plan::new(&before, &desired(owned_by(json!({}), "ops")), true);
    let problem = "resource talk cannot be deleted: scope a:read is not among what is deleted";
    assert_eq!(refused, Err(vec![problem.to_owned()]));
}

#[test]
fn client_that_registered_itself_is_not_taken_over() {
    let before = State { of_others: ["app".to_owned()].into(), ..state(json!({}), &[]) };
    for force in [false, true] {
        let refused = Plan::new(&before, &desired(everything()), force);
        assert_eq!(refused, Err(vec!["client app registered itself: choose another client_id".to_owned()]));
    }
}

#[test]
fn secret_that_differs_is_replaced() {
    let document = || talk(json!({ "secret": { "env": "TALK_SECRET" } }));
    let same = state(document(), &[]);
    assert_eq!(Plan::new(&same, &desired(document()), false), Ok(Plan::default()));
    let other = State { other_secrets: [(Kind::Resource, "talk".to_owned())].into(), ..same };
    let plan = Plan::new(&other, &desired(document()), false).expect("a plan");
    assert!(plan.steps.iter().all(|step| step.replaces_secret) && plan.steps.len() == 1, "{plan:?}");
    assert!(!serde_json::to_string(&plan).expect("JSON").contains(SECRET));
    let new = Plan::new(&state(json!({}), &[]), &desired(document()), false).expect("a plan");
    assert!(new.steps.iter().all(|step| step.replaces_secret), "{new:?}");
}

/// The scope of [`scope_of`] with conditions.
fn restricted(conditions: Value) -> Value {
    let mut document = scope_of("talk");
    document["groups"] = json!({ "staff": {} });
    for (name, value) in conditions.as_object().expect("members") {
        document["scopes"]["a:read"][name] = value.clone();
    }
    document
}

#[rstest]
#[case::nothing_changes(restricted(json!({})), restricted(json!({})), false)]
#[case::closed(restricted(json!({})), restricted(json!({ "groups": ["staff"] })), false)]
#[case::opened(restricted(json!({ "groups": ["staff"] })), restricted(json!({})), true)]
#[case::demands_more(restricted(json!({})), restricted(json!({ "acr": "urn:writ:acr:mfa" })), false)]
#[case::demands_less(restricted(json!({ "acr": "urn:writ:acr:mfa" })), restricted(json!({})), true)]
#[case::group_in_another(
    groups(&["all", "staff"]),
    json!({ "groups": { "all": {}, "staff": { "in": "all" } } }),
    true
)]
#[case::group_leaves(json!({ "groups": { "all": {}, "staff": { "in": "all" } } }), groups(&["all", "staff"]), false)]
fn plan_says_whether_it_opens_something(#[case] before: Value, #[case] wanted: Value, #[case] opens: bool) {
    let plan = Plan::new(&state(before, &[]), &desired(wanted), false).expect("a plan");
    assert_eq!(plan.opens(), opens, "{plan:?}");
    assert!(!plan.takes_away());
}

#[test]
fn digest_identifies_the_steps() {
    let of = |wanted: Value| Plan::new(&state(json!({}), &[]), &desired(wanted), false).expect("a plan").digest();
    assert_eq!(of(groups(&["staff"])), of(groups(&["staff"])));
    assert_ne!(of(groups(&["staff"])), of(groups(&["staff", "all"])));
}
