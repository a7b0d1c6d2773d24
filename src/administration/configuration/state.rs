//! What is configured now.

use std::collections::{BTreeMap, BTreeSet};

use writ_core::{groups::Groups, token::access_token::AccessTokenTyp, vocabulary::acr::Acr};

use super::{
    desired::{Desired, explicit},
    document::{ClientEntry, Document, GroupEntry, Invalid, ResourceEntry, ScopeEntry},
};
use crate::{
    fault::Fault,
    store::{
        Tx,
        clients::{self, Client, Origin},
        groups,
        owners::{self, Kind},
        resources::{self, ResourceServer, Scope},
    },
};

/// Everything that a document can configure, and who owns it.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) document: Document,
    pub(super) owners: BTreeMap<(Kind, String), String>,
    /// The objects whose stored secret is not the referenced one.
    pub(super) other_secrets: BTreeSet<(Kind, String)>,
    /// What groups and clients demand, which no document says.
    pub(super) demands: BTreeMap<(Kind, String), Acr>,
    /// The clients of the document that administrators did not register.
    pub(super) of_others: BTreeSet<String>,
}

impl State {
    /// Reads everything.
    pub fn read(tx: &mut Tx<'_>, desired: &Desired) -> Result<Self, Fault> {
        let mut state = Self {
            document: document(tx)?,
            owners: owners::list(tx)?,
            other_secrets: BTreeSet::new(),
            demands: demands(tx)?,
            of_others: BTreeSet::new(),
        };
        for server in resources::list(tx)? {
            let key = (Kind::Resource, server.id);
            let same = |stored: &Vec<u8>| desired.secrets.get(&key).is_some_and(|wanted| wanted.0[..] == stored[..]);
            if desired.secrets.contains_key(&key) && !server.secret_hash.as_ref().is_some_and(same) {
                state.other_secrets.insert(key);
            }
        }
        for id in desired.document.clients.keys() {
            let Some(client) = clients::find(tx, id)? else { continue };
            let key = (Kind::Client, client.id);
            if client.origin != Origin::Administrator {
                state.of_others.insert(key.1);
            } else if let Some(wanted) = desired.secrets.get(&key)
                && !client.secret_hashes.iter().any(|stored| wanted.0[..] == stored[..])
            {
                state.other_secrets.insert(key);
            }
        }
        Ok(state)
    }
}

fn demands(tx: &mut Tx<'_>) -> Result<BTreeMap<(Kind, String), Acr>, Fault> {
    let groups = groups::list(tx)?;
    let of_groups = groups.by_name().into_iter().map(|group| (Kind::Group, group.name.clone(), group.acr));
    let clients = clients::list_of_administrators(tx)?;
    let of_clients = clients.into_iter().map(|client| (Kind::Client, client.id, client.acr));
    Ok(of_groups.chain(of_clients).filter_map(|(kind, name, acr)| Some(((kind, name), acr?))).collect())
}

/// The document of what is configured now: everything, or what one label owns.
///
/// # Errors
/// A fault of the store.
pub fn export(tx: &mut Tx<'_>, owner: Option<&str>) -> Result<Document, Fault> {
    let mut document = document(tx)?;
    if let Some(owner) = owner {
        let owners = owners::list(tx)?;
        let owned = |kind: Kind, name: &String| owners.get(&(kind, name.clone())).is_some_and(|label| label == owner);
        document.groups.retain(|name, _| owned(Kind::Group, name));
        document.resources.retain(|name, _| owned(Kind::Resource, name));
        document.scopes.retain(|name, _| owned(Kind::Scope, name));
        document.clients.retain(|name, _| owned(Kind::Client, name));
        document.owner = Some(owner.to_owned());
    }
    Ok(document)
}

fn document(tx: &mut Tx<'_>) -> Result<Document, Fault> {
    let groups = groups::list(tx)?;
    let mut document = Document::default();
    for group in groups.by_name() {
        let r#in = group.parent.and_then(|id| groups.get(id)).map(|parent| parent.name.clone());
        document.groups.insert(group.name.clone(), GroupEntry { r#in });
    }
    for ResourceServer { id, audience, names, tokens, scopes, .. } in resources::list(tx)? {
        for scope in scopes {
            document.scopes.insert(scope.name.clone(), scope_entry(&id, scope, &groups));
        }
        let entry = ResourceEntry {
            audience,
            names,
            token_typ: tokens.typ.map(|typ| AccessTokenTyp::as_str(typ).to_owned()),
            token_alg: tokens.alg,
            token_lifetime: tokens.lifetime,
            token_groups: tokens.groups,
            secret: None,
        };
        document.resources.insert(id, entry);
    }
    for Client { id, metadata, open_to, .. } in clients::list_of_administrators(tx)? {
        let metadata =
            explicit(&metadata).map_err(|Invalid(reason)| Fault::Corrupt(format!("client {id}: {reason}")))?;
        let groups = open_to.map(|ids| groups.names(&ids));
        document.clients.insert(id, ClientEntry { groups, client_secret: None, metadata });
    }
    Ok(document)
}

fn scope_entry(resource: &str, scope: Scope, groups: &Groups) -> ScopeEntry {
    ScopeEntry {
        resource: resource.to_owned(),
        risk: scope.risk,
        default: Some(scope.is_default),
        groups: scope.open_to.map(|ids| groups.names(&ids)),
        acr: scope.acr.map(Acr::as_str).map(str::to_owned),
        texts: scope.texts,
    }
}
