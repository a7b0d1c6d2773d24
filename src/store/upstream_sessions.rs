//! The sign-in at another provider with which a session began.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Fault, Id, Tx, on,
    schema::upstream_sessions::{self, table},
};

/// The session of a user at another provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamSession {
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// The `sub` of the user there.
    pub subject: String,
    /// The `sid` of the session there, if disclosed.
    pub sid: Option<String>,
}

/// Records how a session began.
pub fn insert(tx: &mut Tx<'_>, session_id: Id, upstream: &UpstreamSession) -> Result<(), Fault> {
    let row = (
        upstream_sessions::session_id.eq(session_id),
        upstream_sessions::issuer.eq(&upstream.issuer),
        upstream_sessions::subject.eq(&upstream.subject),
        upstream_sessions::sid.eq(&upstream.sid),
    );
    on!(tx, |conn| diesel::insert_into(table).values(row).execute(conn))?;
    Ok(())
}

/// How a session began. `None` if it was not with another provider.
pub fn find(tx: &mut Tx<'_>, session_id: Id) -> Result<Option<UpstreamSession>, Fault> {
    let columns = (upstream_sessions::issuer, upstream_sessions::subject, upstream_sessions::sid);
    let found: Option<(String, String, Option<String>)> =
        on!(tx, |conn| table.find(session_id).select(columns).first(conn).optional())?;
    Ok(found.map(|(issuer, subject, sid)| UpstreamSession { issuer, subject, sid }))
}

/// The sessions that began with a session there, or with every one of a user. `None` stands for any
/// subject or session, but not both.
pub fn list_ended(tx: &mut Tx<'_>, issuer: &str, subject: Option<&str>, sid: Option<&str>) -> Result<Vec<Id>, Fault> {
    let of_issuer = || table.filter(upstream_sessions::issuer.eq(issuer)).select(upstream_sessions::session_id);
    let of_subject = || upstream_sessions::subject.eq(subject.unwrap_or_default());
    let of_sid = || upstream_sessions::sid.eq(sid);
    Ok(match (subject, sid) {
        // Sessions of the user that the provider did not name are included.
        (Some(_), Some(_)) => {
            let unnamed = of_issuer().filter(of_subject()).filter(upstream_sessions::sid.is_null());
            let named = of_issuer().filter(of_subject()).filter(of_sid());
            let mut found: Vec<Id> = on!(tx, |conn| unnamed.load(conn))?;
            found.extend(on!(tx, |conn| named.load::<Id>(conn))?);
            found
        }
        (None, Some(_)) => on!(tx, |conn| of_issuer().filter(of_sid()).load(conn))?,
        (Some(_), None) => on!(tx, |conn| of_issuer().filter(of_subject()).load(conn))?,
        (None, None) => Vec::new(),
    })
}

/// The sessions that began with a subject.
pub fn list(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Vec<Id>, Fault> {
    let of_subject = upstream_sessions::issuer.eq(issuer).and(upstream_sessions::subject.eq(subject));
    Ok(on!(tx, |conn| table.filter(of_subject).select(upstream_sessions::session_id).load(conn))?)
}
