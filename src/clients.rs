//! Who calls.

pub mod authenticate;

pub use authenticate::{AuthenticatedClient, Caller};
