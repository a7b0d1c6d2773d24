//! A client acting for itself
//! ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).

use super::audience::ScopeOwner;
use crate::{Cause, Error, ScopeSet};

/// Checks the scope that a client requests for itself. It must be registered, and must not concern
/// a user, because this grant has none.
///
/// # Errors
/// `invalid_scope` if one of these rules is broken.
pub fn check_scope<'a>(
    requested: &ScopeSet,
    registered: &ScopeSet,
    owner: impl Fn(&str) -> Option<ScopeOwner<'a>>,
) -> Result<(), Error> {
    for name in requested.iter() {
        match owner(name) {
            // A request for the administration API has a rule of its own.
            None | Some(ScopeOwner::Administration { .. }) => {
                return Err(Error::new(Cause::ScopeUnknown, format!("the scope {name} is unknown")));
            }
            Some(ScopeOwner::OpenId) => {
                let description = format!("the scope {name} concerns a user, and this grant has none");
                return Err(Error::new(Cause::ScopeOfUser, description));
            }
            Some(ScopeOwner::Resource { .. }) if !registered.contains(name) => {
                let description = format!("the scope {name} is not registered for this client");
                return Err(Error::new(Cause::ScopeUnregistered, description)
                    .expected(registered.to_string(), requested.to_string()));
            }
            Some(ScopeOwner::Resource { .. }) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    #[rstest]
    #[case("a", None)]
    #[case("a b", Some(Cause::ScopeUnregistered))]
    #[case("a openid", Some(Cause::ScopeOfUser))]
    #[case("a nothing", Some(Cause::ScopeUnknown))]
    fn client_requests_registered_scopes_of_resource_servers(#[case] requested: &str, #[case] expected: Option<Cause>) {
        let set = |text: &str| ScopeSet::parse(text).expect("a scope list");
        let owner = |name: &str| match name {
            "openid" => Some(ScopeOwner::OpenId),
            "a" | "b" => Some(ScopeOwner::Resource {
                audience: "https://talk.example",
                scope_id: Uuid::nil(),
                open_to: None,
                acr: None,
            }),
            _ => None,
        };
        let checked = check_scope(&set(requested), &set("a openid"), owner);
        assert_eq!(checked.err().map(|error| error.cause), expected);
    }
}
