//! Clients: how they authenticate, and what may be registered about them.

pub mod assertion;
pub mod credentials;
pub mod look_alike;
mod metadata;
pub mod metadata_document;
pub mod registration;
