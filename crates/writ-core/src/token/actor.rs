//! The actor claim of a delegated token
//! ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)).

use serde::{Deserialize, Serialize};

/// The acting client. "A chain of delegation can be expressed by nesting one `act` claim within
/// another", with the current actor outermost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The `client_id`.
    pub sub: String,
    /// The prior actor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    /// The first actor of a chain.
    pub fn first(sub: &str) -> Self {
        Self { sub: sub.to_owned(), act: None }
    }

    /// The actors, the current one first.
    pub fn chain(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self), |actor| actor.act.as_deref()).map(|actor| actor.sub.as_str())
    }
}
