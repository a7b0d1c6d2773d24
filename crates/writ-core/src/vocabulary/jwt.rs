//! Claims of the JWTs that clients sign ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)).

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Tolerated difference in seconds between a client's clock and the server's.
pub const CLOCK_SKEW: i64 = 10;

/// Seconds since the epoch (RFC 7519 §2); a fraction is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumericDate(pub i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let seconds = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64));
        seconds.map(Self).ok_or_else(|| D::Error::custom("a time is a number of seconds"))
    }
}

/// The `aud` claim: a string or a list of strings (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One value.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `audience` is one of the values.
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(name) => name == audience,
            Self::Many(names) => names.iter().any(|name| name == audience),
        }
    }

    /// Whether there is at least one audience and all are in `ours`. Another server that accepts
    /// the JWT could replay it here.
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
    fn audience_must_name_this_server_alone() {
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
    fn numeric_date_accepts_fractions_and_never_panics() {
        let date = |json: &str| serde_json::from_str::<NumericDate>(json).ok().map(|date| date.0);
        assert_eq!(date("1795424400"), Some(1_795_424_400));
        assert_eq!(date("1795424400.9"), Some(1_795_424_400));
        assert_eq!(date("1e300"), Some(i64::MAX));
        assert_eq!(date("\"1795424400\""), None);
        assert_eq!(date("null"), None);
    }
}
