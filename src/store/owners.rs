//! The labels of configurations that own groups, resource servers, scopes and clients.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Fault, Tx, on,
    schema::{clients, groups, resource_servers, scopes},
};

/// A kind of object that a configuration can own, in the order in which they refer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A group, by its name.
    Group,
    /// A resource server, by its id.
    Resource,
    /// A scope, by its name.
    Scope,
    /// A client, by its `client_id`.
    Client,
}

impl Kind {
    /// The word for it, which is also the command.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Runs a query on the table and key of a kind.
macro_rules! of_kind {
    ($kind:expr, |$table:ident, $key:ident| $query:expr) => {
        match $kind {
            Kind::Group => {
                use groups as $table;
                let $key = groups::name;
                $query
            }
            Kind::Resource => {
                use resource_servers as $table;
                let $key = resource_servers::id;
                $query
            }
            Kind::Scope => {
                use scopes as $table;
                let $key = scopes::name;
                $query
            }
            Kind::Client => {
                use clients as $table;
                let $key = clients::id;
                $query
            }
        }
    };
}

/// Every label, by the kind and name of what carries it.
pub fn list(tx: &mut Tx<'_>) -> Result<BTreeMap<(Kind, String), String>, Fault> {
    let mut owners = BTreeMap::new();
    for kind in [Kind::Group, Kind::Resource, Kind::Scope, Kind::Client] {
        let rows: Vec<(String, Option<String>)> = of_kind!(kind, |table, key| {
            let owned = table::table.filter(table::owner.is_not_null()).select((key, table::owner));
            on!(tx, |conn| owned.load(conn))?
        });
        owners.extend(rows.into_iter().filter_map(|(name, owner)| Some(((kind, name), owner?))));
    }
    Ok(owners)
}

/// Sets the label of an object.
pub fn set(tx: &mut Tx<'_>, kind: Kind, name: &str, owner: &str) -> Result<(), Fault> {
    of_kind!(kind, |table, key| {
        let labelled = diesel::update(table::table.filter(key.eq(name))).set(table::owner.eq(owner));
        on!(tx, |conn| labelled.execute(conn))?
    });
    Ok(())
}
