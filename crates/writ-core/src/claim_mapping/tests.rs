use rstest::rstest;
use serde_json::json;

use super::*;

fn mapping(mut members: Value) -> Result<ClaimMapping, String> {
    if members.get("labels").is_none() {
        members["labels"] = json!({ "en": "Department" });
    }
    serde_json::from_value(members).map_err(|error| error.to_string())
}

#[rstest]
#[case::standard(json!({ "name": "email", "scope": "staff:read", "attribute": "mail" }), "meaning of its own")]
#[case::groups(json!({ "name": "groups", "scope": "staff:read", "attribute": "x" }), "meaning of its own")]
#[case::subject(json!({ "name": "sub", "scope": "staff:read", "constant": "root" }), "meaning of its own")]
#[case::acr(json!({ "name": "acr", "scope": "staff:read", "constant": "phr" }), "meaning of its own")]
#[case::no_source(json!({ "name": "a", "scope": "staff:read" }), "either an attribute or a constant")]
#[case::two_sources(json!({ "name": "a", "scope": "staff:read", "attribute": "a", "constant": 1 }), "either")]
#[case::typed_constant(json!({ "name": "a", "scope": "staff:read", "constant": 1, "type": "string" }), "own type")]
#[case::name(json!({ "name": "a b", "scope": "staff:read", "constant": 1 }), "no name of a claim")]
#[case::attribute(json!({ "name": "a", "scope": "staff:read", "attribute": "A" }), "no name of an attribute")]
#[case::openid_scope(json!({ "name": "a", "scope": "profile", "constant": 1 }), "one scope")]
#[case::two_scopes(json!({ "name": "a", "scope": "b c", "constant": 1 }), "one scope")]
#[case::without_a_scope(json!({ "name": "a", "constant": 1 }), "missing field")]
#[case::unknown_member(json!({ "name": "a", "scope": "b", "constant": 1, "claim": "x" }), "unknown field")]
#[case::grant(json!({ "name": "grant_id", "scope": "b", "constant": 1 }), "meaning of its own")]
#[case::unlabelled(json!({ "name": "a", "scope": "b", "constant": 1, "labels": {} }), "needs a label")]
#[case::without_english(json!({ "name": "a", "scope": "b", "constant": 1, "labels": { "ko": "부서" } }), "needs a label")]
#[case::empty_label(json!({ "name": "a", "scope": "b", "constant": 1, "labels": { "en": " " } }), "in \"en\"")]
#[case::reversed_label(json!({ "name": "a", "scope": "b", "constant": 1, "labels": { "en": "a\u{202e}b" } }), "in \"en\"")]
#[case::long_label(json!({ "name": "a", "scope": "b", "constant": 1, "labels": { "en": "a".repeat(61) } }), "in \"en\"")]
#[case::no_language(json!({ "name": "a", "scope": "b", "constant": 1, "labels": { "en": "A", "k o": "A" } }), "\"k o\"")]
#[case::nowhere(json!({ "name": "a", "scope": "b", "constant": 1, "in": [] }), "read nowhere")]
#[case::unknown_place(json!({ "name": "a", "scope": "b", "constant": 1, "in": ["header"] }), "unknown variant")]
#[case::unknown_type(json!({ "name": "a", "scope": "b", "attribute": "a", "type": "date" }), "unknown variant")]
fn mapping_is_refused_with_its_cause(#[case] members: Value, #[case] reason: &str) {
    let error = mapping(members).expect_err("refused");
    assert!(error.contains(reason), "{error}");
}

#[rstest]
#[case("string", "7", Some(json!("7")))]
#[case("integer", "7", Some(json!(7)))]
#[case("integer", "seven", None)]
#[case("integer", "7.5", None)]
#[case("boolean", "true", Some(json!(true)))]
#[case("boolean", "yes", None)]
#[case("list", "a, b,,c ", Some(json!(["a", "b", "c"])))]
#[case("list", ",", Some(json!([])))]
fn value_has_the_type_of_the_mapping_or_is_left_out(
    #[case] r#type: &str,
    #[case] stored: &str,
    #[case] value: Option<Value>,
) {
    let members = json!({ "name": "x", "scope": "staff:read", "attribute": "a", "type": r#type });
    let mapping = mapping(members).expect("a mapping");
    let attributes = BTreeMap::from([("a".to_owned(), stored.to_owned())]);
    assert_eq!(mapping.value(&attributes), value);
    assert_eq!(mapping.value(&BTreeMap::new()), None);
    let again: ClaimMapping = serde_json::from_value(json!(mapping)).expect("the written form is read");
    assert_eq!(again, mapping);
}

#[test]
fn client_gets_the_claims_of_its_scopes_and_no_others() {
    let mappings = [
        json!({ "name": "department", "scope": "staff:read", "attribute": "department" }),
        json!({ "name": "tenant", "scope": "staff:read", "constant": "acme", "clients": ["shop"] }),
        json!({ "name": "level", "scope": "level:read", "attribute": "level", "type": "integer" }),
        json!({ "name": "cost", "scope": "staff:read", "constant": 7, "in": ["access_token"] }),
    ]
    .map(|members| mapping(members).expect("a mapping"));
    let attributes = BTreeMap::from(
        [("department", "sales"), ("level", "3")].map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    for (client, scope, allowed, expected) in [
        ("shop", "openid staff:read", "+department +tenant", json!({ "department": "sales", "tenant": "acme" })),
        ("shop", "openid staff:read", "+department", json!({ "department": "sales" })),
        ("blog", "staff:read level:read", "+department +level", json!({ "department": "sales", "level": 3 })),
        ("blog", "staff:read", "+department +level +tenant", json!({ "department": "sales" })),
        ("shop", "openid profile", "+department +level +tenant", json!({})),
        ("shop", "staff:read", "", json!({})),
    ] {
        let (scope, allowed) = (ScopeSet::parse(scope).expect("a scope list"), ScopeIds::from_stored(Some(allowed)));
        let found = ClientMappings::new(&mappings, client).claims(Place::IdToken, &scope, &allowed, &attributes);
        assert_eq!(Value::Object(found), expected, "{client} {scope}");
    }
    let of_blog = ClientMappings::new(&mappings, "blog");
    assert_eq!(of_blog.names("staff:read"), ["cost", "department"].map(str::to_owned).into());
    assert!(ClientMappings::default().names("staff:read").is_empty());
}

#[test]
fn claim_is_only_in_its_places() {
    let of = |name: &str, places: Value| {
        mapping(json!({ "name": name, "scope": "s", "constant": 1, "in": places })).expect("a mapping")
    };
    let by_default = mapping(json!({ "name": "default", "scope": "s", "constant": 1 })).expect("a mapping");
    let mappings = [by_default, of("api", json!(["access_token"])), of("page", json!(["userinfo", "access_token"]))];
    let (scope, allowed) = (ScopeSet::from_stored("s"), ScopeIds::from_stored(Some("+default +api +page")));
    for (place, expected) in [
        (Place::IdToken, json!({ "default": 1 })),
        (Place::Userinfo, json!({ "default": 1, "page": 1 })),
        (Place::AccessToken, json!({ "api": 1, "page": 1 })),
    ] {
        let found = ClientMappings::new(&mappings, "shop").claims(place, &scope, &allowed, &BTreeMap::new());
        assert_eq!(Value::Object(found), expected, "{place:?}");
    }
}

#[test]
fn mappings_collide_if_one_client_would_get_both() {
    let of = |name: &str, clients: &[&str]| {
        mapping(json!({ "name": name, "scope": "s", "constant": 1, "clients": clients })).expect("a mapping")
    };
    for (one, other, expected) in [
        (of("a", &[]), of("a", &["shop"]), true),
        (of("a", &["shop", "blog"]), of("a", &["blog"]), true),
        (of("a", &["shop"]), of("a", &["blog"]), false),
        (of("a", &[]), of("b", &[]), false),
    ] {
        assert_eq!(one.collides(&other), expected, "{one:?} {other:?}");
    }
}
