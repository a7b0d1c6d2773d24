//! A client acting for itself
//! ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).

use crate::{Cause, Error, ScopeSet};

/// What a requested scope belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// OpenID Connect: it discloses something about a user.
    User,
    /// A resource server.
    Resource,
    /// Nothing.
    Unknown,
}

/// Checks the scope that a client requests for itself: there is no user whom a scope could
/// disclose, and nothing beyond the registration.
///
/// # Errors
/// `invalid_scope`.
pub fn check_scope(requested: &ScopeSet, registered: &ScopeSet, kind: impl Fn(&str) -> ScopeKind) -> Result<(), Error> {
    for name in requested.iter() {
        match kind(name) {
            ScopeKind::Unknown => {
                return Err(Error::new(Cause::ScopeUnknown, format!("the scope {name} is unknown")));
            }
            ScopeKind::User => {
                let description = format!("the scope {name} is about a user, and there is none here");
                return Err(Error::new(Cause::ScopeOfUser, description));
            }
            ScopeKind::Resource if !registered.contains(name) => {
                let description = format!("the scope {name} is not registered for this client");
                return Err(Error::new(Cause::ScopeUnregistered, description)
                    .expected(registered.to_string(), requested.to_string()));
            }
            ScopeKind::Resource => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a", None)]
    #[case("a b", Some(Cause::ScopeUnregistered))]
    #[case("a openid", Some(Cause::ScopeOfUser))]
    #[case("a nothing", Some(Cause::ScopeUnknown))]
    fn client_requests_registered_scopes_of_resource_servers(#[case] requested: &str, #[case] expected: Option<Cause>) {
        let set = |text: &str| ScopeSet::parse(text).expect("a scope list");
        let kind = |name: &str| match name {
            "openid" => ScopeKind::User,
            "a" | "b" => ScopeKind::Resource,
            _ => ScopeKind::Unknown,
        };
        let checked = check_scope(&set(requested), &set("a openid"), kind);
        assert_eq!(checked.err().map(|error| error.cause), expected);
    }
}
