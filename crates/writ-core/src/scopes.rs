//! The scopes that can be granted, and the resource servers that own them.

mod identity;
pub mod wording;

use std::collections::BTreeMap;

use url::Url;

pub use self::identity::ScopeIds;

use crate::{Cause, ClientMetadata, Error, ScopeSet, grants::offline_access_matters, vocabulary::scope::OPENID_SCOPES};

/// Every resource server and scope of this server, by name.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The audience of each resource server.
    audiences: Vec<String>,
    /// Maps each scope to the index of its resource server.
    by_scope: BTreeMap<String, usize>,
    /// The audience of tokens that are only for the userinfo endpoint.
    userinfo: String,
}

/// A requested scope that cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The name of the scope.
    pub scope: String,
    /// [`Cause::ScopeUnknown`] or [`Cause::ScopeUnregistered`].
    pub cause: Cause,
}

/// A requested scope after filtering.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requestable {
    /// The scopes that the client may be granted.
    pub scope: ScopeSet,
    /// The dropped scopes, with the causes.
    pub dropped: Vec<Dropped>,
}

impl Offer {
    /// Builds the offer from the audience and scopes of each resource server. `userinfo` is the URI
    /// of the userinfo endpoint.
    pub fn new(servers: impl IntoIterator<Item = (String, Vec<String>)>, userinfo: String) -> Self {
        let mut offer = Self { userinfo, ..Self::default() };
        for (audience, scopes) in servers {
            let index = offer.audiences.len();
            offer.audiences.push(audience);
            offer.by_scope.extend(scopes.into_iter().map(|scope| (scope, index)));
        }
        offer
    }

    /// The URI of the userinfo endpoint, which is the audience of tokens without a resource server.
    pub fn userinfo(&self) -> &str {
        &self.userinfo
    }

    /// Whether a scope exists.
    pub fn has(&self, scope: &str) -> bool {
        OPENID_SCOPES.contains(&scope) || self.by_scope.contains_key(scope)
    }

    /// The audience that owns a scope. `None` for the scopes of OpenID Connect and unknown scopes.
    pub fn owner(&self, scope: &str) -> Option<&str> {
        self.by_scope.get(scope).map(|index| self.audiences[*index].as_str())
    }

    /// Filters a requested scope. Unknown scopes are ignored
    /// ([OpenID Connect Core
    /// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)),
    /// and those that the client did not register are dropped
    /// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)). An omitted scope
    /// means
    /// the default scopes of the client.
    ///
    /// # Errors
    /// `invalid_scope` if no scope remains.
    pub fn requestable(&self, requested: Option<ScopeSet>, client: &ClientMetadata) -> Result<Requestable, Error> {
        let requested = requested.unwrap_or_else(|| client.default_scope().clone());
        if requested.is_empty() {
            return Err(Error::new(Cause::ScopeMissing, "scope is missing, and the client has no default scope"));
        }
        let cause = |name: &str| match (self.has(name), client.scope.contains(name)) {
            (false, _) => Some(Cause::ScopeUnknown),
            (true, false) => Some(Cause::ScopeUnregistered),
            (true, true) => None,
        };
        let dropped: Vec<Dropped> =
            requested.iter().filter_map(|name| Some(Dropped { cause: cause(name)?, scope: name.to_owned() })).collect();
        let scope = requested.filter(|name| cause(name).is_none());
        match dropped.first() {
            Some(first) if scope.is_empty() => {
                Err(first.error().expected(client.scope.to_string(), requested.to_string()))
            }
            _ => Ok(Requestable { scope, dropped }),
        }
    }

    /// Finds the registered audience that a `resource` parameter names. Both are compared after
    /// syntax- and scheme-based normalization
    /// ([RFC 3986 §6.2.2 and §6.2.3](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3)).
    ///
    /// # Errors
    /// `invalid_target` if no resource server has this audience.
    pub fn resource(&self, requested: &str) -> Result<&str, Error> {
        self.audiences
            .iter()
            .chain([&self.userinfo])
            .find(|audience| is_same_resource(audience, requested))
            .map(String::as_str)
            .ok_or_else(|| {
                Error::new(Cause::ResourceUnknown, "resource is not the audience of a resource server")
                    .because(format!("{requested:?}"))
            })
    }

    /// The resource servers of a grant: all that the `resource` parameters name, else the owner of
    /// the scopes, else the userinfo endpoint
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    ///
    /// # Errors
    /// `invalid_target` if a resource is unknown, if a scope belongs to none of the named
    /// resources, or if the scopes belong to several resources and the request names none.
    pub fn resources(&self, scope: &ScopeSet, requested: &[&str]) -> Result<Vec<String>, Error> {
        let mut owners: Vec<&str> = Vec::new();
        for owner in scope.iter().filter_map(|name| self.owner(name)) {
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        let ambiguous = |description: String| Error::new(Cause::ResourceAmbiguous, description);
        if requested.is_empty() {
            return match owners.as_slice() {
                [] => Ok(vec![self.userinfo.clone()]),
                [only] => Ok(vec![(*only).to_owned()]),
                several => {
                    Err(ambiguous("the scopes belong to several resource servers: name each with resource".to_owned())
                        .because(several.join(" ")))
                }
            };
        }
        let mut named: Vec<String> = Vec::new();
        for resource in requested {
            let resource = self.resource(resource)?;
            if !named.iter().any(|known| known == resource) {
                named.push(resource.to_owned());
            }
        }
        match owners.iter().find(|owner| !named.iter().any(|resource| resource == *owner)) {
            Some(other) => Err(ambiguous(format!("a scope belongs to {other}, which resource does not name"))),
            None => Ok(named),
        }
    }

    /// The one audience of a token with these scopes.
    ///
    /// # Errors
    /// `invalid_target`, as for [`Offer::resources`].
    pub fn audience(&self, scope: &ScopeSet, resource: Option<&str>) -> Result<String, Error> {
        let requested: Vec<&str> = resource.into_iter().collect();
        Ok(self.resources(scope, &requested)?.swap_remove(0))
    }
}

impl Dropped {
    /// The error to return if no other scope remains, and to show to the client's developer.
    pub fn error(&self) -> Error {
        let name = &self.scope;
        let description = match self.cause {
            Cause::ScopeUnregistered => format!("the scope {name} is not registered for this client"),
            _ => format!("the scope {name} is unknown"),
        };
        Error::new(self.cause, description)
    }
}

/// The scopes that the user cannot untick: the required scopes of the client, and `openid`, which
/// makes the response an OpenID Connect response. A box for `offline_access` that changes nothing
/// would be untrue, so it is among them.
pub fn required(scope: &ScopeSet, client: &ClientMetadata, by_device_code: bool) -> ScopeSet {
    scope.filter(|name| {
        name == "openid"
            || !client.partial_consent
            || client.required_scope.contains(name)
            || name == "offline_access" && !offline_access_matters(client, by_device_code)
    })
}

/// Whether two URIs name the same resource after normalization
/// ([RFC 3986 §6.2.3](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3)).
pub(crate) fn is_same_resource(a: &str, b: &str) -> bool {
    a == b || Url::parse(a).is_ok_and(|a| Url::parse(b).is_ok_and(|b| a == b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorCode;

    fn offer() -> Offer {
        let server = |audience: &str, scope: &str| (audience.to_owned(), scope.split(' ').map(str::to_owned).collect());
        let talk = server("https://talk.example", "message:read message:send");
        let bank = server("https://bank.example/api", "payment:make");
        Offer::new([talk, bank], "https://id.example/userinfo".to_owned())
    }

    fn scope(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("a scope list")
    }

    #[test]
    fn resources_are_named_or_follow_from_scope() {
        let (talk, bank, userinfo) =
            ("https://talk.example", "https://bank.example/api", "https://id.example/userinfo");
        let ambiguous = Err(Cause::ResourceAmbiguous);
        let unknown = Err(Cause::ResourceUnknown);
        for (names, requested, expected) in [
            ("openid message:read", vec![], Ok(vec![talk])),
            ("openid email", vec![], Ok(vec![userinfo])),
            ("openid", vec![talk], Ok(vec![talk])),
            ("message:read", vec!["https://talk.example/"], Ok(vec![talk])),
            ("message:read", vec!["HTTPS://TALK.example:443"], Ok(vec![talk])),
            ("payment:make", vec!["https://bank.example/api/"], unknown.clone()),
            ("payment:make", vec!["https://bank.example/API"], unknown.clone()),
            ("message:read payment:make", vec![], ambiguous.clone()),
            ("message:read payment:make", vec![talk], ambiguous.clone()),
            ("message:read payment:make", vec![talk, bank], Ok(vec![talk, bank])),
            ("message:read payment:make", vec![bank, talk, "https://talk.example/"], Ok(vec![bank, talk])),
            ("message:read", vec![bank], ambiguous),
            ("message:read", vec!["https://nobody.example"], unknown.clone()),
            ("message:read", vec![talk, "https://nobody.example"], unknown),
        ] {
            let found = offer().resources(&scope(names), &requested);
            let expected: Result<Vec<String>, Cause> =
                expected.map(|list| list.into_iter().map(str::to_owned).collect());
            assert_eq!(found.map_err(|error| error.cause), expected, "{names} {requested:?}");
        }
    }

    #[test]
    fn unknown_and_unregistered_scopes_are_dropped() {
        let client: ClientMetadata = serde_json::from_value(json!({
            "client_name": "Shop",
            "scope": "openid email message:read",
            "required_scope": "message:read",
        }))
        .expect("client metadata");
        for (requested, expected, dropped) in [
            (Some("openid email"), Ok("openid email"), ""),
            (Some("openid groups email"), Ok("openid email"), "groups scope_unknown"),
            (Some("openid payment:make"), Ok("openid"), "payment:make scope_unregistered"),
            (None, Ok("message:read"), ""),
            (Some("groups"), Err(ErrorCode::InvalidScope), ""),
            (Some("payment:make groups"), Err(ErrorCode::InvalidScope), ""),
        ] {
            let found = offer().requestable(requested.map(scope), &client);
            let list = found.as_ref().map(|found| {
                found
                    .dropped
                    .iter()
                    .map(|one| format!("{} {}", one.scope, one.cause.id()))
                    .collect::<Vec<_>>()
                    .join(",")
            });
            assert_eq!(list.unwrap_or_default(), dropped, "{requested:?}");
            assert_eq!(
                found.map(|found| found.scope.to_string()).map_err(|error| error.code),
                expected.map(str::to_owned)
            );
        }
    }

    #[test]
    fn scope_is_all_or_nothing_without_partial_consent() {
        let client = |partial: bool| -> ClientMetadata {
            let metadata = json!({ "client_name": "Shop", "required_scope": "email", "partial_consent": partial });
            serde_json::from_value(metadata).expect("client metadata")
        };
        let requested = scope("openid email message:read");
        assert_eq!(required(&requested, &client(true), false), scope("openid email"));
        assert_eq!(required(&requested, &client(false), false), requested);
    }

    #[test]
    fn offline_access_is_required_when_unticking_it_would_change_nothing() {
        let client: ClientMetadata = serde_json::from_value(json!({ "client_name": "Shop" })).expect("client metadata");
        let requested = scope("openid offline_access");
        assert_eq!(required(&requested, &client, false), scope("openid"));
        assert_eq!(required(&requested, &client, true), requested);
    }
}
