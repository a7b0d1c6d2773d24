//! Writ, an OAuth 2.x / OpenID Connect authorization server.

pub mod clock;
pub mod config;
pub mod demo;
pub mod keys;
pub mod pages;
pub mod password;
pub mod protocol;
pub mod secret;
pub mod store;
pub mod web;
