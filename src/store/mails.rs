//! Mails to send: a durable queue with the result of each delivery.

use diesel::prelude::*;
use strum::{EnumString, IntoStaticStr};

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::mails::{self, table},
    throttle::{self, Key, Rate},
};

/// Seconds between a failed attempt and the next one. After the last one, the mail is dead.
const DELAYS: [i64; 9] = [30, 60, 180, 300, 600, 1800, 3600, 14_400, LONGEST_DELAY];
const LONGEST_DELAY: i64 = 43_200;
/// How many mails an address gets that others can cause: five at once, then one in ten minutes.
const PER_ADDRESS: Rate = Rate::new(5, 600);
/// Retention of a finished mail in seconds: thirty days.
pub(super) const MEMORY: i64 = 30 * 86_400;

/// A mail as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mails)]
pub struct Mail {
    /// Also part of its `Message-ID` in every attempt.
    pub id: Id,
    /// The user that it is about. With the account, its mails are deleted.
    pub user_id: Option<Id>,
    /// The address.
    pub recipient: String,
    /// The domain of the address.
    pub lane: String,
    /// [`Kind`], as [`Kind::as_str`] writes it.
    pub kind: String,
    /// The BCP 47 tag of its language.
    pub language: String,
    /// The row that its link is about.
    pub link_id: Option<Id>,
    /// When it was queued.
    pub created_at: i64,
    /// When it is of no use any more, because its link has expired.
    pub expires_at: i64,
    /// The number of attempts.
    pub attempts: i32,
    /// When the next attempt is due. `None` if it was delivered or is dead.
    pub next_attempt_at: Option<i64>,
    /// The response of the server to the last attempt.
    pub last_outcome: Option<String>,
    /// When a server accepted it.
    pub delivered_at: Option<i64>,
}

/// The kinds of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A test by the operator.
    Test,
    /// The link for a new password.
    Recovery,
    /// The link and the digits that confirm an address.
    EmailVerification,
    /// Another user has entered the address of this one.
    EmailTaken,
    /// A change of the account.
    Notice,
    /// The link and the digits that create an account.
    SignUp,
    /// The address of this user was entered for a new account.
    SignUpTaken,
    /// The link of an invitation.
    Invitation,
}

impl Kind {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A mail to queue.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// The user that it is about.
    pub user_id: Option<Id>,
    /// The address.
    pub recipient: String,
    /// What it says.
    pub kind: Kind,
    /// The BCP 47 tag of its language.
    pub language: String,
    /// The row that its link is about.
    pub link_id: Option<Id>,
    /// Seconds after which it is of no use any more.
    pub lifetime: i64,
}

/// Counts a mail that others can cause. `false` if the address got too many for this purpose. Each
/// has its own count, so that a stranger's sign-ups do not stop the owner's recovery.
pub fn admit(tx: &mut Tx<'_>, purpose: &str, recipient: &str) -> Result<bool, Fault> {
    Ok(throttle::attempt(tx, &Key::new(&format!("mail of {purpose}"), recipient), PER_ADDRESS)?.is_none())
}

/// Queues a mail, which is due at once.
pub fn queue(tx: &mut Tx<'_>, new: NewMail) -> Result<(), Fault> {
    let mail = Mail {
        id: Id::now_v7(),
        user_id: new.user_id,
        lane: new.recipient.rsplit('@').next().unwrap_or_default().to_lowercase(),
        recipient: new.recipient,
        kind: new.kind.as_str().to_owned(),
        language: new.language,
        link_id: new.link_id,
        created_at: tx.now,
        expires_at: tx.now + new.lifetime,
        attempts: 0,
        next_attempt_at: Some(tx.now),
        last_outcome: None,
        delivered_at: None,
    };
    on!(tx, |conn| diesel::insert_into(table).values(&mail).execute(conn))?;
    Ok(())
}

/// At most `limit` due mails, the longest overdue first, without those in the lanes of `except`.
pub fn list_due(tx: &mut Tx<'_>, limit: i64, except: &[String]) -> Result<Vec<Mail>, Fault> {
    // A time further ahead than the longest delay was set by a fast clock.
    let due = mails::next_attempt_at.le(tx.now).or(mails::next_attempt_at.gt(tx.now + LONGEST_DELAY));
    Ok(on!(tx, |conn| table
        .filter(due)
        .filter(mails::lane.ne_all(except))
        .order(mails::next_attempt_at)
        .limit(limit)
        .select(Mail::as_select())
        .load(conn))?)
}

/// The last `limit` mails, newest first.
pub fn list(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Mail>, Fault> {
    Ok(on!(tx, |conn| table.order(mails::id.desc()).limit(limit).select(Mail::as_select()).load(conn))?)
}

/// At most `limit` mails that were queued before the one with this id, newest first.
pub fn page(tx: &mut Tx<'_>, before: Option<Id>, limit: i64) -> Result<Vec<Mail>, Fault> {
    let Some(before) = before else { return list(tx, limit) };
    let older = table.filter(mails::id.lt(before)).order(mails::id.desc()).limit(limit);
    Ok(on!(tx, |conn| older.select(Mail::as_select()).load(conn))?)
}

/// At most `limit` dead mails that are still of use, the longest of use first, after the one with
/// this id.
pub fn page_of_dead(tx: &mut Tx<'_>, before: Option<Id>, limit: i64) -> Result<Vec<Mail>, Fault> {
    let undelivered = mails::delivered_at.is_null().and(mails::next_attempt_at.is_null());
    let dead = table.filter(undelivered.and(mails::expires_at.gt(tx.now)));
    let dead = dead.order((mails::expires_at.desc(), mails::id.desc())).limit(limit);
    let last = match before {
        Some(id) => find(tx, id)?,
        None => None,
    };
    Ok(match last {
        Some(Mail { id, expires_at, .. }) => {
            let earlier = mails::expires_at.lt(expires_at).or(mails::expires_at.eq(expires_at).and(mails::id.lt(id)));
            on!(tx, |conn| dead.filter(earlier).select(Mail::as_select()).load(conn))?
        }
        None => on!(tx, |conn| dead.select(Mail::as_select()).load(conn))?,
    })
}

/// The mail with this id.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<Mail>, Fault> {
    Ok(on!(tx, |conn| table.find(id).select(Mail::as_select()).first(conn).optional())?)
}

/// The number of dead mails that are still of use.
pub fn count_dead(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    let undelivered = mails::delivered_at.is_null().and(mails::next_attempt_at.is_null());
    let dead = table.filter(undelivered.and(mails::expires_at.gt(tx.now)));
    Ok(on!(tx, |conn| dead.count().get_result(conn))?)
}

/// Makes unfinished and dead mails due that are still of use: the one with this id, or all of them.
/// Returns their number.
pub fn retry(tx: &mut Tx<'_>, id: Option<Id>) -> Result<usize, Fault> {
    let now = tx.now;
    let undelivered = mails::delivered_at.is_null().and(mails::expires_at.gt(now));
    let due = (mails::attempts.eq(0), mails::next_attempt_at.eq(Some(now)));
    Ok(match id {
        Some(id) => {
            on!(tx, |conn| diesel::update(table.filter(undelivered.and(mails::id.eq(id)))).set(due).execute(conn))?
        }
        None => on!(tx, |conn| diesel::update(table.filter(undelivered)).set(due).execute(conn))?,
    })
}

/// Records that a server accepted it.
pub fn delivered(tx: &mut Tx<'_>, mail: &Mail, outcome: &str) -> Result<(), Fault> {
    let now = tx.now;
    on!(tx, |conn| diesel::update(table.find(mail.id))
        .set((
            mails::attempts.eq(mail.attempts + 1),
            mails::next_attempt_at.eq(None::<i64>),
            mails::last_outcome.eq(outcome),
            mails::delivered_at.eq(now),
        ))
        .execute(conn))?;
    Ok(())
}

/// Records a failed attempt. Returns the time of the next one. `None` if the mail is dead: the
/// failure is permanent, it was the last attempt, or the mail expires before the next one.
pub fn failed(tx: &mut Tx<'_>, mail: &Mail, outcome: &str, is_permanent: bool) -> Result<Option<i64>, Fault> {
    let delay = usize::try_from(mail.attempts).ok().and_then(|attempts| DELAYS.get(attempts));
    let next = delay.map(|delay| tx.now + delay).filter(|next| !is_permanent && *next < mail.expires_at);
    on!(tx, |conn| diesel::update(table.find(mail.id))
        .set((mails::attempts.eq(mail.attempts + 1), mails::next_attempt_at.eq(next), mails::last_outcome.eq(outcome),))
        .execute(conn))?;
    Ok(next)
}

/// Deletes at most `batch` mails that are more than thirty days old.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = mails::created_at.le(tx.now - MEMORY).and(mails::expires_at.le(tx.now));
    delete_batch!(tx, batch, table, mails::id, Id, expired)
}
