//! JSON objects without duplicate members and with bounded depth.
//!
//! [RFC 8259 §4](https://www.rfc-editor.org/rfc/rfc8259#section-4) permits duplicate members, and
//! parsers differ on which one they return. Two programs that read the same token must never
//! disagree about a claim.

use std::{collections::BTreeSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Maximum depth of nesting, including the outermost object.
const MAX_DEPTH: u8 = 16;

/// Parses one JSON object. `None` if it is not an object, nests more than 16 levels deep, or has a
/// duplicate member.
pub fn parse_object(json: &[u8]) -> Option<Map<String, Value>> {
    let json = std::str::from_utf8(json).ok()?;
    Strict { depth: MAX_DEPTH }.deserialize(&mut serde_json::Deserializer::from_str(json)).ok()?;
    serde_json::from_str(json).ok()
}

/// Checks a value without building it. serde_json builds it afterwards, because its numbers have a
/// representation of their own.
#[derive(Clone, Copy)]
struct Strict {
    /// The remaining levels of nesting.
    depth: u8,
}

impl Strict {
    fn nested<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let inner = self.nested()?;
        while access.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let inner = self.nested()?;
        let mut names = BTreeSet::new();
        while let Some(name) = access.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate member"));
            }
            access.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::members(r#"{"a":1,"b":[true,null,-1.5],"c":{"a":"text"}}"#)]
    #[case::empty(" {} ")]
    #[case::depth(&nested(16))]
    fn object_is_parsed(#[case] json: &str) {
        assert_eq!(parse_object(json.as_bytes()), serde_json::from_str(json).ok());
    }

    #[rstest]
    #[case::array("[]")]
    #[case::text("\"a\"")]
    #[case::trailing_text("{} {}")]
    #[case::duplicate(r#"{"a":1,"a":1}"#)]
    #[case::escaped_duplicate(r#"{"a":1,"\u0061":1}"#)]
    #[case::nested_duplicate(r#"{"a":[{"b":1,"b":2}]}"#)]
    #[case::number_beyond_a_double(r#"{"a":1e999}"#)]
    #[case::depth(&nested(17))]
    fn object_is_refused(#[case] json: &str) {
        assert_eq!(parse_object(json.as_bytes()), None);
    }

    #[test]
    fn object_is_refused_when_not_utf8() {
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}"), None);
    }

    fn nested(depth: usize) -> String {
        let arrays = depth - 1;
        format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays))
    }
}
