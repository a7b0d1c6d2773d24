//! The authentication context classes that scopes, clients and groups demand. An administrator sets
//! them, so that an API need not challenge for a stronger authentication ([RFC 9470
//! §5](https://www.rfc-editor.org/rfc/rfc9470#section-5)).

use uuid::Uuid;

use crate::{Cause, Error, ScopeSet, groups::GroupIds, vocabulary::acr::Acr};

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

/// What a client and groups demand of the sign-ins to the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInDemands {
    /// The class that the client demands of all users.
    pub client: Option<Acr>,
    /// The class that each group demands of its direct members.
    pub groups: Vec<(Uuid, Acr)>,
}

impl SignInDemands {
    /// Whether nothing is demanded of any user.
    pub fn is_empty(&self) -> bool {
        self.client.is_none() && self.groups.is_empty()
    }

    /// The strongest class that is demanded of a user who is directly in `direct`.
    pub fn of(&self, direct: &GroupIds) -> Option<Acr> {
        let of_groups = self.groups.iter().filter(|(id, _)| direct.contains(*id)).map(|(_, acr)| *acr).max();
        self.client.max(of_groups)
    }

    /// Checks that a user who is directly in `direct` authenticated as is demanded, at every issue
    /// without a page.
    ///
    /// # Errors
    /// `invalid_grant` if the user did not ([RFC 6749
    /// §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
    pub fn check(&self, direct: &GroupIds, has: Acr) -> Result<(), Error> {
        if has.meets(self.of(direct)) {
            return Ok(());
        }
        let description = "the client, or a group of the user, demands a stronger authentication";
        Err(Error::new(Cause::AcrDemanded, description))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_and_groups_demand_the_strongest_of_their_classes() {
        let [staff, board] = [1, 2].map(Uuid::from_u128);
        let groups = vec![(staff, Acr::Password), (board, Acr::Mfa)];
        for (client, direct, expected) in [
            (None, vec![], None),
            (None, vec![staff], Some(Acr::Password)),
            (None, vec![staff, board], Some(Acr::Mfa)),
            (Some(Acr::Mfa), vec![], Some(Acr::Mfa)),
            (Some(Acr::Password), vec![board], Some(Acr::Mfa)),
            (Some(Acr::Mfa), vec![staff], Some(Acr::Mfa)),
        ] {
            let demands = SignInDemands { client, groups: groups.clone() };
            let direct: GroupIds = direct.into_iter().collect();
            assert_eq!(demands.of(&direct), expected, "{client:?} {direct:?}");
            assert_eq!(demands.check(&direct, Acr::Password).is_ok(), expected != Some(Acr::Mfa), "{client:?}");
            assert_eq!(demands.check(&direct, Acr::Mfa), Ok(()));
        }
        assert!(SignInDemands::default().is_empty());
    }

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
