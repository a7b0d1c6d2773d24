//! Groups of users. The row of a user has the ids of the groups that the user is in.

use diesel::{
    prelude::*,
    sql_types::{Bool, Text},
};
use uuid::Uuid;
use writ_core::{
    groups::{Group, GroupIds, Groups},
    vocabulary::acr::Acr,
};

use super::{
    Fault, Id, Tx, on, revision,
    schema::{clients, groups, scopes, users},
    users::User,
};

/// Whether a user is directly in a group. The first part has an index.
macro_rules! in_group {
    ($id:expr) => {
        diesel::dsl::sql::<Bool>("group_ids <> ''").and(users::group_ids.like(pattern($id)))
    };
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = groups)]
struct GroupRow {
    id: Id,
    name: String,
    parent_id: Option<Id>,
    created_at: i64,
    acr: Option<String>,
}

/// Every group.
pub fn list(tx: &mut Tx<'_>) -> Result<Groups, Fault> {
    let rows: Vec<GroupRow> = on!(tx, |conn| groups::table.select(GroupRow::as_select()).load(conn))?;
    let group = |row: GroupRow| Group {
        id: row.id.0,
        name: row.name,
        parent: row.parent_id.map(|id| id.0),
        acr: demanded_acr(row.acr.as_deref()),
    };
    Ok(rows.into_iter().map(group).collect())
}

/// Adds a group. A name in use is a unique violation.
pub fn insert(tx: &mut Tx<'_>, group: &Group) -> Result<(), Fault> {
    let row = GroupRow {
        id: Id(group.id),
        name: group.name.clone(),
        parent_id: group.parent.map(Id),
        created_at: tx.now,
        acr: group.acr.map(|acr| acr.as_str().to_owned()),
    };
    on!(tx, |conn| diesel::insert_into(groups::table).values(&row).execute(conn))?;
    revision::bump(tx)
}

/// Replaces the name, the parent and what it demands. A name in use is a unique violation.
pub fn update(tx: &mut Tx<'_>, group: &Group) -> Result<(), Fault> {
    let changed = (
        groups::name.eq(&group.name),
        groups::parent_id.eq(group.parent.map(Id)),
        groups::acr.eq(group.acr.map(Acr::as_str)),
    );
    on!(tx, |conn| diesel::update(groups::table.find(Id(group.id))).set(changed).execute(conn))?;
    revision::bump(tx)
}

/// Deletes a group, and takes its members out of it.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    on!(tx, |conn| diesel::delete(groups::table.find(id)).execute(conn))?;
    let without = diesel::dsl::sql::<Text>("REPLACE(group_ids, ").bind::<Text, _>(id.to_string()).sql(", '')");
    let members = users::table.filter(in_group!(id));
    on!(tx, |conn| diesel::update(members).set(users::group_ids.eq(without)).execute(conn))?;
    revision::bump(tx)
}

/// The users who are directly in a group, by username.
pub fn members(tx: &mut Tx<'_>, id: Id) -> Result<Vec<User>, Fault> {
    let members = users::table.filter(in_group!(id)).order(users::username);
    Ok(on!(tx, |conn| members.select(User::as_select()).load(conn))?)
}

/// At most `most` users who are directly in a group and were created after `after`, oldest first.
pub fn page_of_members(tx: &mut Tx<'_>, id: Id, after: Option<Id>, most: i64) -> Result<Vec<User>, Fault> {
    let members = users::table.filter(in_group!(id));
    let next = members.filter(users::id.gt(after.unwrap_or(Id(Uuid::nil())))).order(users::id).limit(most);
    Ok(on!(tx, |conn| next.select(User::as_select()).load(conn))?)
}

/// The number of users who are directly in a group.
pub fn count_members(tx: &mut Tx<'_>, id: Id) -> Result<i64, Fault> {
    let members = users::table.filter(in_group!(id));
    Ok(on!(tx, |conn| members.count().get_result(conn))?)
}

/// The number of users who are directly in a group, counted up to `most` and one more.
pub fn count_members_within(tx: &mut Tx<'_>, id: Id, most: i64) -> Result<i64, Fault> {
    let members = users::table.filter(in_group!(id)).limit(most + 1).select(users::id);
    let members: Vec<Id> = on!(tx, |conn| members.load(conn))?;
    Ok(i64::try_from(members.len()).unwrap_or(i64::MAX))
}

/// What is open to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uses {
    /// The first clients and scopes, such as `client shop`.
    pub named: Vec<String>,
    /// Whether there are more.
    pub has_more: bool,
}

/// The clients and the scopes that are open to a group, at most `most` of them.
pub fn uses(tx: &mut Tx<'_>, id: Id, most: usize) -> Result<Uses, Fault> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let clients = clients::table.filter(clients::open_to.like(pattern(id))).order(clients::id).select(clients::id);
    let clients: Vec<String> = on!(tx, |conn| clients.limit(limit).load(conn))?;
    let scopes = scopes::table.filter(scopes::open_to.like(pattern(id))).order(scopes::name).select(scopes::name);
    let scopes: Vec<String> = on!(tx, |conn| scopes.limit(limit).load(conn))?;
    let clients = clients.into_iter().map(|id| format!("client {id}"));
    let mut named: Vec<String> = clients.chain(scopes.into_iter().map(|name| format!("scope {name}"))).collect();
    let has_more = named.len() > most;
    named.truncate(most);
    Ok(Uses { named, has_more })
}

/// The groups that a column says something is open to.
pub(super) fn open_to(stored: Option<&str>) -> Option<GroupIds> {
    stored.map(GroupIds::from_stored)
}

/// The class of authentication that a column says is demanded. One that this version does not know
/// is taken for the strongest that it knows.
pub(super) fn demanded_acr(stored: Option<&str>) -> Option<Acr> {
    stored.map(|acr| acr.parse().unwrap_or(Acr::Mfa))
}

/// An id contains neither `%` nor `_`.
fn pattern(id: Id) -> String {
    format!("%{id}%")
}
