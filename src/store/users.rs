//! Users. [`super::accounts`] has the operations that involve further tables.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Fault, Id, Tx, lock, on, prepared::update, schema::users};
use writ_core::vocabulary::login_name;
pub use writ_core::vocabulary::login_name::normalize;
use writ_core::{StandardClaims, groups::GroupIds};

/// A user as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub struct User {
    /// The `sub` of every token.
    pub id: Id,
    /// Normalized, unique.
    pub username: String,
    /// Normalized; unique among verified addresses.
    pub email: Option<String>,
    /// Whether the address was verified. Only then can it be used to sign in, and is disclosed.
    pub email_verified: bool,
    /// [`StandardClaims`] as JSON.
    pub claims: String,
    /// Argon2id in PHC form, or an imported hash until the next sign-in. `None` if the user has no
    /// password.
    pub password_hash: Option<String>,
    /// When an administrator disabled the account.
    pub disabled_at: Option<i64>,
    /// When the account was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Incremented whenever all sessions end. A sign-in that started in an earlier epoch is
    /// refused.
    pub session_epoch: i64,
    /// The groups that the user is directly in: [`GroupIds`] as stored.
    pub group_ids: String,
    /// What an administrator recorded, as a JSON object of texts. `None` if there is nothing.
    pub attributes: Option<String>,
}

impl User {
    /// A new user with this username.
    pub fn named(username: &str) -> Self {
        Self {
            id: Id::now_v7(),
            username: username.to_owned(),
            email: None,
            email_verified: false,
            claims: "{}".to_owned(),
            password_hash: None,
            disabled_at: None,
            created_at: 0,
            updated_at: 0,
            session_epoch: 0,
            group_ids: String::new(),
            attributes: None,
        }
    }

    /// The groups that the user is directly in.
    pub fn groups(&self) -> GroupIds {
        GroupIds::from_stored(&self.group_ids)
    }

    /// What an administrator recorded about the user, for claims of the operator's own.
    pub fn attributes(&self) -> Result<BTreeMap<String, String>, Fault> {
        let Some(stored) = &self.attributes else { return Ok(BTreeMap::new()) };
        serde_json::from_str(stored).map_err(|error| Fault::Corrupt(format!("attributes of user {}: {error}", self.id)))
    }

    /// The standard claims that the user or an administrator filled in.
    pub fn standard_claims(&self) -> Result<StandardClaims, Fault> {
        serde_json::from_str(&self.claims)
            .map_err(|error| Fault::Corrupt(format!("claims of user {}: {error}", self.id)))
    }

    /// Texts that a password must not resemble: username, e-mail address and names.
    pub fn own_words(&self) -> Result<Vec<String>, Fault> {
        let claims = self.standard_claims()?;
        let names = [claims.name, claims.given_name, claims.middle_name, claims.family_name, claims.nickname];
        let email = self.email.as_deref().and_then(|email| email.split('@').next());
        let mut words = vec![self.username.clone()];
        words.extend(email.map(str::to_owned));
        words.extend(names.iter().flatten().flat_map(|name| name.split_whitespace()).map(str::to_owned));
        Ok(words)
    }

    /// The name of the user on pages, by default the username.
    pub fn display_name(&self) -> Result<String, Fault> {
        Ok(self.standard_claims()?.name.unwrap_or_else(|| self.username.clone()))
    }
}

/// Adds a user. A username in use, one that looks like it, or a verified address in use is a unique
/// violation.
pub fn insert(tx: &mut Tx<'_>, user: &User) -> Result<(), Fault> {
    let row = (user, users::skeleton.eq(login_name::look_of(&user.username)));
    on!(tx, |conn| diesel::insert_into(users::table).values(row.clone()).execute(conn))?;
    Ok(())
}

/// Replaces a password hash by another one of the same password. Nothing else changes.
pub fn renew_password_hash(tx: &mut Tx<'_>, id: Id, old: &str, new: &str) -> Result<(), Fault> {
    let unchanged = users::table.filter(users::id.eq(id).and(users::password_hash.eq(old)));
    on!(tx, |conn| diesel::update(unchanged).set(users::password_hash.eq(new)).execute(conn))?;
    Ok(())
}

/// The user with this id.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<User>, Fault> {
    Ok(on!(tx, |conn| users::table.find(id).select(User::as_select()).first(conn).optional())?)
}

/// The user with this username or verified e-mail address.
pub fn find_by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<User>, Fault> {
    let login = normalize(login);
    let by_username = on!(tx, |conn| users::table
        .filter(users::username.eq(&login))
        .select(User::as_select())
        .first(conn)
        .optional())?;
    if by_username.is_some() || !login.contains('@') {
        return Ok(by_username);
    }
    find_by_email(tx, &login)
}

/// The user with this verified e-mail address.
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<User>, Fault> {
    let verified = users::email.eq(normalize(email)).and(users::email_verified);
    Ok(on!(tx, |conn| users::table.filter(verified).select(User::as_select()).first(conn).optional())?)
}

/// Whether a username is in use, or looks like one that is.
pub fn is_taken(tx: &mut Tx<'_>, username: &str) -> Result<bool, Fault> {
    let alike = users::username.eq(username).or(users::skeleton.eq(login_name::look_of(username)).assume_not_null());
    let found: Option<Id> = on!(tx, |conn| users::table.filter(alike).select(users::id).first(conn).optional())?;
    Ok(found.is_some())
}

/// As [`find`], locked until commit.
pub fn find_and_lock(tx: &mut Tx<'_>, id: Id) -> Result<Option<User>, Fault> {
    lock(tx, id)?;
    find(tx, id)
}

/// At most `most` users that were created after `after`, oldest first.
pub fn page(tx: &mut Tx<'_>, after: Option<Id>, most: i64) -> Result<Vec<User>, Fault> {
    let first = Id(uuid::Uuid::nil());
    let next = users::table.filter(users::id.gt(after.unwrap_or(first))).order(users::id).limit(most);
    Ok(on!(tx, |conn| next.select(User::as_select()).load(conn))?)
}

/// Every user, by username.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<User>, Fault> {
    Ok(on!(tx, |conn| users::table.order(users::username).select(User::as_select()).load(conn))?)
}

/// Locks the user's row until commit. Units of work that lock the same user run one after the
/// other, on every node.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    let _locked: Vec<Id> = lock!(tx, users::table.find(id).select(users::id))?;
    Ok(())
}

/// As [`lock()`]. `false` if the account was deleted or disabled, or its sessions were ended, since
/// `session_epoch` was read. An earlier verification is then void.
pub fn lock_in_epoch(tx: &mut Tx<'_>, id: Id, session_epoch: i64) -> Result<bool, Fault> {
    let unchanged = users::id.eq(id).and(users::session_epoch.eq(session_epoch)).and(users::disabled_at.is_null());
    let locked: Vec<Id> = lock!(tx, users::table.filter(unchanged).select(users::id))?;
    Ok(!locked.is_empty())
}

/// Advances the epoch and locks the row, as [`lock()`] does.
pub(super) fn advance_session_epoch(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let next = users::session_epoch.eq(users::session_epoch + 1);
    Ok(on!(tx, |conn| diesel::update(users::table.find(id)).set(next).execute(conn))? == 1)
}

/// Records that a session of the user ended or a consent changed, and locks the row, as [`lock()`]
/// does. A code that was decided on before is not inserted.
pub(super) fn count_revocation(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    let next = users::revocations.eq(users::revocations + 1);
    on!(tx, |conn| update(users::table, users::id.eq(id), next).execute(conn))?;
    Ok(())
}

pub(super) fn set_password_hash(tx: &mut Tx<'_>, id: Id, password_hash: &str) -> Result<(), Fault> {
    let changed = (users::password_hash.eq(password_hash), users::updated_at.eq(tx.now));
    on!(tx, |conn| diesel::update(users::table.find(id)).set(changed).execute(conn))?;
    Ok(())
}

pub(super) fn void_password(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    let void = (users::password_hash.eq(None::<String>), users::updated_at.eq(tx.now));
    on!(tx, |conn| diesel::update(users::table.find(id)).set(void).execute(conn))?;
    Ok(())
}

pub(super) fn set_disabled_at(tx: &mut Tx<'_>, id: Id, at: Option<i64>) -> Result<bool, Fault> {
    let changed = (users::disabled_at.eq(at), users::updated_at.eq(tx.now));
    Ok(on!(tx, |conn| diesel::update(users::table.find(id)).set(changed).execute(conn))? == 1)
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(users::table.find(id)).execute(conn))? == 1)
}

/// Sets or removes the e-mail address. A verified address in use is a unique violation.
pub fn set_email(tx: &mut Tx<'_>, id: Id, email: Option<&str>, verified: bool) -> Result<bool, Fault> {
    let changed = (users::email.eq(email), users::email_verified.eq(verified), users::updated_at.eq(tx.now));
    Ok(on!(tx, |conn| diesel::update(users::table.find(id)).set(changed).execute(conn))? == 1)
}

/// Applies `edit` to the current claims, so that concurrent changes of other claims are kept.
/// Returns the result, or `None` if there is no such user.
pub fn edit_claims(
    tx: &mut Tx<'_>,
    id: Id,
    edit: impl FnOnce(&mut StandardClaims),
) -> Result<Option<StandardClaims>, Fault> {
    lock(tx, id)?;
    let Some(user) = find(tx, id)? else { return Ok(None) };
    let mut claims = user.standard_claims()?;
    edit(&mut claims);
    set_claims(tx, id, &claims)?;
    Ok(Some(claims))
}

/// Replaces all claims.
pub fn set_claims(tx: &mut Tx<'_>, id: Id, claims: &StandardClaims) -> Result<bool, Fault> {
    let claims = serde_json::to_string(claims).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let changed = (users::claims.eq(&claims), users::updated_at.eq(tx.now));
    Ok(on!(tx, |conn| diesel::update(users::table.find(id)).set(changed).execute(conn))? == 1)
}

/// Replaces what an administrator recorded about a user.
pub fn set_attributes(tx: &mut Tx<'_>, id: Id, attributes: &BTreeMap<String, String>) -> Result<bool, Fault> {
    let json = serde_json::to_string(attributes).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let stored = (!attributes.is_empty()).then_some(json);
    let changed = (users::attributes.eq(&stored), users::updated_at.eq(tx.now));
    Ok(on!(tx, |conn| diesel::update(users::table.find(id)).set(changed).execute(conn))? == 1)
}

/// Replaces the groups that the user is directly in. The caller has locked the user.
pub fn set_groups(tx: &mut Tx<'_>, id: Id, groups: &GroupIds) -> Result<(), Fault> {
    let changed = users::group_ids.eq(groups.to_string());
    on!(tx, |conn| diesel::update(users::table.find(id)).set(changed).execute(conn))?;
    Ok(())
}
