//! Records a decision, in the unit of work that browser and device share.

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

/// The request that the decision is about.
#[derive(Debug, Clone)]
pub enum ConsentSource {
    /// A pending authorization request.
    Browser {
        /// The id of the request.
        request_id: Id,
        /// The session in which the user decided.
        session_id: Id,
    },
    /// A device authorization request (RFC 8628).
    Device {
        /// The id of the request.
        request_id: Id,
        /// The `sid` of the session in which the user decided.
        session_id: Id,
        /// When the user authenticated, in seconds since the epoch.
        auth_time: i64,
    },
}

/// A decision and what is stored with it.
#[derive(Debug, Clone)]
pub struct ConsentRecord {
    /// The request.
    pub source: ConsentSource,
    /// The user who decided.
    pub user_id: Id,
    /// The client.
    pub client_id: String,
    /// The decision.
    pub decision: Decision,
    /// What the page showed.
    pub shown: ShownConsent,
    /// The user's network: an IPv4 address or IPv6 /64.
    pub network: String,
}

/// Records a decision. `false` if the request no longer exists or was decided concurrently.
///
/// # Errors
/// [`Fault::Database`] or [`Fault::Busy`].
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
    // A decision about one device is not remembered for the app elsewhere.
    if matches!(source, ConsentSource::Browser { .. }) {
        connections::remember(tx, user_id, &client_id, decision)?;
    }
    Ok(true)
}
