//! Claims of the JWTs that clients present ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)).

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Tolerated difference in seconds between a client's clock and the server's.
pub const CLOCK_SKEW: i64 = 10;
/// Maximum time in seconds until `exp`. It bounds how many used `jti` values are stored.
pub(crate) const MAX_LIFETIME: i64 = 3600;
/// Maximum length of a `jti` in bytes.
pub(crate) const MAX_JTI_LENGTH: usize = 255;

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

    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(name) => std::slice::from_ref(name).iter(),
            Self::Many(names) => names.iter(),
        }
        .map(String::as_str)
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

/// A broken rule and the actual value, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub description: String,
    /// The actual value.
    pub detail: String,
}

impl Broken {
    /// # Errors
    /// The broken rule, unless it holds.
    pub fn unless(holds: bool, description: &str, detail: impl FnOnce() -> String) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { description: description.to_owned(), detail: detail() }) }
    }
}

/// The claims that make an assertion valid once and for a short time
/// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), items 4 to 7).
#[derive(Debug, Clone, Deserialize)]
pub struct SingleUse {
    /// The single-use identifier.
    pub jti: String,
    exp: NumericDate,
    iat: Option<NumericDate>,
    nbf: Option<NumericDate>,
}

impl SingleUse {
    /// When a used `jti` may be deleted, in seconds since the epoch.
    pub fn used_until(&self) -> i64 {
        self.exp.0.saturating_add(CLOCK_SKEW)
    }

    /// `iat`, in seconds since the epoch.
    pub fn issued_at(&self) -> Option<i64> {
        self.iat.map(|NumericDate(time)| time)
    }

    /// Checks the times and the length of `jti`. `jwt` names the JWT in the description.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn check(&self, jwt: &str, now: i64) -> Result<(), Broken> {
        self.not_expired(jwt, now)?;
        self.bounded_lifetime(jwt, now)?;
        self.not_before(jwt, now)?;
        self.bounded_identifier(jwt)
    }

    /// Item 4: `exp` has not passed.
    fn not_expired(&self, jwt: &str, now: i64) -> Result<(), Broken> {
        Broken::unless(self.used_until() > now, &format!("{jwt} has expired"), || {
            format!("{} s ago", now.saturating_sub(self.exp.0))
        })
    }

    /// Item 4: the server may refuse an `exp` that is unreasonably far in the future.
    fn bounded_lifetime(&self, jwt: &str, now: i64) -> Result<(), Broken> {
        let ahead = self.exp.0.saturating_sub(now);
        let description = format!("exp of {jwt} is more than {MAX_LIFETIME} s ahead");
        Broken::unless(ahead <= MAX_LIFETIME, &description, || format!("{ahead} s"))
    }

    /// Items 5 and 6: `nbf` and `iat` are not in the future.
    fn not_before(&self, jwt: &str, now: i64) -> Result<(), Broken> {
        for (name, time) in [("iat", self.iat), ("nbf", self.nbf)] {
            let ahead = time.map_or(0, |NumericDate(time)| time.saturating_sub(now));
            let description = format!("{name} of {jwt} is in the future");
            Broken::unless(ahead <= CLOCK_SKEW, &description, || format!("by {ahead} s"))?;
        }
        Ok(())
    }

    /// Item 7: `jti` is short enough to be stored until the assertion expires.
    fn bounded_identifier(&self, jwt: &str) -> Result<(), Broken> {
        check_identifier(&self.jti, jwt)
    }
}

/// Checks that the `jti` of `jwt` can be stored.
///
/// # Errors
/// [`Broken`] if it is empty, longer than 255 bytes or has a control character.
pub fn check_identifier(jti: &str, jwt: &str) -> Result<(), Broken> {
    let length = jti.len();
    let description = format!("jti of {jwt} must have 1 to {MAX_JTI_LENGTH} bytes");
    Broken::unless((1..=MAX_JTI_LENGTH).contains(&length), &description, || format!("it has {length}"))?;
    let printable = !jti.chars().any(char::is_control);
    Broken::unless(printable, &format!("jti of {jwt} has a control character"), String::new)
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
