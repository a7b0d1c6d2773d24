//! Accounts that are to be created once their address is confirmed.

use diesel::prelude::*;
use serde::Serialize;
use writ_core::{StandardClaims, vocabulary::display_name};

use super::{
    AfterSignIn, Fault, Id, Tx, accepted_terms, delete_batch, invitations, on,
    passkeys::{self, Passkey},
    schema::sign_ups::{self, table},
    users::{self, User},
};
use crate::secret::random_bytes;

/// Seconds in which the address must be confirmed.
pub const LIFETIME: i64 = 86_400;
/// How many usernames are tried, the first without a number.
const USERNAMES: usize = 20;

/// An account that is to be created.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_ups)]
pub struct SignUp {
    /// UUIDv7. The link and the six digits are derived from it.
    pub id: Id,
    /// The address, normalized.
    pub address: String,
    /// The name to show.
    pub name: String,
    /// Argon2id in PHC form. Empty for an account with a passkey.
    password_hash: String,
    /// The BCP 47 tag of the language of the page.
    pub language: String,
    /// The handle of the authorization request that waits for the sign-in. Empty without one.
    pub request: String,
    /// The data to restart that request after it has expired, or in another browser.
    pub again: String,
    /// The account page that follows without a request. Empty without one.
    pub return_to: String,
    /// When it was entered.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// The version of the terms that was accepted with the entry. `None` if there were none.
    pub terms: Option<String>,
    /// The [`Passkey`] of an account without a password, in JSON.
    passkey: Option<String>,
}

/// What a new account signs in with.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A password: Argon2id in PHC form.
    Password(String),
    /// A passkey. The account has the id of its user.
    Passkey(Box<Passkey>),
}

/// What a user entered to create an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The address, normalized.
    pub address: String,
    /// The name to show.
    pub name: String,
    /// What it signs in with.
    pub credential: Credential,
    /// The BCP 47 tag of the language of the page.
    pub language: String,
    /// The version of the terms that the user accepted. `None` if there are none.
    pub terms: Option<String>,
}

impl SignUp {
    /// What follows the sign-in.
    pub fn after_sign_in(&self) -> AfterSignIn {
        AfterSignIn { request: self.request.clone(), again: self.again.clone(), return_to: self.return_to.clone() }
    }

    /// What the account signs in with.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] if the stored passkey cannot be read.
    pub fn credential(&self) -> Result<Credential, Fault> {
        let Some(passkey) = &self.passkey else { return Ok(Credential::Password(self.password_hash.clone())) };
        let corrupt = |error: serde_json::Error| Fault::Corrupt(format!("passkey of sign-up {}: {error}", self.id));
        serde_json::from_str(passkey).map(Credential::Passkey).map_err(corrupt)
    }

    fn account(self) -> Result<NewAccount, Fault> {
        let credential = self.credential()?;
        let Self { address, name, language, terms, .. } = self;
        Ok(NewAccount { address, name, credential, language, terms })
    }
}

/// Stores what a user entered, until the address is confirmed.
pub fn insert(tx: &mut Tx<'_>, account: NewAccount, next: AfterSignIn) -> Result<Id, Fault> {
    let NewAccount { address, name, credential, language, terms } = account;
    let (password_hash, passkey) = match credential {
        Credential::Password(hash) => (hash, None),
        Credential::Passkey(passkey) => (String::new(), Some(to_json(&passkey)?)),
    };
    let row = SignUp {
        id: Id::now_v7(),
        address,
        name,
        password_hash,
        language,
        request: next.request,
        again: next.again,
        return_to: next.return_to,
        created_at: tx.now,
        expires_at: tx.now + LIFETIME,
        terms,
        passkey,
    };
    on!(tx, |conn| diesel::insert_into(table).values(&row).execute(conn))?;
    Ok(row.id)
}

/// The account with this id, if it can still be created.
pub fn find_valid(tx: &mut Tx<'_>, id: Id) -> Result<Option<SignUp>, Fault> {
    let valid = sign_ups::id.eq(id).and(sign_ups::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| table.filter(valid).select(SignUp::as_select()).first(conn).optional())?)
}

/// Creates the account with this id, once. `None` if it cannot be created any more, or its address
/// belongs to another one. An address that another unit of work confirms at the same time, or a
/// username that it takes, is a unique violation.
pub fn confirm(tx: &mut Tx<'_>, id: Id) -> Result<Option<User>, Fault> {
    let Some(found) = find_valid(tx, id)? else { return Ok(None) };
    if users::find_by_email(tx, &found.address)?.is_some() {
        return Ok(None);
    }
    let unused = on!(tx, |conn| diesel::delete(table.find(id)).execute(conn))?;
    let accepted_at = found.created_at;
    if unused == 1 { create(tx, found.account()?, accepted_at, String::new()).map(Some) } else { Ok(None) }
}

/// Creates the account of an invitation, once. As [`confirm`].
pub fn accept(tx: &mut Tx<'_>, invitation: Id, account: NewAccount) -> Result<Option<User>, Fault> {
    if users::find_by_email(tx, &account.address)?.is_some() {
        return Ok(None);
    }
    let Some(group_ids) = invitations::redeem(tx, invitation)? else { return Ok(None) };
    let accepted_at = tx.now;
    create(tx, account, accepted_at, group_ids).map(Some)
}

fn create(tx: &mut Tx<'_>, account: NewAccount, accepted_at: i64, group_ids: String) -> Result<User, Fault> {
    let NewAccount { address, name, credential, language, terms } = account;
    let blank = User { group_ids, ..User::named("") };
    let user = match credential {
        Credential::Password(hash) => {
            insert_user(tx, User { password_hash: Some(hash), ..blank }, name, language, Some(address))?
        }
        Credential::Passkey(passkey) => {
            let user = insert_user(tx, User { id: passkey.user_id, ..blank }, name, language, Some(address))?;
            passkeys::insert(tx, &passkey)?;
            user
        }
    };
    if let Some(version) = terms {
        accepted_terms::insert(tx, user.id, &version, accepted_at)?;
    }
    Ok(user)
}

/// Creates an account without a password. An address that belongs to another account is a unique
/// violation.
pub fn create_without_password(
    tx: &mut Tx<'_>,
    name: String,
    language: String,
    address: Option<String>,
) -> Result<User, Fault> {
    insert_user(tx, User::named(""), name, language, address)
}

fn insert_user(
    tx: &mut Tx<'_>,
    blank: User,
    name: String,
    language: String,
    address: Option<String>,
) -> Result<User, Fault> {
    let username = free_username(tx, &name)?;
    let claims = StandardClaims { name: Some(name), locale: Some(language), ..StandardClaims::default() };
    let claims = to_json(&claims)?;
    let user = User {
        username,
        email_verified: address.is_some(),
        email: address,
        claims,
        created_at: tx.now,
        updated_at: tx.now,
        ..blank
    };
    users::insert(tx, &user)?;
    Ok(user)
}

fn to_json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Corrupt(error.to_string()))
}

/// A username that resembles the name, and no existing one.
fn free_username(tx: &mut Tx<'_>, name: &str) -> Result<String, Fault> {
    let first = display_name::username(name);
    for number in 0..USERNAMES {
        let username = if number == 0 { first.clone() } else { format!("{first}-{}", random_number()) };
        if !users::is_taken(tx, &username)? {
            return Ok(username);
        }
    }
    Ok(format!("{first}-{}", Id::now_v7().0.simple()))
}

fn random_number() -> u32 {
    u32::from_be_bytes(random_bytes()) % 1_000_000
}

/// Deletes at most `batch` accounts that were not confirmed in time.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = sign_ups::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, sign_ups::id, Id, expired)
}
