//! Deliveries from a durable queue: one node at a time, with a few concurrent ones per recipient,
//! so that an unresponsive recipient does not delay others.

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    sync::Arc,
};

use tokio::task::{JoinError, JoinSet};

use crate::{
    fault::Fault,
    server::Server,
    store::{Id, Tx},
};

/// Maximum number of concurrent deliveries, per lane and in total.
const LANE: usize = 4;
const LANES: usize = 64;

/// A row of a queue.
pub(super) trait Delivery: Clone + Send + 'static {
    /// The name of the lease.
    const LEASE: &'static str;

    /// Its id.
    fn id(&self) -> Id;

    /// The recipient.
    fn lane(&self) -> &str;

    /// At most `limit` due deliveries, without those in the lanes of `except`.
    fn list_due(tx: &mut Tx<'_>, limit: i64, except: &[String]) -> Result<Vec<Self>, Fault>;

    /// Makes an attempt and records its result.
    fn deliver(self, server: Arc<Server>) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// The running deliveries.
struct Lanes<D> {
    calls: JoinSet<(D, Result<(), Fault>)>,
    ids: HashSet<Id>,
    of_lane: HashMap<String, usize>,
}

/// Runs until aborted. The lease lasts `lease_seconds`, longer than a delivery.
pub(super) async fn run<D: Delivery>(server: Arc<Server>, lease_seconds: i64) {
    let mut interval = super::interval(1000);
    let mut lanes = Lanes::<D>::new();
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            Some(ended) = lanes.calls.join_next() => if !lanes.leave(ended) { continue },
        }
        if let Err(fault) = lanes.fill(&server, lease_seconds).await {
            tracing::error!(%fault, queue = D::LEASE, "nothing could be delivered");
        }
    }
}

impl<D: Delivery> Lanes<D> {
    fn new() -> Self {
        Self { calls: JoinSet::new(), ids: HashSet::new(), of_lane: HashMap::new() }
    }

    /// Starts the due deliveries within the limits, if this node has the lease.
    async fn fill(&mut self, server: &Arc<Server>, lease_seconds: i64) -> Result<(), Fault> {
        // The check is a read. The lease, a write, is only taken if there is work.
        let mut due = self.list_due(server).await?;
        if due.is_empty() || !super::take_lease(server, D::LEASE, lease_seconds).await? {
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

    /// Due deliveries in lanes below their limit, without the running ones.
    async fn list_due(&self, server: &Server) -> Result<Vec<D>, Fault> {
        let full = self.of_lane.iter().filter(|(_, calls)| **calls == LANE).map(|(lane, _)| lane.clone());
        let full: Vec<String> = full.collect();
        let limit = i64::try_from(2 * LANES).unwrap_or(i64::MAX);
        let due = server.store.read(move |tx| D::list_due(tx, limit, &full)).await?;
        Ok(due.into_iter().filter(|delivery| !self.ids.contains(&delivery.id())).collect())
    }

    fn begin(&mut self, server: &Arc<Server>, delivery: D) {
        let calls = self.of_lane.entry(delivery.lane().to_owned()).or_default();
        if *calls == LANE || self.calls.len() == LANES || !self.ids.insert(delivery.id()) {
            return;
        }
        *calls += 1;
        let server = Arc::clone(server);
        self.calls.spawn(async move {
            let outcome = delivery.clone().deliver(server).await;
            (delivery, outcome)
        });
    }

    /// Removes a finished delivery. `false` after a fault, which the next tick retries.
    fn leave(&mut self, ended: Result<(D, Result<(), Fault>), JoinError>) -> bool {
        match ended {
            Ok((delivery, outcome)) => {
                self.ids.remove(&delivery.id());
                if let Some(calls) = self.of_lane.get_mut(delivery.lane()) {
                    *calls -= 1;
                }
                self.of_lane.retain(|_, calls| *calls > 0);
                if let Err(fault) = &outcome {
                    tracing::error!(%fault, queue = D::LEASE, "a delivery could not be recorded");
                }
                outcome.is_ok()
            }
            // It is unknown which delivery failed, so the state is reset.
            Err(error) => {
                tracing::error!(%error, queue = D::LEASE, "a delivery panicked");
                *self = Self::new();
                false
            }
        }
    }
}
