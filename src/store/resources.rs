//! Resource servers and their scopes.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Fault, Id, Tx, clients, groups, on, revision,
    schema::{resource_servers, scopes},
};
use writ_core::{
    SigningAlg,
    groups::GroupIds,
    token::access_token::{AccessTokenTyp, TokenProfile},
    vocabulary::{acr::Acr, client_metadata::GroupsClaim, scope::Risk},
};

use crate::secret::SecretHash;

/// The description of a scope in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeText {
    /// The action that it permits, such as "Send messages".
    pub sentence: String,
    /// The consequence for the user, such as "Others will see them as coming from you".
    pub consequence: String,
}

/// A scope of a resource server.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The id. A scope that is deleted and created again gets a new one.
    pub id: Id,
    /// The scope-token, unique on this server.
    pub name: String,
    /// The descriptions by language tag, at least `en` and `ko`.
    pub texts: BTreeMap<String, ScopeText>,
    /// The risk of allowing it.
    pub risk: Risk,
    /// Whether a request that names the resource server and no scope includes it.
    pub is_default: bool,
    /// The groups that it is open to. `None` if it is open to all users. In the snapshot with the
    /// groups that are in them.
    pub open_to: Option<GroupIds>,
    /// The class of authentication that it demands.
    pub acr: Option<Acr>,
}

/// An API that accepts access tokens of this server.
#[derive(Debug, Clone)]
pub struct ResourceServer {
    /// A short name, which is its username at the introspection endpoint.
    pub id: String,
    /// The audience of its access tokens.
    pub audience: String,
    /// Its names by language tag.
    pub names: BTreeMap<String, String>,
    /// The hash of its secret, if it has one.
    pub secret_hash: Option<Vec<u8>>,
    /// The format of its access tokens.
    pub tokens: TokenProfile,
    /// Its scopes, in order of creation.
    pub scopes: Vec<Scope>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = resource_servers)]
struct ServerRow {
    id: String,
    audience: String,
    names: String,
    secret_hash: Option<Vec<u8>>,
    created_at: i64,
    token_typ: Option<String>,
    token_alg: Option<String>,
    token_lifetime: Option<i64>,
    token_groups: Option<String>,
}

impl ServerRow {
    fn token_profile(&self) -> Result<TokenProfile, Fault> {
        let corrupt = |error: String| Fault::Corrupt(format!("resource server {}: {error}", self.id));
        Ok(TokenProfile {
            typ: self.token_typ.as_deref().map(str::parse).transpose().map_err(corrupt)?,
            alg: self.token_alg.as_deref().map(str::parse).transpose().map_err(corrupt)?,
            lifetime: self.token_lifetime,
            groups: self.token_groups.as_deref().map(str::parse).transpose().map_err(corrupt)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = scopes)]
struct ScopeRow {
    name: String,
    resource_server_id: String,
    texts: String,
    risk: String,
    created_at: i64,
    id: Option<Id>,
    is_default: bool,
    open_to: Option<String>,
    acr: Option<String>,
}

impl ScopeRow {
    fn parse(self) -> Result<Scope, Fault> {
        let corrupt = |error: String| Fault::Corrupt(format!("scope {}: {error}", self.name));
        Ok(Scope {
            id: self.id.unwrap_or(Id(Uuid::nil())),
            texts: serde_json::from_str(&self.texts).map_err(|error| corrupt(error.to_string()))?,
            risk: self.risk.parse().map_err(corrupt)?,
            is_default: self.is_default,
            open_to: groups::open_to(self.open_to.as_deref()),
            acr: match self.acr.as_deref() {
                Some(acr) => Some(acr.parse().map_err(|_| corrupt(format!("acr {acr}")))?),
                None => None,
            },
            name: self.name,
        })
    }
}

/// Every resource server with its scopes.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<ResourceServer>, Fault> {
    let servers: Vec<ServerRow> = on!(tx, |conn| resource_servers::table
        .order((resource_servers::created_at, resource_servers::id))
        .select(ServerRow::as_select())
        .load(conn))?;
    let mut rows: Vec<ScopeRow> = on!(tx, |conn| scopes::table
        .order((scopes::created_at, scopes::name))
        .select(ScopeRow::as_select())
        .load(conn))?;
    servers
        .into_iter()
        .map(|server| {
            let (own, others) = rows.drain(..).partition(|row| row.resource_server_id == server.id);
            rows = others;
            let own: Vec<ScopeRow> = own;
            Ok(ResourceServer {
                tokens: server.token_profile()?,
                names: serde_json::from_str(&server.names)
                    .map_err(|error| Fault::Corrupt(format!("resource server {}: {error}", server.id)))?,
                scopes: own.into_iter().map(ScopeRow::parse).collect::<Result<_, _>>()?,
                id: server.id,
                audience: server.audience,
                secret_hash: server.secret_hash,
            })
        })
        .collect()
}

/// Adds a resource server without scopes. An id or audience in use is a unique violation.
pub fn insert(
    tx: &mut Tx<'_>,
    id: &str,
    audience: &str,
    names: &BTreeMap<String, String>,
    secret: Option<SecretHash>,
    tokens: TokenProfile,
) -> Result<(), Fault> {
    let row = ServerRow {
        id: id.to_owned(),
        audience: audience.to_owned(),
        names: serde_json::to_string(names).map_err(|error| Fault::Corrupt(error.to_string()))?,
        secret_hash: secret.map(|hash| hash.0.to_vec()),
        created_at: tx.now,
        token_typ: tokens.typ.map(|typ| typ.as_str().to_owned()),
        token_alg: tokens.alg.map(|alg| alg.as_str().to_owned()),
        token_lifetime: tokens.lifetime,
        token_groups: tokens.groups.map(|groups| groups.as_str().to_owned()),
    };
    on!(tx, |conn| diesel::insert_into(resource_servers::table).values(&row).execute(conn))?;
    revision::bump(tx)
}

/// Replaces the audience, the names and the token format of a resource server. An audience in use
/// is a unique violation.
pub fn update(tx: &mut Tx<'_>, server: &ResourceServer) -> Result<(), Fault> {
    let names = serde_json::to_string(&server.names).map_err(|error| Fault::Corrupt(error.to_string()))?;
    on!(tx, |conn| diesel::update(resource_servers::table.find(&server.id))
        .set((
            resource_servers::audience.eq(&server.audience),
            resource_servers::names.eq(&names),
            resource_servers::token_typ.eq(server.tokens.typ.map(AccessTokenTyp::as_str)),
            resource_servers::token_alg.eq(server.tokens.alg.map(SigningAlg::as_str)),
            resource_servers::token_lifetime.eq(server.tokens.lifetime),
            resource_servers::token_groups.eq(server.tokens.groups.map(GroupsClaim::as_str)),
        ))
        .execute(conn))?;
    revision::bump(tx)
}

/// Replaces the secret of a resource server.
pub fn set_secret(tx: &mut Tx<'_>, id: &str, secret: SecretHash) -> Result<(), Fault> {
    let hash = Some(secret.0.to_vec());
    on!(tx, |conn| diesel::update(resource_servers::table.find(id))
        .set(resource_servers::secret_hash.eq(&hash))
        .execute(conn))?;
    revision::bump(tx)
}

/// Deletes a resource server and its scopes, in registrations too. Returns the clients that lost a
/// scope. `None` if there is no such resource server.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<Option<Vec<String>>, Fault> {
    let own = scopes::table.filter(scopes::resource_server_id.eq(id)).select(scopes::name);
    let own: Vec<String> = on!(tx, |conn| own.load(conn))?;
    if on!(tx, |conn| diesel::delete(resource_servers::table.find(id)).execute(conn))? == 0 {
        return Ok(None);
    }
    revision::bump(tx)?;
    clients::withdraw(tx, &own.iter().map(String::as_str).collect()).map(Some)
}

/// Adds a scope. A name in use is a unique violation.
pub fn insert_scope(tx: &mut Tx<'_>, resource_server_id: &str, scope: &Scope) -> Result<(), Fault> {
    let row = ScopeRow {
        name: scope.name.clone(),
        resource_server_id: resource_server_id.to_owned(),
        texts: serde_json::to_string(&scope.texts).map_err(|error| Fault::Corrupt(error.to_string()))?,
        risk: scope.risk.as_str().to_owned(),
        created_at: tx.now,
        id: Some(scope.id),
        is_default: scope.is_default,
        open_to: scope.open_to.as_ref().map(GroupIds::to_string),
        acr: scope.acr.map(|acr| acr.as_str().to_owned()),
    };
    on!(tx, |conn| diesel::insert_into(scopes::table).values(&row).execute(conn))?;
    revision::bump(tx)
}

/// Replaces the descriptions and the risk of a scope, whether it is a default, the groups that it
/// is open to, and what it demands.
pub fn update_scope(tx: &mut Tx<'_>, scope: &Scope) -> Result<(), Fault> {
    let texts = serde_json::to_string(&scope.texts).map_err(|error| Fault::Corrupt(error.to_string()))?;
    on!(tx, |conn| diesel::update(scopes::table.find(&scope.name))
        .set((
            scopes::texts.eq(&texts),
            scopes::risk.eq(scope.risk.as_str()),
            scopes::is_default.eq(scope.is_default),
            scopes::open_to.eq(scope.open_to.as_ref().map(GroupIds::to_string)),
            scopes::acr.eq(scope.acr.map(Acr::as_str)),
        ))
        .execute(conn))?;
    revision::bump(tx)
}

/// Deletes a scope, in registrations too. Returns the clients that lost it. `None` if there is no
/// such scope.
pub fn delete_scope(tx: &mut Tx<'_>, name: &str) -> Result<Option<Vec<String>>, Fault> {
    if on!(tx, |conn| diesel::delete(scopes::table.find(name)).execute(conn))? == 0 {
        return Ok(None);
    }
    revision::bump(tx)?;
    clients::withdraw(tx, &std::iter::once(name).collect()).map(Some)
}
