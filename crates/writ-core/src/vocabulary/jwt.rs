//! What the claims of the JWTs that clients sign have in common (RFC 7519).

use serde::{Deserialize, Deserializer, de::Error};

/// Seconds by which a client's clock may be ahead of ours, or behind it.
pub const CLOCK_SKEW: i64 = 10;

/// A moment in seconds since the epoch (RFC 7519 §2), of which a fraction is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumericDate(pub i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let seconds = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64));
        seconds.map(Self).ok_or_else(|| D::Error::custom("a time is a number of seconds"))
    }
}

/// `aud`: a string, or a list of them (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    /// Whether it names somebody, and nobody who is not among `ours`: what another server may also accept, it may also replay here.
    pub fn is_only(&self, ours: &[&str]) -> bool {
        let ours = |name: &String| ours.contains(&name.as_str());
        match self {
            Self::One(name) => ours(name),
            Self::Many(names) => !names.is_empty() && names.iter().all(ours),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_ours_alone() {
        let audience = |json: &str| serde_json::from_str::<Audience>(json).expect("an audience");
        for (json, expected) in [
            (r#""a""#, true),
            (r#"["a"]"#, true),
            (r#"["a","b"]"#, true),
            (r#"["a","c"]"#, false),
            (r#""c""#, false),
            ("[]", false),
        ] {
            assert_eq!(audience(json).is_only(&["a", "b"]), expected, "{json}");
        }
    }

    #[test]
    fn a_time_may_have_a_fraction_and_is_never_a_panic() {
        let date = |json: &str| serde_json::from_str::<NumericDate>(json).ok().map(|date| date.0);
        assert_eq!(date("1795424400"), Some(1_795_424_400));
        assert_eq!(date("1795424400.9"), Some(1_795_424_400));
        assert_eq!(date("1e300"), Some(i64::MAX));
        assert_eq!(date("\"1795424400\""), None);
        assert_eq!(date("null"), None);
    }
}
