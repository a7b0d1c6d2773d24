//! A rate limiter in the database. All nodes share it, and it survives a restart. The rule is
//! [`writ_core::throttle`].

use aws_lc_rs::digest;
use diesel::{prelude::*, upsert::excluded};

use super::{Fault, Id, Tx, delete_batch, on, prepared::update, schema::throttle};

pub use writ_core::throttle::Rate;
use writ_core::throttle::{Bucket, too_many_requests};

use crate::fault::Stop;

/// Maximum number of expired rows that a refusal deletes.
const PRESSURE_BATCH: i64 = 100;
/// How often the digits for an address may be wrong: ten times at once, then once in an hour.
pub const WRONG_DIGITS: Rate = Rate::new(10, 3600);

/// The stored form of a key. It is a hash, so that the table holds no names or addresses and rows
/// have a fixed size.
#[derive(Debug, Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of `value` in the limiter `kind`.
    pub fn new(kind: &str, value: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, format!("{kind}\n{value}").as_bytes());
        Self(hash.as_ref()[..16].to_vec())
    }

    /// The key of the wrong passwords of an account, under all of its names.
    pub fn of_account(username: &str) -> Self {
        Self::new("account", username)
    }

    /// The key of the confirmations in a session.
    pub fn of_confirmations(session_id: Id) -> Self {
        Self::new("confirm", &session_id.to_string())
    }

    /// The key of the wrong codes of an account, after the password.
    pub fn of_codes(user_id: Id) -> Self {
        Self::new("code for account", &user_id.to_string())
    }

    /// The key of the wrong codes in a session.
    pub fn of_codes_in_session(session_id: Id) -> Self {
        Self::new("code in session", &session_id.to_string())
    }

    /// The key of the wrong digits for the address of a new account, which anyone can enter.
    pub fn of_sign_up_digits(address: &str) -> Self {
        Self::new("digits of sign-up", address)
    }

    /// The key of the wrong digits for the new address of a user.
    pub fn of_digits(user_id: Id, address: &str) -> Self {
        Self::new("digits of address", &format!("{user_id} {address}"))
    }

    /// The key of the changes of a user's password.
    pub fn of_new_passwords(user_id: Id) -> Self {
        Self::new("new password", &user_id.to_string())
    }
}

/// Buckets in which an attempt is counted together: in all of them or in none.
#[derive(Debug, Clone)]
pub struct Limits(Vec<(Key, Rate)>);

impl Limits {
    /// Buckets are locked in this order everywhere: networks from the widest, then the account or
    /// the bucket of all unauthenticated callers.
    pub fn new(limits: Vec<(Key, Rate)>) -> Self {
        Self(limits)
    }

    /// Counts an attempt. `Some(seconds)` refuses it until another one is accepted.
    pub fn attempt(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, Fault> {
        for (index, (key, rate)) in self.0.iter().enumerate() {
            if let Some(seconds) = attempt(tx, key, *rate)? {
                self.0.iter().take(index).try_for_each(|(key, rate)| refund(tx, key, *rate))?;
                return Ok(Some(seconds));
            }
        }
        Ok(None)
    }

    /// Counts a row before it is stored. A refusal indicates pressure, so it deletes expired rows
    /// immediately.
    ///
    /// # Errors
    /// [`Cause::TooManyRequests`](writ_core::Cause::TooManyRequests) if a bucket is full.
    pub fn admit_row(&self, tx: &mut Tx<'_>, sweep: fn(&mut Tx<'_>, i64) -> Result<usize, Fault>) -> Result<(), Stop> {
        let Some(seconds) = self.attempt(tx)? else { return Ok(()) };
        sweep(tx, PRESSURE_BATCH)?;
        Err(too_many_requests(seconds).into())
    }

    /// Refunds an attempt that succeeded or was not carried out.
    pub fn refund(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.0.iter().try_for_each(|(key, rate)| refund(tx, key, *rate))
    }
}

/// Counts an attempt. `Some(seconds)` refuses it until another one is accepted.
pub fn attempt(tx: &mut Tx<'_>, key: &Key, rate: Rate) -> Result<Option<i64>, Fault> {
    let now = tx.now;
    let mut bucket = lock(tx, key)?;
    let outcome = bucket.attempt(rate, now);
    save(tx, key, bucket)?;
    Ok(outcome.err())
}

/// Refunds an attempt that succeeded or was not carried out.
pub fn refund(tx: &mut Tx<'_>, key: &Key, rate: Rate) -> Result<(), Fault> {
    let bucket = lock(tx, key)?.refund(rate);
    save(tx, key, bucket)
}

/// Forgets every attempt that was counted under this key. `false` if none was.
pub fn forget(tx: &mut Tx<'_>, key: &Key) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(throttle::table.find(&key.0)).execute(conn))? == 1)
}

/// Reads a bucket and locks its row until commit, with an upsert that changes nothing.
fn lock(tx: &mut Tx<'_>, key: &Key) -> Result<Bucket, Fault> {
    let empty = (
        throttle::key.eq(&key.0),
        throttle::debt.eq(0_i64),
        throttle::counted_at.eq(tx.now),
        throttle::empty_at.eq(tx.now),
    );
    let (debt, at) = on!(tx, |conn| diesel::insert_into(throttle::table)
        .values(empty)
        .on_conflict(throttle::key)
        .do_update()
        .set(throttle::key.eq(excluded(throttle::key)))
        .returning((throttle::debt, throttle::counted_at))
        .get_result::<(i64, i64)>(conn))?;
    Ok(Bucket { debt, at })
}

fn save(tx: &mut Tx<'_>, key: &Key, bucket: Bucket) -> Result<(), Fault> {
    let counted =
        (throttle::debt.eq(bucket.debt), throttle::counted_at.eq(bucket.at), throttle::empty_at.eq(bucket.empty_at()));
    on!(tx, |conn| update(throttle::table, throttle::key.eq(&key.0), counted).execute(conn))?;
    Ok(())
}

/// Deletes at most `batch` empty buckets.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = throttle::empty_at.le(tx.now);
    delete_batch!(tx, batch, throttle::table, throttle::key, Vec<u8>, expired)
}
