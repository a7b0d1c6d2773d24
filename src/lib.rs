//! Writ, an OAuth 2.x / OpenID Connect authorization server.

pub mod config;
pub mod logging;
pub mod protocol;
