//! Divides the password queue: a network has a limited share, and unknown browsers cannot fill it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// A network or user may use at most a quarter of the queue.
const LANES: usize = 4;

/// The used places in the queue, by lane.
#[derive(Clone)]
pub(super) struct Shares {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    of_lane: usize,
    of_strangers: usize,
}

/// A place in the queue, which is freed on drop.
pub(super) struct Place {
    shares: Shares,
    lane: String,
}

impl Shares {
    /// The shares of a queue for `queue` passwords.
    pub(super) fn new(queue: usize) -> Self {
        let of_lane = queue.div_ceil(LANES);
        // The remaining places are for browsers at which the user has signed in before.
        Self { taken: Arc::default(), of_lane, of_strangers: (queue - queue / LANES).max(1) }
    }

    /// Takes a place for this lane. `None` if its share is used up.
    pub(super) fn take(&self, lane: &str) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_lane = taken.get(lane).copied().unwrap_or(0);
        if of_lane >= self.of_lane || taken.values().sum::<usize>() >= self.of_strangers {
            return None;
        }
        taken.insert(lane.to_owned(), of_lane + 1);
        Some(Place { shares: self.clone(), lane: lane.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.lane) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lane_is_limited_to_its_share_and_unknown_browsers_leave_room() {
        let shares = Shares::new(64);
        let flood: Vec<_> = (0..100).filter_map(|_| shares.take("2001:db8:1::/48")).collect();
        assert_eq!(flood.len(), 16);
        let bystander = shares.take("192.0.2.0/24");
        assert!(bystander.is_some());
        let botnet: Vec<_> = (0..100).filter_map(|number| shares.take(&number.to_string())).collect();
        assert_eq!(flood.len() + 1 + botnet.len(), 48);
        drop(flood);
        assert!(shares.take("2001:db8:1::/48").is_some());
        assert!(Shares::new(1).take("a").is_some());
    }
}
