//! The scopes that can be granted, and the resource servers that own them.

pub mod conditions;
mod identity;
pub mod wording;

use std::collections::BTreeMap;

use url::Url;

pub use self::identity::{Qualified, ScopeIds};

use crate::{
    Cause, ClientMetadata, Error, ScopeSet,
    grants::offline_access_matters,
    vocabulary::{administration_scope::is_reserved, scope::OPENID_SCOPES},
};

/// Every resource server and scope of this server, by name.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The audience of each resource server.
    audiences: Vec<String>,
    /// Maps each scope to the index of its resource server.
    by_scope: BTreeMap<String, usize>,
    /// The default scopes of each resource server.
    defaults: Vec<ScopeSet>,
    /// The audience of tokens that are only for the userinfo endpoint.
    userinfo: String,
}

/// A scope of a resource server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// Whether a request that names the resource server and no scope includes it.
    pub is_default: bool,
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
    pub fn new(servers: impl IntoIterator<Item = (String, Vec<Offered>)>, userinfo: String) -> Self {
        let mut offer = Self { userinfo, ..Self::default() };
        for (audience, scopes) in servers {
            let index = offer.audiences.len();
            offer.audiences.push(audience);
            offer.defaults.push(scopes.iter().filter(|scope| scope.is_default).map(|scope| &*scope.name).collect());
            offer.by_scope.extend(scopes.into_iter().map(|scope| (scope.name, index)));
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
    /// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)). An omitted scope means
    /// the default one. Those of the administration API are unknown here.
    ///
    /// # Errors
    /// `invalid_scope` if no scope remains. `invalid_target` if the scope is omitted and a resource
    /// is unknown.
    pub fn requestable(
        &self,
        requested: Option<ScopeSet>,
        resources: &[&str],
        client: &ClientMetadata,
    ) -> Result<Requestable, Error> {
        self.filter(requested, resources, client, |name| self.has(name) && !is_reserved(name))
    }

    /// As [`Offer::requestable`], for a device, at which administrators may allow scopes of the
    /// administration API, too.
    ///
    /// # Errors
    /// As for [`Offer::requestable`].
    pub fn requestable_at_device(
        &self,
        requested: Option<ScopeSet>,
        resources: &[&str],
        client: &ClientMetadata,
    ) -> Result<Requestable, Error> {
        self.filter(requested, resources, client, |name| self.has(name))
    }

    fn filter(
        &self,
        requested: Option<ScopeSet>,
        resources: &[&str],
        client: &ClientMetadata,
        has: impl Fn(&str) -> bool,
    ) -> Result<Requestable, Error> {
        let requested = match requested {
            Some(requested) => requested,
            None => self.default_scope(resources, client)?,
        };
        if requested.is_empty() {
            let description = "scope is missing, and neither the client nor the resource has a default scope";
            return Err(Error::new(Cause::ScopeMissing, description));
        }
        let cause = |name: &str| match (has(name), client.scope.contains(name)) {
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

    /// The scope of a request without `scope`: "If the client omits the scope parameter when
    /// requesting authorization, the authorization server MUST either process the request using a
    /// pre-defined default value or fail the request indicating an invalid scope"
    /// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)). The default of the
    /// client comes first. A client without one gets the default scopes of the resource servers
    /// that it names, as far as it may have them.
    ///
    /// # Errors
    /// `invalid_target` if a resource is unknown.
    fn default_scope(&self, resources: &[&str], client: &ClientMetadata) -> Result<ScopeSet, Error> {
        let mut scope = client.default_scope().clone();
        if scope.is_empty() {
            for requested in resources {
                let audience = self.resource(requested)?;
                let index = self.audiences.iter().position(|known| known == audience);
                // The userinfo endpoint has no default scopes.
                let defaults = index.map(|index| self.defaults[index].intersect(&client.scope));
                scope = scope.union(&defaults.unwrap_or_default());
            }
        }
        Ok(scope)
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
pub fn is_same_resource(a: &str, b: &str) -> bool {
    a == b || Url::parse(a).is_ok_and(|a| Url::parse(b).is_ok_and(|b| a == b))
}

#[cfg(test)]
mod tests;
