//! A rate limiter in the database: known to every node, kept over a restart, one number a key.
//!
//! The generic cell rate algorithm: each attempt moves a key's time forward by one interval, and no key's time may run ahead
//! of the clock by more than `burst` intervals. Nothing is ever locked for longer than that.

use aws_lc_rs::digest;
use diesel::{dsl::case_when, prelude::*};

use super::{Fault, Tx, on, prepared::update, schema::throttle};

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Attempts at once.
    pub burst: i64,
    /// Seconds until one more.
    pub interval: i64,
}

/// A key's stored form: a hash, so that the table holds no names or addresses and rows have one size.
#[derive(Debug, Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of `value` within the limiter `kind`.
    pub fn new(kind: &str, value: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, format!("{kind}\n{value}").as_bytes());
        Self(hash.as_ref()[..16].to_vec())
    }
}

/// Counts an attempt. `Some(seconds)` refuses it, and says when the next one will be heard.
pub fn attempt(tx: &mut Tx<'_>, key: &Key, rate: Rate) -> Result<Option<i64>, Fault> {
    let now = tx.now;
    let key = &key.0;
    on!(tx, |conn| diesel::insert_into(throttle::table)
        .values((throttle::key.eq(key), throttle::next_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    let latest = now + (rate.burst - 1) * rate.interval;
    let from = case_when(throttle::next_at.gt(now), throttle::next_at).otherwise(now);
    let heard = throttle::key.eq(key).and(throttle::next_at.le(latest));
    let counted = throttle::next_at.eq(from + rate.interval);
    if on!(tx, |conn| update(throttle::table, heard, counted).execute(conn))? == 1 {
        return Ok(None);
    }
    let next_at: i64 = on!(tx, |conn| throttle::table.find(key).select(throttle::next_at).first(conn))?;
    Ok(Some((next_at - latest).max(1)))
}

/// Takes an attempt back that turned out to be right.
pub fn refund(tx: &mut Tx<'_>, key: &Key, rate: Rate) -> Result<(), Fault> {
    let taken_back = throttle::next_at.eq(throttle::next_at - rate.interval);
    on!(tx, |conn| update(throttle::table, throttle::key.eq(&key.0), taken_back).execute(conn))?;
    Ok(())
}

/// Deletes at most `batch` keys whose time has passed.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let passed = throttle::table.filter(throttle::next_at.le(tx.now)).select(throttle::key).limit(batch);
    let keys: Vec<Vec<u8>> = on!(tx, |conn| passed.load(conn))?;
    Ok(on!(tx, |conn| diesel::delete(throttle::table.filter(throttle::key.eq_any(keys))).execute(conn))?)
}
