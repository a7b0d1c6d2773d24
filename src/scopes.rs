//! The scopes that can be requested: those of the resource servers and those of OpenID Connect.

use std::collections::BTreeMap;
use writ_core::{
    Error, ScopeSet,
    authorization::demands::Demands,
    groups::{GroupIds, Groups, Restrictions},
    scopes::{Offer, Offered},
    token::{access_token::TokenProfile, audience::ScopeOwner},
    vocabulary::{
        acr::Acr,
        administration_scope::{AdministrationScope, is_reserved},
        scope::OPENID_SCOPES,
    },
};

use crate::{
    config::{Issuer, Settings},
    store::{
        Id,
        clients::Client,
        resources::{ResourceServer, Scope},
    },
};

/// What this server is the resource server of.
#[derive(Debug, Clone, Default)]
pub struct OwnAudiences {
    /// The URL of the userinfo endpoint.
    pub userinfo: String,
    /// The audience of the administration API. `None` if that is off.
    pub administration: Option<String>,
    /// The name of the group of administrators. `None` if there is no console.
    pub administrators: Option<String>,
}

impl OwnAudiences {
    /// Those of a server with these settings.
    pub fn of(settings: &Settings) -> Self {
        let issuer = &settings.server.issuer;
        Self {
            userinfo: issuer.join("/userinfo"),
            administration: settings.admin_api.enabled.then(|| administration_audience(issuer)),
            administrators: settings.console.enabled.then(|| settings.console.group.clone()),
        }
    }
}

/// The audience of the administration API. No other resource server can have it.
pub fn administration_audience(issuer: &Issuer) -> String {
    issuer.join("/admin/v1")
}

/// The resource servers, indexed by scope.
#[derive(Debug, Default)]
pub struct ScopeDirectory {
    servers: Vec<ResourceServer>,
    administration: Option<String>,
    /// The administration API, as administrators can allow it to clients.
    allowed_administration: Option<ResourceServer>,
    /// Maps each scope to the index of its resource server and its index there.
    by_scope: BTreeMap<String, (usize, usize)>,
    /// The names alone, for the rules about scopes and resources.
    pub offer: Offer,
}

/// The owner of a scope.
pub enum Owner<'a> {
    /// OpenID Connect.
    OpenId,
    /// A resource server.
    Resource(&'a ResourceServer, &'a Scope),
}

/// The administration API as a resource server. Its scopes are open to administrators with two
/// factors. It has no words: those of the pages are in `locales/`.
fn administration_server(audience: &str, administrators: GroupIds) -> ResourceServer {
    let scope = |scope: &AdministrationScope| Scope {
        id: Id(scope.id()),
        name: scope.as_str().to_owned(),
        texts: BTreeMap::new(),
        risk: scope.risk(),
        is_default: false,
        open_to: Some(administrators.clone()),
        acr: Some(Acr::Mfa),
    };
    ResourceServer {
        // No stored one has a slash in its id.
        id: "admin/v1".to_owned(),
        audience: audience.to_owned(),
        names: BTreeMap::new(),
        secret_hash: None,
        tokens: TokenProfile::default(),
        scopes: AdministrationScope::ALL.iter().map(scope).collect(),
    }
}

impl ScopeDirectory {
    /// Indexes the stored resource servers. What is open to a group is open to the `groups` in it.
    pub fn new(mut servers: Vec<ResourceServer>, groups: &Groups, own: OwnAudiences) -> Self {
        for scope in servers.iter_mut().flat_map(|server| &mut server.scopes) {
            scope.open_to = scope.open_to.as_ref().map(|named| groups.with_nested(named));
        }
        let by_scope = servers
            .iter()
            .enumerate()
            .flat_map(|(at, server)| {
                server.scopes.iter().enumerate().map(move |(within, scope)| (scope.name.clone(), (at, within)))
            })
            .collect();
        let offered = |scope: &Scope| Offered { name: scope.name.clone(), is_default: scope.is_default };
        let scopes = |server: &ResourceServer| server.scopes.iter().map(offered).collect();
        let administrators = own.administrators.and_then(|name| groups.find(&name));
        let allowed_administration = own.administration.as_deref().zip(administrators).map(|(audience, group)| {
            administration_server(audience, groups.with_nested(&std::iter::once(group.id).collect()))
        });
        let offered_servers = servers.iter().chain(&allowed_administration);
        let offer = Offer::new(offered_servers.map(|server| (server.audience.clone(), scopes(server))), own.userinfo);
        Self { servers, administration: own.administration, allowed_administration, by_scope, offer }
    }

    /// The resource servers, oldest first.
    pub fn servers(&self) -> &[ResourceServer] {
        &self.servers
    }

    /// The resource server that authenticates as `id`.
    pub fn server(&self, id: &str) -> Option<&ResourceServer> {
        self.servers.iter().find(|server| server.id == id)
    }

    /// The owner of `scope`, or `None` if it is not defined.
    pub fn owner(&self, scope: &str) -> Option<Owner<'_>> {
        if OPENID_SCOPES.contains(&scope) {
            return Some(Owner::OpenId);
        }
        if is_reserved(scope) {
            let server = self.allowed_administration.as_ref()?;
            let scope = server.scopes.iter().find(|own| own.name == scope)?;
            return Some(Owner::Resource(server, scope));
        }
        let (server, within) = *self.by_scope.get(scope)?;
        let server = &self.servers[server];
        Some(Owner::Resource(server, &server.scopes[within]))
    }

    /// The userinfo endpoint, which is the audience of tokens without a resource server.
    pub fn userinfo(&self) -> &str {
        self.offer.userinfo()
    }

    /// The format of the access tokens for `resource`.
    pub fn token_profile(&self, resource: &str) -> TokenProfile {
        self.servers.iter().find(|server| server.audience == resource).map(|server| server.tokens).unwrap_or_default()
    }

    /// The audience of the administration API. `None` if that is off.
    pub fn administration(&self) -> Option<&str> {
        self.administration.as_deref()
    }

    /// As [`ScopeDirectory::owner`], for the rules about tokens. Without a group of administrators,
    /// the scopes of the administration API are known only here, so that no user is asked for them.
    pub fn scope_owner(&self, scope: &str) -> Option<ScopeOwner<'_>> {
        if is_reserved(scope) && self.allowed_administration.is_none() {
            let audience = self.administration()?;
            return scope.parse::<AdministrationScope>().ok().map(|_| ScopeOwner::Administration { audience });
        }
        self.owner(scope).map(|owner| match owner {
            Owner::OpenId => ScopeOwner::OpenId,
            Owner::Resource(server, scope) => ScopeOwner::Resource {
                audience: &server.audience,
                scope_id: scope.id.0,
                open_to: scope.open_to.as_ref(),
                acr: scope.acr,
            },
        })
    }

    /// What of a request for `scope` is open to some groups only.
    pub fn restrictions(&self, client: &Client, scope: &ScopeSet) -> Restrictions {
        let restricted = |name: &str| match self.owner(name)? {
            Owner::Resource(_, Scope { open_to: Some(groups), .. }) => Some((name.to_owned(), groups.clone())),
            _ => None,
        };
        Restrictions { client: client.open_to.clone(), scopes: scope.iter().filter_map(restricted).collect() }
    }

    /// The classes of authentication that the scopes of a request demand.
    pub fn demands(&self, scope: &ScopeSet) -> Demands {
        let demanded = |name: &str| match self.owner(name)? {
            Owner::Resource(_, scope) => Some((name.to_owned(), scope.acr?)),
            Owner::OpenId => None,
        };
        scope.iter().filter_map(demanded).collect()
    }

    /// Whether `resource` is the userinfo endpoint or a resource server.
    pub fn has_resource(&self, resource: &str) -> bool {
        self.offer.resource(resource).is_ok()
    }

    /// All scopes that can be requested.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        OPENID_SCOPES.into_iter().chain(self.by_scope.keys().map(String::as_str))
    }

    /// The audience of a token with these scopes (RFC 8707 §2): `resource`, else the server that
    /// owns them, else the userinfo endpoint.
    ///
    /// # Errors
    /// `invalid_target`, as for [`Offer::resources`].
    pub fn audience(&self, scope: &ScopeSet, resource: Option<&str>) -> Result<String, Error> {
        self.offer.audience(scope, resource)
    }
}
