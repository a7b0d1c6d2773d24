//! What can be asked for: every resource server with its scopes, and OpenID Connect's own.

use std::collections::BTreeMap;
use writ_core::{
    Error, ScopeSet,
    scopes::Offer,
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
    /// The same by name alone: what the rules of scopes and resources need.
    pub offer: Offer,
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
        let names = |server: &'_ ResourceServer| server.scopes.iter().map(|scope| scope.name.clone()).collect();
        let offer = Offer::new(servers.iter().map(|server| (server.audience.clone(), names(server))), userinfo);
        Self { servers, by_scope, offer }
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
        self.offer.userinfo()
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
        self.offer.resource(resource).is_ok()
    }

    /// Of these scopes, those that somebody owns: what was granted may have been deleted since.
    pub fn known(&self, scope: &ScopeSet) -> ScopeSet {
        scope.filter(|name| self.owner(name).is_some())
    }

    /// Every scope that can be asked for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        OPENID_SCOPES.into_iter().chain(self.by_scope.keys().map(String::as_str))
    }

    /// The one audience of a token with these scopes (RFC 8707 §2): the named `resource`, else the
    /// server that owns them, else the userinfo endpoint.
    ///
    /// # Errors
    /// `invalid_target`, as [`Offer::resources`].
    pub fn audience(&self, scope: &ScopeSet, resource: Option<&str>) -> Result<String, Error> {
        self.offer.audience(scope, resource)
    }
}
