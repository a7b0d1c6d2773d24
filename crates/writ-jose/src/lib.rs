//! Strict parsers that the Writ server and its verifier share, so that both read the same bytes alike.
//!
//! Nothing here does I/O or reads a clock.

pub mod bearer;
pub mod freshness;
pub mod json;
mod jwk;
mod jws;

pub use jwk::{Algorithm, PublicKey};
pub use jws::CompactJws;
