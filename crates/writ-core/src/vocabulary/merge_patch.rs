//! JSON Merge Patch ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)).

use serde_json::{Map, Value};

/// Applies a patch to `target`: "Null values in the merge patch are given special meaning to
/// indicate the removal of existing values in the target"
/// ([RFC 7396 §1](https://www.rfc-editor.org/rfc/rfc7396#section-1)).
pub fn apply(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => drop(target.remove(&name)),
            Value::Object(inner) => {
                let mut merged = match target.remove(&name) {
                    Some(Value::Object(members)) => members,
                    _ => Map::new(),
                };
                apply(&mut merged, inner);
                target.insert(name, Value::Object(merged));
            }
            value => drop(target.insert(name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// The examples of RFC 7396, Appendix A, whose targets and patches are objects.
    #[rstest]
    #[case(json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"}))]
    #[case(json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"}))]
    #[case(json!({"a": "b"}), json!({"a": null}), json!({}))]
    #[case(json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"}))]
    #[case(json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"}))]
    #[case(json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]}))]
    #[case(json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}}))]
    #[case(json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]}))]
    #[case(json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1}))]
    #[case(json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}}))]
    fn patch_replaces_adds_and_removes(#[case] target: Value, #[case] patch: Value, #[case] result: Value) {
        let object = |value: Value| value.as_object().cloned().expect("an object");
        let mut patched = object(target);
        apply(&mut patched, object(patch));
        assert_eq!(Value::Object(patched), result);
    }
}
