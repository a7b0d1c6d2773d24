//! What can be asked for: every resource server with its scopes, and OpenID Connect's own.

use std::collections::BTreeMap;
use writ_core::{
    Cause, Error, ScopeSet,
    token::{access_token::TokenProfile, audience::ScopeOwner},
    vocabulary::scope::OPENID_SCOPES,
};

use crate::store::resources::{ResourceServer, Scope};

/// The resource servers, indexed by scope.
#[derive(Debug, Default)]
pub struct ScopeDirectory {
    servers: Vec<ResourceServer>,
    /// Scope name to `(index of its server, index within it)`.
    by_scope: BTreeMap<String, (usize, usize)>,
    /// The `aud` of tokens that are for us alone.
    userinfo: String,
}

/// What a scope belongs to.
pub enum Owner<'a> {
    /// OpenID Connect's own.
    OpenId,
    /// A resource server's.
    Resource(&'a ResourceServer, &'a Scope),
}

impl ScopeDirectory {
    /// Indexes the stored servers; `userinfo` is the userinfo endpoint's address.
    pub fn new(servers: Vec<ResourceServer>, userinfo: String) -> Self {
        let by_scope = servers
            .iter()
            .enumerate()
            .flat_map(|(at, server)| {
                server.scopes.iter().enumerate().map(move |(within, scope)| (scope.name.clone(), (at, within)))
            })
            .collect();
        Self { servers, by_scope, userinfo }
    }

    /// The resource servers, oldest first.
    pub fn servers(&self) -> &[ResourceServer] {
        &self.servers
    }

    /// The resource server that authenticates as `id`.
    pub fn server(&self, id: &str) -> Option<&ResourceServer> {
        self.servers.iter().find(|server| server.id == id)
    }

    /// Whose scope this is; none: nobody's.
    pub fn owner(&self, scope: &str) -> Option<Owner<'_>> {
        if OPENID_SCOPES.contains(&scope) {
            return Some(Owner::OpenId);
        }
        let (server, within) = *self.by_scope.get(scope)?;
        let server = &self.servers[server];
        Some(Owner::Resource(server, &server.scopes[within]))
    }

    /// The userinfo endpoint: the audience of tokens that are for nobody else.
    pub fn userinfo(&self) -> &str {
        &self.userinfo
    }

    /// How the access tokens for `resource` look.
    pub fn token_profile(&self, resource: &str) -> TokenProfile {
        self.servers.iter().find(|server| server.audience == resource).map(|server| server.tokens).unwrap_or_default()
    }

    /// As [`ScopeDirectory::owner`], as the rules of tokens see it.
    pub fn scope_owner(&self, scope: &str) -> Option<ScopeOwner<'_>> {
        self.owner(scope).map(|owner| match owner {
            Owner::OpenId => ScopeOwner::OpenId,
            Owner::Resource(server, _) => ScopeOwner::Resource(&server.audience),
        })
    }

    /// Whether `resource` is the userinfo endpoint or a resource server.
    pub fn has_resource(&self, resource: &str) -> bool {
        resource == self.userinfo || self.servers.iter().any(|server| server.audience == resource)
    }

    /// Of these scopes, those that somebody owns: what was granted may have been deleted since.
    pub fn known(&self, scope: &ScopeSet) -> ScopeSet {
        scope.filter(|name| self.owner(name).is_some())
    }

    /// Every scope that can be asked for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        OPENID_SCOPES.into_iter().chain(self.by_scope.keys().map(String::as_str))
    }

    /// The one audience of a token with these scopes (RFC 8707 §2): the asked `resource`, else the server that owns them, else
    /// the userinfo endpoint.
    ///
    /// # Errors
    /// `invalid_target`: the resource is unknown, does not own the scopes, or two servers own them.
    pub fn audience(&self, scope: &ScopeSet, resource: Option<&str>) -> Result<String, Error> {
        let ambiguous = |description: String| Error::new(Cause::ResourceAmbiguous, description);
        let mut owners: Vec<&ResourceServer> = Vec::new();
        for name in scope.iter() {
            if let Some(Owner::Resource(server, _)) = self.owner(name)
                && !owners.iter().any(|owner| owner.id == server.id)
            {
                owners.push(server);
            }
        }
        if let Some(resource) = resource {
            let known = resource == self.userinfo || self.servers.iter().any(|server| server.audience == resource);
            if !known {
                return Err(Error::new(Cause::ResourceUnknown, "resource is not the audience of a resource server")
                    .because(format!("{resource:?}")));
            }
            return match owners.iter().find(|owner| owner.audience != resource) {
                Some(other) => {
                    Err(ambiguous(format!("resource is not the owner of every scope: {} owns some", other.id)))
                }
                None => Ok(resource.to_owned()),
            };
        }
        match owners.as_slice() {
            [] => Ok(self.userinfo.clone()),
            [owner] => Ok(owner.audience.clone()),
            [first, second, ..] => Err(ambiguous(format!(
                "the scopes belong to more than one resource server ({} and {}): ask for them one at a time",
                first.id, second.id
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_core::{ErrorCode, vocabulary::scope::Risk};

    fn catalogue() -> ScopeDirectory {
        let server = |id: &str, scopes: &[&str]| ResourceServer {
            id: id.to_owned(),
            audience: format!("https://{id}.example"),
            names: BTreeMap::new(),
            secret_hash: None,
            tokens: TokenProfile::default(),
            scopes: scopes
                .iter()
                .map(|name| Scope { name: (*name).to_owned(), texts: BTreeMap::new(), risk: Risk::Low })
                .collect(),
        };
        let servers = vec![server("talk", &["message:read", "message:send"]), server("bank", &["payment:make"])];
        ScopeDirectory::new(servers, "https://id.example/userinfo".to_owned())
    }

    #[test]
    fn a_token_has_exactly_one_audience() {
        let audience = |scope: &str, resource| {
            catalogue().audience(&ScopeSet::parse(scope).expect("a scope list"), resource).map_err(|error| error.code)
        };
        let talk = || Ok("https://talk.example".to_owned());
        assert_eq!(audience("openid message:read", None), talk());
        assert_eq!(audience("message:read message:send", Some("https://talk.example")), talk());
        assert_eq!(audience("openid email", None), Ok("https://id.example/userinfo".to_owned()));
        assert_eq!(audience("openid", Some("https://talk.example")), talk());
        assert_eq!(audience("message:read payment:make", None), Err(ErrorCode::InvalidTarget));
        assert_eq!(audience("message:read payment:make", Some("https://talk.example")), Err(ErrorCode::InvalidTarget));
        assert_eq!(audience("message:read", Some("https://bank.example")), Err(ErrorCode::InvalidTarget));
        assert_eq!(audience("message:read", Some("https://nobody.example")), Err(ErrorCode::InvalidTarget));
    }
}
