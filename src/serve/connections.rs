//! The number of open connections, in total and per network of the client.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{config::Settings, web::client_address::networks};

/// Maximum number of connections per worker, whatever the limit of open files.
const MAX_PER_WORKER: usize = 25_000;
/// Maximum number of connections for the challenges of an authority over plain http.
pub(super) const PLAIN_HTTP: usize = 1024;
/// Open files that are neither client connections nor connections to PostgreSQL.
const OTHER_FILES: usize = 256;
/// Refused connections are logged at most once in this time.
const LOG_PAUSE: Duration = Duration::from_secs(60);

/// Counts open connections by network.
pub(super) struct Connections {
    /// Maximum number per IPv4 address or IPv6 /64. Wider networks have a multiple.
    per_network: usize,
    /// Maximum number of any network, so that one alone cannot use up all.
    share: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: HashMap<String, usize>,
    logged: Option<Instant>,
}

/// An open connection. Dropping it frees its place.
#[must_use]
pub(super) struct Permit {
    connections: Arc<Connections>,
    networks: Vec<String>,
}

impl Connections {
    /// `total` is the maximum number of all connections.
    pub(super) fn new(per_network: usize, total: usize) -> Self {
        Self { per_network, share: (total / 2).max(1), state: Mutex::default() }
    }

    /// Counts a connection from `address`, unless one of its networks has too many.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Permit> {
        let networks = networks(address);
        let mut state = self.state();
        let full = networks.iter().find(|(network, factor)| {
            let factor = usize::try_from(*factor).unwrap_or(1);
            let limit = self.per_network.saturating_mul(factor).min(self.share);
            state.open.get(network).is_some_and(|open| *open >= limit)
        });
        if let Some((network, _)) = full {
            if state.logged.is_none_or(|at| at.elapsed() > LOG_PAUSE) {
                state.logged = Some(Instant::now());
                tracing::warn!(network, "too many connections from one network: further ones are closed");
            }
            return None;
        }
        let networks: Vec<String> = networks.into_iter().map(|(network, _)| network).collect();
        for network in &networks {
            *state.open.entry(network.clone()).or_default() += 1;
        }
        Some(Permit { connections: Arc::clone(self), networks })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.connections.state();
        for network in &self.networks {
            if let Some(open) = state.open.get_mut(network) {
                *open -= 1;
                if *open == 0 {
                    state.open.remove(network);
                }
            }
        }
    }
}

/// Raises the limit of open files to the maximum and returns the share of a worker.
pub(super) fn max_per_worker(settings: &Settings, workers: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    let database = usize::try_from(settings.database.connections()).unwrap_or(usize::MAX);
    let plain_http = if settings.acme.http_listen.is_some() { PLAIN_HTTP } else { 0 };
    (files.saturating_sub(OTHER_FILES.saturating_add(database).saturating_add(plain_http)) / workers)
        .clamp(1, MAX_PER_WORKER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(connections: &Arc<Connections>, addresses: impl Iterator<Item = String>) -> Vec<Permit> {
        addresses.filter_map(|address| connections.admit(address.parse().expect("an address"))).collect()
    }

    #[test]
    fn connections_of_one_network_are_limited_and_others_are_not() {
        let connections = Arc::new(Connections::new(3, 1000));
        let mut open = admitted(&connections, (0..10).map(|_| "192.0.2.1".to_owned()));
        assert_eq!(open.len(), 3);
        assert!(connections.admit("192.0.2.2".parse().expect("an address")).is_some());
        // A closed connection frees its place.
        open.pop();
        assert_eq!(admitted(&connections, (0..10).map(|_| "192.0.2.1".to_owned())).len(), 1);
        drop(open);
        assert!(connections.state().open.is_empty());
    }

    #[test]
    fn wider_network_has_a_multiple_but_never_more_than_half() {
        let connections = Arc::new(Connections::new(3, 1000));
        assert_eq!(admitted(&connections, (0..100).map(|host| format!("192.0.2.{host}"))).len(), 24);
        // Every address of a /64 is one client.
        assert_eq!(admitted(&connections, (0..100).map(|host| format!("2001:db8::{host:x}"))).len(), 3);
        let connections = Arc::new(Connections::new(1000, 10));
        assert_eq!(admitted(&connections, (0..100).map(|_| "192.0.2.1".to_owned())).len(), 5);
    }
}
