//! The authentication context classes that scopes demand. An administrator sets them, so that an
//! API need not challenge for a stronger authentication ([RFC 9470
//! §5](https://www.rfc-editor.org/rfc/rfc9470#section-5)).

use crate::{ScopeSet, vocabulary::acr::Acr};

/// The classes that the scopes of a request demand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demands(Vec<(String, Acr)>);

impl FromIterator<(String, Acr)> for Demands {
    fn from_iter<I: IntoIterator<Item = (String, Acr)>>(demands: I) -> Self {
        Self(demands.into_iter().collect())
    }
}

impl Demands {
    /// Whether no scope demands anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The strongest class that a scope in `scope` demands.
    pub fn of(&self, scope: &ScopeSet) -> Option<Acr> {
        self.0.iter().filter(|(name, _)| scope.contains(name)).map(|(_, acr)| *acr).max()
    }

    /// The scopes that demand more than a session of class `has`.
    pub fn beyond(&self, has: Acr) -> ScopeSet {
        self.0.iter().filter(|(_, acr)| !has.meets(Some(*acr))).map(|(name, _)| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_demand_the_strongest_of_their_classes() {
        let demands = Demands::from_iter([("pay".to_owned(), Acr::Mfa), ("read".to_owned(), Acr::Password)]);
        let scope = |text: &str| ScopeSet::parse(text).expect("a scope list");
        for (requested, expected) in
            [("openid", None), ("read", Some(Acr::Password)), ("read pay", Some(Acr::Mfa)), ("", None)]
        {
            assert_eq!(demands.of(&scope(requested)), expected, "{requested}");
        }
        assert_eq!(demands.beyond(Acr::Password), scope("pay"));
        assert!(demands.beyond(Acr::Mfa).is_empty());
    }
}
