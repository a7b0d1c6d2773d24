//! When the grants of a user to a client are counted. To count them for each grant would double the
//! cost of issuing it.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU8, Ordering},
};

use crate::store::Id;

/// One grant in sixteen is counted, so that each node adds at most fifteen beyond the bounds.
const EVERY: u8 = 16;
/// Users and clients share turns, which then come sooner.
const TURNS: usize = 4096;

/// The turns of this node.
#[derive(Debug)]
pub struct GrantTurns {
    turns: Box<[AtomicU8]>,
    hasher: RandomState,
}

impl Default for GrantTurns {
    fn default() -> Self {
        Self { turns: (0..TURNS).map(|_| AtomicU8::new(0)).collect(), hasher: RandomState::new() }
    }
}

impl GrantTurns {
    /// Whether the next grant of this user to this client is to be counted.
    pub fn count_next(&self, user_id: Id, client_id: &str) -> bool {
        let turn = self.hasher.hash_one((user_id.0, client_id)) as usize % TURNS;
        // It wraps to a multiple.
        self.turns[turn].fetch_add(1, Ordering::Relaxed) % EVERY == EVERY - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_counted_in_turn() {
        let (turns, user_id) = (GrantTurns::default(), Id::now_v7());
        for round in 0..100 {
            let counted = (0..EVERY).filter(|_| turns.count_next(user_id, "shop")).count();
            assert_eq!(counted, 1, "{round}");
        }
    }
}
