//! Clients: lookup, authentication and registration.

mod assertion;
pub mod authenticate;
mod directory;
mod identity_provider;
mod keys;
mod metadata_document;
pub mod registration_policy;
pub mod sector;
mod used_secrets;

pub use authenticate::{AuthenticatedClient, Caller};
pub use directory::{Clients, MOST_USERS};
pub use keys::NotVerified;
