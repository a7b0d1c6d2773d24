//! Links with which a user becomes an administrator.

use serde_json::json;
use uuid::Uuid;
use writ_core::groups::{Group, MAX_OF_USER};

use crate::{
    administration::{Actor, Change, audit, groups as changes},
    fault::Fault,
    store::{Id, Tx, administrator_links, groups as stored, revision, users::User},
};

/// Makes a link with which a user becomes an administrator, and returns its id.
pub fn make_link(tx: &mut Tx<'_>, actor: &Actor, user: Option<&User>) -> Result<Id, Fault> {
    let id = administrator_links::insert(tx, user.map(|user| user.id))?;
    let change = Change::creation(json!({ "user": user.map(|user| user.id) }));
    audit::record(tx, actor, "administrator.make-link", id, change)?;
    Ok(id)
}

/// Makes the user of `actor` an administrator with a link. The group with this name is created if
/// there is none. `false` if the link holds no more, or is for another user.
pub fn join(
    tx: &mut Tx<'_>,
    actor: &Actor,
    link: Id,
    user: &User,
    name: &str,
) -> Result<Result<bool, changes::Refusal>, Fault> {
    revision::lock(tx)?;
    let groups = stored::list(tx)?;
    let found = groups.find(name);
    let is_member = found.is_some_and(|group| user.groups().contains(group.id));
    // A refusal uses nothing up.
    if !is_member && user.groups().len() >= MAX_OF_USER {
        return Ok(Err(changes::Refusal::TooMany));
    }
    if !administrator_links::redeem(tx, link, user.id)? {
        return Ok(Ok(false));
    }
    let group = match found {
        Some(group) => group.clone(),
        None => {
            let group = Group { id: Uuid::now_v7(), name: name.to_owned(), parent: None, acr: None };
            if let Err(refusal) = changes::create(tx, actor, &group)? {
                return Ok(Err(refusal));
            }
            group
        }
    };
    let added = changes::add(tx, actor, &group, std::slice::from_ref(user))?;
    Ok(added.map(|_| true))
}
