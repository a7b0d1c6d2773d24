//! Scope values ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)): a set in the
//! order of the request.

use std::{collections::HashSet, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::{EnumString, IntoStaticStr};

use super::{Cause, Error, Params};

/// The scopes of OpenID Connect (Core §5.4, §11), and `groups`, which many clients request beside
/// them. They always exist.
pub const OPENID_SCOPES: [&str; 7] = ["openid", "profile", "email", "address", "phone", "groups", "offline_access"];

/// Maximum number of names in a requested list.
pub(super) const MAX_NAMES: usize = 500;

/// How much harm a granted scope can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = String, parse_err_fn = unknown_risk)]
pub enum Risk {
    /// Reads harmless data.
    Low,
    /// Reads data that identifies the user or their contacts.
    Moderate,
    /// Changes data, or reads private data.
    Elevated,
    /// Sends, deletes or pays. Its box starts unticked.
    High,
}

impl Risk {
    /// Every level, the least harmful first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Moderate, Self::Elevated, Self::High];

    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether a scope of this risk is a default scope of its resource server unless the operator
    /// decides otherwise: it only reads.
    pub fn is_default(self) -> bool {
        self <= Self::Moderate
    }
}

fn unknown_risk(text: &str) -> String {
    format!("`{text}` is not one of low, moderate, elevated, high")
}

/// An ordered set of scope names, each of `1*( %x21 / %x23-5B / %x5D-7E )`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Parses a space-separated list. Repeated names count once.
    ///
    /// # Errors
    /// The first name with a character outside RFC 6749 §3.3, or a sentence if there are too many.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut names: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            if !is_scope_token(name) {
                return Err(format!("a scope name has a character that RFC 6749 section 3.3 does not allow: {name}"));
            }
            if known.insert(name) {
                if names.len() == MAX_NAMES {
                    return Err(format!("there are more than {MAX_NAMES} scopes"));
                }
                names.push(name.to_owned());
            }
        }
        Ok(Self(names))
    }

    /// The parameter `scope` of a request; `None` if it is omitted.
    ///
    /// # Errors
    /// `invalid_scope`, as for [`ScopeSet::parse`]. `invalid_request` if it was sent more than
    /// once.
    pub fn asked(params: &Params) -> Result<Option<Self>, Error> {
        let parsed = params.get("scope")?.map(Self::parse).transpose();
        parsed.map_err(|reason| Error::new(Cause::ScopeMalformed, reason))
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Self {
        Self(text.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Whether `name` is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The names of `self` for which `keep` is true.
    #[must_use]
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|name| keep(name)).cloned().collect())
    }

    /// The names that are in both sets.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        self.filter(|name| other.contains(name))
    }

    /// The names of `self` that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.filter(|name| !other.contains(name))
    }

    /// The names of both sets, those of `self` first.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut names = self.0.clone();
        names.extend(other.without(self).0);
        Self(names)
    }

    /// Whether every name of `self` is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|name| other.contains(name))
    }
}

/// Whether `name` is a scope-token of RFC 6749 §3.3.
pub fn is_scope_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

impl<S: Into<String>> FromIterator<S> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut known = HashSet::new();
        Self(names.into_iter().map(Into::into).filter(|name: &String| known.insert(name.clone())).collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("a scope list")
    }

    #[test]
    fn list_keeps_its_order_and_counts_a_name_once() {
        assert_eq!(set("b a  b c ").to_string(), "b a c");
    }

    #[test]
    fn list_length_is_bounded() {
        let list = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert!(ScopeSet::parse(&list(MAX_NAMES)).is_ok());
        assert!(ScopeSet::parse(&list(MAX_NAMES + 1)).is_err());
        assert!(ScopeSet::parse(&"a ".repeat(MAX_NAMES + 1)).is_ok(), "one name, however often");
    }

    #[test]
    fn set_operations_never_widen() {
        let asked = set("profile:read message:read message:send");
        let allowed = set("message:send profile:read");
        assert_eq!(asked.intersect(&allowed).to_string(), "profile:read message:send");
        assert_eq!(asked.without(&allowed).to_string(), "message:read");
        assert_eq!(allowed.union(&asked).to_string(), "message:send profile:read message:read");
        assert!(allowed.is_subset(&asked) && !asked.is_subset(&allowed));
    }

    #[test]
    fn name_outside_the_grammar_is_refused() {
        for bad in ["a\"b", "a\\b", "프로필", "a\tb", "a\u{7f}"] {
            assert!(ScopeSet::parse(bad).is_err(), "{bad:?}");
        }
    }
}
