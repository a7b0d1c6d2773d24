//! Clients: how they authenticate, and which metadata may be registered.

pub mod assertion;
pub mod credentials;
pub mod look_alike;
mod metadata;
pub mod metadata_document;
pub mod registration;
pub mod state;
