//! The administrators: the users who may enter the console, because they are in a group.

pub mod links;

use writ_core::groups::{Group, GroupIds, Groups, is_open};

use super::{Actor, Face};
use crate::{
    config::ConsoleSettings,
    fault::Fault,
    store::{Id, Tx, audit_log, groups, users::User},
};

/// Why an account or a group was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No administrator would be left who could enter the console.
    #[error("no administrator of the console would be left: use the command line")]
    Last,
    /// The API does not change administrators.
    #[error("the user is an administrator: use the command line or the console")]
    Administrator,
}

/// The groups whose direct members are administrators: the one with this name, and those in it.
fn groups_of(groups: &Groups, name: &str) -> GroupIds {
    groups.find(name).map(|group| groups.with_nested(&std::iter::once(group.id).collect())).unwrap_or_default()
}

/// Whether a user is in the group of administrators with this name, or in one that is in it.
pub fn is_administrator(groups: &Groups, name: &str, user: &User) -> bool {
    is_open(Some(&groups_of(groups, name)), &user.groups())
}

/// The administrators whose accounts are enabled.
pub fn list(tx: &mut Tx<'_>, name: &str) -> Result<Vec<User>, Fault> {
    let all = groups::list(tx)?;
    let mut administrators: Vec<User> = Vec::new();
    for id in groups_of(&all, name).iter() {
        administrators.extend(groups::members(tx, Id(id))?);
    }
    administrators.retain(|user| user.disabled_at.is_none());
    administrators.sort_by_key(|user| user.id.0);
    administrators.dedup_by_key(|user| user.id);
    Ok(administrators)
}

/// Checks that this face may change an account: a leaked token of the API must neither help to
/// become an administrator nor lock one out.
pub(super) fn check_face(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<(), Refusal>, Fault> {
    let Some(console) = actor.console.as_ref().filter(|console| console.enabled && actor.face == Face::Api) else {
        return Ok(Ok(()));
    };
    let administers = is_administrator(&groups::list(tx)?, &console.group, user);
    Ok(if administers { Err(Refusal::Administrator) } else { Ok(()) })
}

/// Checks that another administrator is left without `user`. The caller has locked the user.
pub fn check_another(tx: &mut Tx<'_>, console: &ConsoleSettings, user: &User) -> Result<Result<(), Refusal>, Fault> {
    if !console.enabled || user.disabled_at.is_some() || !is_administrator(&groups::list(tx)?, &console.group, user) {
        return Ok(Ok(()));
    }
    check_left(tx, console, |other| other.id != user.id)
}

/// Checks that an administrator is left of those who `stay`. Such checks run one after the other,
/// because two administrators could lock each other out.
pub(super) fn check_left(
    tx: &mut Tx<'_>,
    console: &ConsoleSettings,
    stay: impl Fn(&User) -> bool,
) -> Result<Result<(), Refusal>, Fault> {
    audit_log::lock_end(tx)?;
    let administrators = list(tx, &console.group)?;
    Ok(if administrators.is_empty() || administrators.iter().any(stay) { Ok(()) } else { Err(Refusal::Last) })
}

/// Whether a group makes its members administrators, or would do so in `groups`.
pub fn administers(groups: &Groups, name: &str, group: &Group) -> bool {
    let all = groups_of(groups, name);
    group.name == name || all.contains(group.id) || group.parent.is_some_and(|parent| all.contains(parent))
}
