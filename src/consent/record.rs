//! Records a decision, in the unit of work that browser and device share.

use writ_core::{consent::Decision, scopes::ScopeIds};

use crate::{
    fault::Fault,
    metrics::METRICS,
    store::{
        Id, Store, Tx, connections,
        decisions::{self, ShownConsent},
        device_requests::{self, Answer},
        requests, security_events,
        sessions::{self, Session},
    },
};

/// The request that the decision is about.
#[derive(Debug, Clone, Copy)]
pub enum ConsentSource {
    /// The id of a pending authorization request.
    Browser(Id),
    /// The id of a device authorization request (RFC 8628).
    Device(Id),
}

/// A decision and what is stored with it.
#[derive(Debug, Clone)]
pub struct ConsentRecord {
    /// The request.
    pub source: ConsentSource,
    /// The session in which the user decided.
    pub session: Session,
    /// The client.
    pub client_id: String,
    /// The decision.
    pub decision: Decision,
    /// What the page showed.
    pub shown: ShownConsent,
    /// The user's network: an IPv4 address or IPv6 /64.
    pub network: String,
}

/// Records a decision. `false` if the request no longer exists, was decided concurrently, or the
/// session has ended.
///
/// # Errors
/// [`Fault::Database`] or [`Fault::Busy`].
pub async fn record(store: &Store, record: ConsentRecord) -> Result<bool, Fault> {
    let outcome = name(&record.decision);
    let recorded = store.write(move |tx| apply(tx, record)).await?;
    if recorded {
        METRICS.consents.add([outcome]);
    }
    Ok(recorded)
}

/// The decision, for those who count.
fn name(decision: &Decision) -> &'static str {
    match &decision.ticked {
        ticked if ticked.is_empty() => "denied",
        ticked if *ticked == decision.requested => "allowed",
        _ => "narrowed",
    }
}

fn apply(tx: &mut Tx<'_>, record: ConsentRecord) -> Result<bool, Fault> {
    let ConsentRecord { source, session, client_id, decision, shown, network } = record;
    // What ends every session of the user ends what was allowed and not fetched, too.
    if !sessions::lock(tx, session.id)? {
        return Ok(false);
    }
    let (user_id, duration) = (session.user_id, decision.duration);
    let granted = decision.ticked.clone();
    let scope_ids = ScopeIds::of(&granted, &decision.disclosed);
    let first = match source {
        ConsentSource::Browser(request_id) => {
            requests::decide(tx, request_id, session.id, (&granted, &scope_ids), duration)?
        }
        ConsentSource::Device(request_id) => {
            let evidence = session.evidence();
            let answer = Answer {
                user_id,
                session_id: session.sid,
                auth_time: evidence.auth_time().unwrap_or(session.auth_time),
                evidence,
                granted: granted.clone(),
                scope_ids,
                duration,
            };
            device_requests::answer(tx, request_id, &answer)?
        }
    };
    if !first {
        return Ok(false);
    }
    decisions::insert(tx, user_id, &client_id, &shown, &network)?;
    let refused = decision.requested.filter(|scope| !granted.contains(scope));
    security_events::record_decision(tx, user_id, &client_id, &network, (&granted, &refused))?;
    // A decision about one device is not remembered for the app elsewhere.
    if let ConsentSource::Browser(_) = source {
        connections::remember(tx, user_id, &client_id, decision)?;
    }
    Ok(true)
}
