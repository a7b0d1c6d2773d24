//! Changes of the queue of mails.

use serde_json::json;

use super::{Actor, Change, audit, version_of};
use crate::{
    fault::Fault,
    store::{
        Id, Tx,
        mails::{self, Mail},
    },
};

/// Makes mails due that were not delivered and are still of use: the one with this id, or all of
/// them. Returns their number.
pub fn retry(tx: &mut Tx<'_>, actor: &Actor, id: Option<Id>) -> Result<usize, Fault> {
    let count = mails::retry(tx, id)?;
    if count > 0 {
        let target = id.map(|id| id.to_string()).unwrap_or_default();
        audit::record(tx, actor, "mail.retry", target, Change::creation(json!({ "mails": count })))?;
    }
    Ok(count)
}

/// The version of a mail: its attempts so far.
pub fn version(mail: &Mail) -> String {
    version_of(&(mail.id, mail.attempts, mail.next_attempt_at, mail.delivered_at))
}
