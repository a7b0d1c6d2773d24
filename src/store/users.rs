//! People.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::users, sessions};
use writ_core::StandardClaims;

/// A person as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub struct User {
    /// The `sub` of every token.
    pub id: Id,
    /// Lower case, unique.
    pub username: String,
    /// Lower case, unique.
    pub email: Option<String>,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// [`StandardClaims`] as JSON.
    pub claims: String,
    /// Argon2id in PHC form; none: no password.
    pub password_hash: Option<String>,
    /// When an administrator disabled the account.
    pub disabled_at: Option<i64>,
    /// When the account was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

impl User {
    /// The standard claims that the person or an administrator filled in.
    pub fn standard_claims(&self) -> Result<StandardClaims, Fault> {
        serde_json::from_str(&self.claims)
            .map_err(|error| Fault::Corrupt(format!("claims of user {}: {error}", self.id)))
    }

    /// The person's own words, which a password must not lean on: username, address, names.
    pub fn own_words(&self) -> Result<Vec<String>, Fault> {
        let claims = self.standard_claims()?;
        let names = [claims.name, claims.given_name, claims.middle_name, claims.family_name, claims.nickname];
        let email = self.email.as_deref().and_then(|email| email.split('@').next());
        let mut words = vec![self.username.clone()];
        words.extend(email.map(str::to_owned));
        words.extend(names.iter().flatten().flat_map(|name| name.split_whitespace()).map(str::to_owned));
        Ok(words)
    }

    /// What pages call the person: the name, or else the username.
    pub fn display_name(&self) -> Result<String, Fault> {
        Ok(self.standard_claims()?.name.unwrap_or_else(|| self.username.clone()))
    }
}

/// The form in which usernames and e-mail addresses are stored and looked up.
pub fn normalize(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Adds a person. A taken username or address is a unique violation.
pub fn insert(tx: &mut Tx<'_>, user: &User) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(users::table).values(user).execute(conn))?;
    Ok(())
}

/// The person with this id.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<User>, Fault> {
    Ok(on!(tx, |conn| users::table.find(id).select(User::as_select()).first(conn).optional())?)
}

/// The person with this username or e-mail address.
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
    Ok(on!(tx, |conn| users::table.filter(users::email.eq(&login)).select(User::as_select()).first(conn).optional())?)
}

/// Everybody, by username.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<User>, Fault> {
    Ok(on!(tx, |conn| users::table.order(users::username).select(User::as_select()).load(conn))?)
}

/// Has whoever else holds this person wait until this unit of work is over: on PostgreSQL, where units of work run side by side,
/// what is read after this is not changed by another before it is written.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(users::table.find(id)).set(users::updated_at.eq(users::updated_at)).execute(conn))?;
    Ok(())
}

/// Replaces the password and ends every session, since the old password may be known to others.
pub fn set_password(tx: &mut Tx<'_>, id: Id, password_hash: &str) -> Result<bool, Fault> {
    let changed = change_password(tx, id, password_hash)?;
    sessions::delete_of_user(tx, id)?;
    Ok(changed)
}

/// Replaces the password and leaves the sessions to the caller.
pub fn change_password(tx: &mut Tx<'_>, id: Id, password_hash: &str) -> Result<bool, Fault> {
    let now = tx.now;
    let changed = on!(tx, |conn| diesel::update(users::table.find(id))
        .set((users::password_hash.eq(password_hash), users::updated_at.eq(now)))
        .execute(conn))?;
    Ok(changed == 1)
}

/// Replaces what a person may edit about themselves. A taken address is a unique violation.
pub fn change_profile(
    tx: &mut Tx<'_>,
    id: Id,
    claims: &StandardClaims,
    email: Option<&str>,
    email_verified: bool,
) -> Result<(), Fault> {
    let now = tx.now;
    let claims = serde_json::to_string(claims).map_err(|error| Fault::Corrupt(error.to_string()))?;
    on!(tx, |conn| diesel::update(users::table.find(id))
        .set((
            users::claims.eq(&claims),
            users::email.eq(email),
            users::email_verified.eq(email_verified),
            users::updated_at.eq(now),
        ))
        .execute(conn))?;
    Ok(())
}

/// Replaces what is known about a person.
pub fn set_claims(tx: &mut Tx<'_>, id: Id, claims: &StandardClaims) -> Result<bool, Fault> {
    let now = tx.now;
    let claims = serde_json::to_string(claims).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let changed = on!(tx, |conn| diesel::update(users::table.find(id))
        .set((users::claims.eq(&claims), users::updated_at.eq(now)))
        .execute(conn))?;
    Ok(changed == 1)
}

/// Deletes a person with everything that hangs on them.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    // While the grants still tell which apps have to know.
    sessions::delete_of_user(tx, id)?;
    Ok(on!(tx, |conn| diesel::delete(users::table.find(id)).execute(conn))? == 1)
}

/// Locks an account out and ends its sessions; its grants stand still until it is enabled again.
pub fn disable(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let changed = on!(tx, |conn| diesel::update(users::table.find(id))
        .set((users::disabled_at.eq(Some(now)), users::updated_at.eq(now)))
        .execute(conn))?;
    sessions::delete_of_user(tx, id)?;
    Ok(changed == 1)
}

/// Lets a disabled account in again.
pub fn enable(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let changed = on!(tx, |conn| diesel::update(users::table.find(id))
        .set((users::disabled_at.eq(None::<i64>), users::updated_at.eq(now)))
        .execute(conn))?;
    Ok(changed == 1)
}
