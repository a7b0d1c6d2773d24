//! Clients: lookup, authentication and registration.

mod assertion;
pub mod authenticate;
mod directory;
mod identity_provider;
mod keys;
mod metadata_document;
pub mod registration_policy;
pub mod sector;

pub use authenticate::{AuthenticatedClient, Caller};
pub use directory::Clients;
pub use keys::NotVerified;
