//! Who calls.

mod assertion;
pub mod authenticate;
pub mod sector;

pub use authenticate::{AuthenticatedClient, Caller};
