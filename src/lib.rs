//! Writ, an OAuth 2.x / OpenID Connect authorization server.

pub mod demo;

pub mod protocol;
