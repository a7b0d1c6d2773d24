//! What every grant type checks in its unit of work before it issues: the current registration of
//! the client, the current offer of the server, and the lifetimes.

use std::sync::Arc;

use writ_core::{
    Cause, ClientMetadata, Error, Params, ScopeSet,
    claim_mapping::ClientMappings,
    grants::{self, Binding, Grant, GrantLifetimes},
    groups,
    scopes::ScopeIds,
    token::audience,
};

use crate::{
    config::Settings,
    consent::disclosures,
    fault::Fault,
    secret::Secret,
    server::Server,
    snapshot::Snapshot,
    store::{
        Id, Tx,
        clients::Client,
        grants::{FoundGrant, Use},
        sessions::{self, Session},
        users::User,
    },
};

/// Seconds after which another use of a session is recorded.
const TOUCH_AFTER: i64 = 300;

/// A token request of a client.
#[derive(Clone)]
pub(super) struct Issuing {
    /// The authenticated client.
    pub(super) client: Arc<Client>,
    /// The network of the request: an IPv4 address or IPv6 /64.
    pub(super) network: String,
    snapshot: Arc<Snapshot>,
    settings: Arc<Settings>,
}

impl Issuing {
    pub(super) fn new(server: &Server, client: Arc<Client>, network: String) -> Self {
        Self { client, network, snapshot: Arc::clone(&server.snapshot()), settings: Arc::clone(&server.settings) }
    }

    pub(super) fn metadata(&self) -> &ClientMetadata {
        &self.client.metadata
    }

    /// Whether a code of this client starts a session of the client, as for a native app.
    pub(super) fn begins_session(&self) -> bool {
        grants::binding(self.metadata(), &ScopeSet::default(), false) == Binding::Own
    }

    /// Seconds in which a replaced refresh token returns its successor again.
    pub(super) fn replay_window(&self) -> i64 {
        self.metadata().refresh_replay_window.unwrap_or(self.settings.tokens.refresh_replay_window)
    }

    /// The registered audience that the `resource` parameter names. A trailing slash makes no
    /// difference.
    ///
    /// # Errors
    /// `invalid_target` if there is no such resource server.
    pub(super) fn requested_resource(&self, params: &Params) -> Result<Option<String>, Error> {
        let requested = params.get("resource")?;
        requested.map(|resource| self.snapshot.scopes.offer.resource(resource).map(str::to_owned)).transpose()
    }

    /// What `grant` allows today: its names that stand for the scopes that its `user` allowed, and
    /// that are open to the user.
    ///
    /// # Errors
    /// `invalid_grant` if the client is not open to the user, or the user did not authenticate as
    /// is demanded.
    pub(super) fn in_force(&self, grant: &Grant, user: &User) -> Result<ScopeSet, Error> {
        self.check_open(user)?;
        self.snapshot.sign_in_demands(&self.client).check(&user.groups(), grant.evidence.acr())?;
        Ok(grant.scope_in_force(&user.groups(), |name| self.snapshot.scopes.scope_owner(name)))
    }

    /// Checks that the client is open to the user.
    ///
    /// # Errors
    /// `invalid_grant` if it is not.
    pub(super) fn check_open(&self, user: &User) -> Result<(), Error> {
        groups::check_client(self.client.open_to.as_ref(), &user.groups())
    }

    /// The scope of a token for `resource`, of the part of a grant that is in force.
    ///
    /// # Errors
    /// `invalid_target` if the resource server was deleted. `invalid_scope` if no scope remains.
    pub(super) fn scope(&self, in_force: &ScopeSet, resource: &str) -> Result<ScopeSet, Error> {
        let scopes = &self.snapshot.scopes;
        if !scopes.has_resource(resource) {
            return Err(Error::new(Cause::ResourceUnknown, "the resource server was deleted").because(resource));
        }
        audience::scope(in_force, &self.metadata().scope, resource, |name| scopes.scope_owner(name))
    }

    /// The resource servers of a grant of `scope`, limited to the requested ones.
    ///
    /// # Errors
    /// `invalid_target` if they do not own the scopes.
    pub(super) fn resources(&self, scope: &ScopeSet, requested: &str) -> Result<Vec<String>, Error> {
        let requested: Vec<&str> = requested.split(' ').filter(|resource| !resource.is_empty()).collect();
        self.snapshot.scopes.offer.resources(scope, &requested)
    }

    /// The current identities of these scopes.
    pub(super) fn scope_ids(&self, scope: &ScopeSet) -> ScopeIds {
        let mappings = ClientMappings::new(&self.settings.claims.mappings, &self.client.id);
        ScopeIds::of(scope, &disclosures(&self.snapshot.scopes, mappings, scope))
    }

    /// When a grant that is used now expires.
    pub(super) fn expiry(&self, created_at: i64, ends_at: Option<i64>, now: i64) -> i64 {
        let lifetimes = GrantLifetimes {
            idle: self.settings.tokens.grant_idle_lifetime,
            max: self.settings.tokens.grant_max_lifetime,
        };
        grants::expiry(lifetimes, created_at, ends_at, now)
    }

    /// The changes to `grant` when it is used.
    pub(super) fn used(&self, grant: &Grant, now: i64) -> Use<'_> {
        Use { network: &self.network, expires_at: self.expiry(grant.created_at, grant.ends_at, now) }
    }

    /// The `sid` of the session that the grant is bound to after its first token response.
    pub(super) fn bound_to(&self, grant: &Grant, binding: Binding) -> Option<Id> {
        match binding {
            Binding::Unbound => None,
            Binding::Browser => Some(Id(grant.sid)),
            Binding::Own => Some(Id::now_v7()),
        }
    }

    /// Adds the session of a device or a native app. Its secret is discarded, so it cannot open a
    /// page.
    pub(super) fn begin_own_session(&self, tx: &mut Tx<'_>, grant: &Grant, sid: Id) -> Result<(), Fault> {
        let session = Session {
            id: Id::now_v7(),
            secret_hash: Secret::random().hash().0.to_vec(),
            user_id: Id(grant.user_id),
            auth_time: grant.auth_time,
            last_seen_at: tx.now,
            expires_at: self.expiry(grant.created_at, grant.ends_at, tx.now),
            user_agent: String::new(),
            network: self.network.clone(),
            sid,
            client_id: Some(self.client.id.clone()),
            evidence: Some(grant.evidence.to_string()),
        };
        sessions::insert(tx, &session)
    }

    /// A refresh counts as use of the session that the grant is bound to. It never extends the
    /// maximum lifetime of the session.
    pub(super) fn touch_session(&self, tx: &mut Tx<'_>, found: &FoundGrant) -> Result<(), Fault> {
        let Some(session) = &found.session else { return Ok(()) };
        if tx.now - session.last_seen_at < TOUCH_AFTER {
            return Ok(());
        }
        let expires_at = match session.client_id {
            Some(_) => self.expiry(found.grant.created_at, found.grant.ends_at, tx.now),
            None => {
                (tx.now + self.settings.sessions.idle_lifetime).min(session.auth_time + self.settings.sessions.lifetime)
            }
        };
        sessions::touch(tx, session.id, expires_at)
    }
}
