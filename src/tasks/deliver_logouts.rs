//! Delivers logout tokens (OpenID Connect Back-Channel Logout §2.5) from the durable queue. One
//! node delivers at a time, with a few concurrent requests per client, so that an unresponsive
//! client does not delay others.
//!
//! If a node fails between a response and its record, the token is delivered twice with the same
//! `jti`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    fault::Fault,
    server::Server,
    store::{
        Id,
        logout_deliveries::{self, LogoutDelivery},
    },
    tokens::logout_token,
};

const LEASE: &str = "deliver_logouts";
/// Duration of the lease in seconds, which exceeds that of a request (five seconds).
const LEASE_SECONDS: i64 = 60;
/// Maximum number of concurrent deliveries, per client and in total.
const LANE: usize = 4;
const LANES: usize = 64;

/// The running deliveries.
#[derive(Default)]
struct Lanes {
    calls: JoinSet<(LogoutDelivery, Result<(), Fault>)>,
    ids: HashSet<Id>,
    of_client: HashMap<String, usize>,
}

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut interval = super::interval(1000);
    let mut lanes = Lanes::default();
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            Some(ended) = lanes.calls.join_next() => if !lanes.leave(ended) { continue },
        }
        if let Err(fault) = lanes.fill(&server).await {
            tracing::error!(%fault, "logouts could not be delivered");
        }
    }
}

impl Lanes {
    /// Starts the due deliveries within the limits, if this node has the lease.
    async fn fill(&mut self, server: &Arc<Server>) -> Result<(), Fault> {
        // The check is a read. The lease, a write, is only taken if there is work.
        let mut due = self.list_due(server).await?;
        if due.is_empty() || !super::take_lease(server, LEASE, LEASE_SECONDS).await? {
            return Ok(());
        }
        loop {
            let before = self.calls.len();
            for delivery in due {
                self.begin(server, delivery);
            }
            if self.calls.len() == before || self.calls.len() == LANES {
                return Ok(());
            }
            due = self.list_due(server).await?;
        }
    }

    /// Due deliveries of clients below their limit, without the running ones.
    async fn list_due(&self, server: &Server) -> Result<Vec<LogoutDelivery>, Fault> {
        let full = self.of_client.iter().filter(|(_, calls)| **calls == LANE).map(|(client, _)| client.clone());
        let full: Vec<String> = full.collect();
        let limit = i64::try_from(2 * LANES).unwrap_or(i64::MAX);
        let due = server.store.read(move |tx| logout_deliveries::list_due(tx, limit, &full)).await?;
        Ok(due.into_iter().filter(|delivery| !self.ids.contains(&delivery.id)).collect())
    }

    fn begin(&mut self, server: &Arc<Server>, delivery: LogoutDelivery) {
        let calls = self.of_client.entry(delivery.client_id.clone()).or_default();
        if *calls == LANE || self.calls.len() == LANES || !self.ids.insert(delivery.id) {
            return;
        }
        *calls += 1;
        let server = Arc::clone(server);
        self.calls.spawn(async move {
            let outcome = deliver(&server, delivery.clone()).await;
            (delivery, outcome)
        });
    }

    /// Removes a finished delivery. `false` after a fault, which the next tick retries.
    fn leave(&mut self, ended: Result<(LogoutDelivery, Result<(), Fault>), tokio::task::JoinError>) -> bool {
        match ended {
            Ok((delivery, outcome)) => {
                self.ids.remove(&delivery.id);
                if let Some(calls) = self.of_client.get_mut(&delivery.client_id) {
                    *calls -= 1;
                }
                self.of_client.retain(|_, calls| *calls > 0);
                if let Err(fault) = &outcome {
                    tracing::error!(%fault, "a logout could not be delivered");
                }
                outcome.is_ok()
            }
            // It is unknown which delivery failed, so the state is reset.
            Err(error) => {
                tracing::error!(%error, "a delivery panicked");
                *self = Self::default();
                false
            }
        }
    }
}

async fn deliver(server: &Server, delivery: LogoutDelivery) -> Result<(), Fault> {
    let Some(client) = server.clients.find(&delivery.client_id).await? else { return Ok(()) };
    let answer = match &client.metadata.backchannel_logout_uri {
        None => Err("the client no longer has a backchannel_logout_uri".to_owned()),
        Some(uri) => {
            let token = logout_token::sign(server, &client, &delivery)?;
            let answer = server.fetcher.post_form(uri.as_str(), &[("logout_token", &token)]).await;
            answer.map_err(|error| error.to_string())
        }
    };
    let outcome = match &answer {
        Ok(status) => format!("HTTP {}", status.as_u16()),
        Err(reason) => reason.clone(),
    };
    let taken = matches!(answer, Ok(StatusCode::OK | StatusCode::NO_CONTENT));
    let next_attempt_at = server
        .store
        .write({
            let (delivery, outcome) = (delivery.clone(), outcome.clone());
            move |tx| match taken {
                true => logout_deliveries::succeeded(tx, &delivery, &outcome).map(|()| None),
                false => logout_deliveries::failed(tx, &delivery, &outcome),
            }
        })
        .await?;
    let client = delivery.client_id;
    tracing::info!(client, delivery = %delivery.id, outcome, taken, next_attempt_at, "logout delivery");
    Ok(())
}
