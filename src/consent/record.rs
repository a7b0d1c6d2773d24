//! A decision, written down: the one unit of work of browser and device.

use writ_core::consent::Decision;

use crate::{
    fault::Fault,
    store::{
        Id, Store, Tx, connections,
        decisions::{self, ShownConsent},
        device_requests::{self, Answer},
        requests,
        security_events::{self, Kind},
    },
};

/// What was decided about.
#[derive(Debug, Clone)]
pub enum ConsentSource {
    /// An authorization request that waits in a browser.
    Browser {
        /// The pending request.
        request_id: Id,
        /// The session in which the user decided.
        session_id: Id,
    },
    /// A device (RFC 8628).
    Device {
        /// The device's request.
        request_id: Id,
        /// The `sid` of the session in which the user decided.
        session_id: Id,
        /// When the user had signed in, in seconds since the epoch.
        auth_time: i64,
    },
}

/// A decision with everything that is kept of it.
#[derive(Debug, Clone)]
pub struct ConsentRecord {
    /// What was decided about.
    pub source: ConsentSource,
    /// Who decided.
    pub user_id: Id,
    /// About which client.
    pub client_id: String,
    /// What was decided.
    pub decision: Decision,
    /// What the page said.
    pub shown: ShownConsent,
    /// Where the user sits: an IPv4 address or IPv6 /64.
    pub network: String,
}

/// Records a decision: false if the request is gone, or was decided meanwhile.
///
/// # Errors
/// [`Fault::Database`], [`Fault::Busy`].
pub async fn record(store: &Store, record: ConsentRecord) -> Result<bool, Fault> {
    store.write(move |tx| apply(tx, record)).await
}

fn apply(tx: &mut Tx<'_>, record: ConsentRecord) -> Result<bool, Fault> {
    let ConsentRecord { source, user_id, client_id, decision, shown, network } = record;
    let (granted, duration) = (decision.ticked.clone(), decision.duration);
    let first = match &source {
        ConsentSource::Browser { request_id, session_id } => {
            requests::decide(tx, *request_id, *session_id, &granted.to_string(), duration.as_str())?
        }
        ConsentSource::Device { request_id, session_id, auth_time } => {
            let answer =
                Answer { user_id, session_id: *session_id, auth_time: *auth_time, granted: granted.clone(), duration };
            device_requests::answer(tx, *request_id, &answer)?
        }
    };
    if !first {
        return Ok(false);
    }
    decisions::insert(tx, user_id, &client_id, &shown, &network)?;
    let kind = if granted.is_empty() { Kind::AppDenied } else { Kind::AppAllowed };
    security_events::record(tx, user_id, kind, Some(&client_id), &network)?;
    // What is allowed on one device says nothing about the app elsewhere.
    if matches!(source, ConsentSource::Browser { .. }) {
        connections::remember(tx, user_id, &client_id, decision)?;
    }
    Ok(true)
}
