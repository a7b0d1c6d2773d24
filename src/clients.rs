//! Who calls.

mod assertion;
pub mod authenticate;

pub use authenticate::{AuthenticatedClient, Caller};
