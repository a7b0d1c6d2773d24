//! The endpoints for clients, named after the keys of the metadata document.

pub mod acme_challenge;
pub mod admin;
pub mod authorization;
pub mod device_authorization;
pub mod end_session;
pub mod health;
pub mod introspection;
pub mod jwks;
pub mod metadata;
pub mod pushed_authorization;
pub mod registration;
pub mod revocation;
pub mod token;
pub mod upstream_logout;
pub mod userinfo;
pub mod webauthn;
