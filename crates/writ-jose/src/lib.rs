//! Strict parsers that the Writ server and its verifier share, so that both interpret the same
//! bytes in the same way.
//!
//! This crate does no I/O and reads no clock.

pub mod bearer;
pub mod freshness;
pub mod json;
mod jwk;
mod jws;

pub use jwk::{Algorithm, PublicKey};
pub use jws::CompactJws;
