//! Changes of groups. The audit log has the ids of users, as for changes of users.

use serde_json::{Value, json};
use writ_core::{
    groups::{Group, GroupIds, Groups, MAX_OF_USER, NotNested, is_name},
    vocabulary::acr::Acr,
};

use super::{
    Actor, Change, Face,
    administrators::{self, administers, check_left, is_administrator},
    audit, version_of,
};
use crate::{
    config::ConsoleSettings,
    fault::Fault,
    store::{
        Id, Tx,
        groups::{self, Uses, uses},
        revision,
        users::{self, User},
    },
};

/// The number of clients and scopes that a refusal names.
const NAMED: usize = 20;

/// Why a group was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was deleted since it was read.
    #[error("there is no such group any more")]
    Gone,
    /// The name has another length, or other characters.
    #[error("a group has a name of 1 to 64 characters on one line, without a comma")]
    Name,
    /// It cannot be in that group.
    #[error(transparent)]
    NotNested(#[from] NotNested),
    /// Something is open to it. Without the group it would be open to fewer users, or to none.
    #[error("change first what is open to it: {0}")]
    InUse(String),
    /// A user is in too many groups.
    #[error("a user can be in {MAX_OF_USER} groups")]
    TooMany,
    /// Its members administer the server. A leaked token must not make an administrator.
    #[error("the members of this group are administrators: use the command line or the console")]
    Administrators,
    /// It demands an `acr` of its members.
    #[error("the group demands an acr: use the command line")]
    Demands,
    /// No administrator would be left.
    #[error(transparent)]
    LastAdministrator(#[from] administrators::Refusal),
}

/// A digest of everything that an administrator can change about a group, but for its members.
pub fn version(group: &Group) -> String {
    version_of(&(group.id, &group.name, group.parent, group.acr.map(Acr::as_str)))
}

/// Adds a group. A name in use is a unique violation.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<Result<(), Refusal>, Fault> {
    let groups = lock(tx)?;
    if let Err(refusal) = check_face(actor, &groups, group) {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = check(&groups, group) {
        return Ok(Err(refusal));
    }
    groups::insert(tx, group)?;
    audit::record(tx, actor, "group.create", group.id, Change::creation(json(&groups, group)))?;
    Ok(Ok(()))
}

/// Replaces the name, the group that it is in, and what it demands. A name in use is a unique
/// violation.
pub fn update(tx: &mut Tx<'_>, actor: &Actor, after: &Group) -> Result<Result<(), Refusal>, Fault> {
    let groups = lock(tx)?;
    let Some(before) = groups.get(after.id) else { return Ok(Err(Refusal::Gone)) };
    if let Err(refusal) = check_face(actor, &groups, before).and_then(|()| check_face(actor, &groups, after)) {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = check(&groups, after) {
        return Ok(Err(refusal));
    }
    let others = groups.by_name().into_iter().filter(|group| group.id != after.id);
    let changed: Groups = others.chain([after]).cloned().collect();
    if let Err(refusal) = check_demands(actor, &groups, &changed, before) {
        return Ok(Err(refusal));
    }
    if let Some(console) = guarded(actor, &groups, before)
        && let Err(last) = check_left(tx, console, |user| stays(console, &changed, user, &user.groups()))?
    {
        return Ok(Err(last.into()));
    }
    groups::update(tx, after)?;
    let change = Change::between(json(&groups, before), json(&groups, after));
    audit::record(tx, actor, "group.update", after.id, change)?;
    Ok(Ok(()))
}

/// Deletes a group to which nothing is restricted. Its members and the groups in it stay.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<Result<(), Refusal>, Fault> {
    let groups = lock(tx)?;
    let Some(group) = groups.get(group.id) else { return Ok(Err(Refusal::Gone)) };
    if let Err(refusal) = check_face(actor, &groups, group) {
        return Ok(Err(refusal));
    }
    let left: Groups = groups.by_name().into_iter().filter(|other| other.id != group.id).cloned().collect();
    if let Err(refusal) = check_demands(actor, &groups, &left, group) {
        return Ok(Err(refusal));
    }
    if let Some(console) = guarded(actor, &groups, group)
        && let Err(last) = check_left(tx, console, |user| stays(console, &left, user, &user.groups()))?
    {
        return Ok(Err(last.into()));
    }
    let Uses { named, has_more } = uses(tx, Id(group.id), NAMED)?;
    if !named.is_empty() {
        let more = if has_more { " and more" } else { "" };
        return Ok(Err(Refusal::InUse(format!("{}{more}", named.join(", ")))));
    }
    groups::delete(tx, Id(group.id))?;
    audit::record(tx, actor, "group.delete", group.id, Change::deletion(json(&groups, group)))?;
    Ok(Ok(()))
}

/// Puts users into a group. Returns how many were not in it.
pub fn add(tx: &mut Tx<'_>, actor: &Actor, group: &Group, members: &[User]) -> Result<Result<usize, Refusal>, Fault> {
    change_members(tx, actor, "group.add", group, members, |groups| groups.insert(group.id))
}

/// Takes users out of a group. Returns how many were in it.
pub fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    group: &Group,
    members: &[User],
) -> Result<Result<usize, Refusal>, Fault> {
    change_members(tx, actor, "group.remove", group, members, |groups| groups.remove(group.id))
}

/// Locks each user, as whatever issues a code does: one of the two sees the other. The users are
/// locked in the order of their ids, so that two changes do not wait for each other.
fn change_members(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &str,
    group: &Group,
    members: &[User],
    change: impl Fn(&mut GroupIds) -> bool,
) -> Result<Result<usize, Refusal>, Fault> {
    let all = lock(tx)?;
    let Some(group) = all.get(group.id) else { return Ok(Err(Refusal::Gone)) };
    if let Err(refusal) = check_face(actor, &all, group) {
        return Ok(Err(refusal));
    }
    let mut ids: Vec<Id> = members.iter().map(|user| user.id).collect();
    ids.sort_unstable_by_key(|id| id.0);
    ids.dedup();
    let mut changed = Vec::new();
    for id in ids {
        users::lock(tx, id)?;
        let Some(user) = users::find(tx, id)? else { continue };
        let mut groups = user.groups();
        if change(&mut groups) {
            changed.push((id, groups));
        }
    }
    if changed.iter().any(|(_, groups)| groups.len() > MAX_OF_USER) {
        return Ok(Err(Refusal::TooMany));
    }
    let direct = |user: &User| {
        let of_user = changed.iter().find(|(id, _)| *id == user.id);
        of_user.map_or_else(|| user.groups(), |(_, groups)| groups.clone())
    };
    let is_removal = changed.iter().any(|(_, groups)| !groups.contains(group.id));
    if is_removal && let Err(refusal) = check_demands(actor, &all, &Groups::default(), group) {
        return Ok(Err(refusal));
    }
    if let Some(console) = guarded(actor, &all, group).filter(|_| is_removal)
        && let Err(last) = check_left(tx, console, |user| stays(console, &all, user, &direct(user)))?
    {
        return Ok(Err(last.into()));
    }
    for (id, groups) in &changed {
        users::set_groups(tx, *id, groups)?;
    }
    let users: Vec<Id> = changed.into_iter().map(|(id, _)| id).collect();
    audit::record(tx, actor, action, group.id, Change::creation(json!({ "users": users })))?;
    Ok(Ok(users.len()))
}

/// The groups, which no other change can alter until commit.
fn lock(tx: &mut Tx<'_>) -> Result<Groups, Fault> {
    revision::lock(tx)?;
    groups::list(tx)
}

/// Checks that this face may change a group. Only an administrator decides who administers.
fn check_face(actor: &Actor, groups: &Groups, group: &Group) -> Result<(), Refusal> {
    if actor.face == Face::Api && administers_console(actor, groups, group) {
        return Err(Refusal::Administrators);
    }
    Ok(())
}

/// Checks that this face may take from the members of a group what it demands. A leaked token must
/// not do that.
fn check_demands(actor: &Actor, before: &Groups, after: &Groups, group: &Group) -> Result<(), Refusal> {
    let demanded = |groups: &Groups| groups.demands().into_iter().find(|(id, _)| *id == group.id).map(|(_, acr)| acr);
    if actor.face != Face::CommandLine && demanded(after) < demanded(before) {
        return Err(Refusal::Demands);
    }
    Ok(())
}

/// The console, if it is on and must keep an administrator when this group changes.
fn guarded<'a>(actor: &'a Actor, groups: &Groups, group: &Group) -> Option<&'a ConsoleSettings> {
    let console = actor.console.as_ref().filter(|console| console.enabled)?;
    administers(groups, &console.group, group).then_some(console)
}

/// Whether the members of a group administer. Nothing limits the command line.
fn administers_console(actor: &Actor, groups: &Groups, group: &Group) -> bool {
    actor.console.as_ref().is_some_and(|console| administers(groups, &console.group, group))
}

/// Whether a user is an administrator when the groups are these, and the user is directly in
/// `direct`.
fn stays(console: &ConsoleSettings, groups: &Groups, user: &User, direct: &GroupIds) -> bool {
    let after = User { group_ids: direct.to_string(), ..user.clone() };
    is_administrator(groups, &console.group, &after)
}

fn check(groups: &Groups, group: &Group) -> Result<(), Refusal> {
    if !is_name(&group.name) {
        return Err(Refusal::Name);
    }
    match group.parent {
        None => Ok(()),
        Some(parent) if groups.get(parent).is_none() => Err(Refusal::Gone),
        Some(parent) => Ok(groups.check_nesting(group.id, parent)?),
    }
}

fn json(groups: &Groups, group: &Group) -> Value {
    let parent = group.parent.and_then(|id| groups.get(id));
    let mut json = json!({ "name": group.name, "parent": parent.map(|parent| &parent.name) });
    if let Some(acr) = group.acr {
        json["acr"] = acr.as_str().into();
    }
    json
}
