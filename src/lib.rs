//! Writ, an OAuth 2.x / OpenID Connect authorization server.

pub mod app;
pub mod catalogue;
pub mod clients;
pub mod clock;
pub mod config;
pub mod demo;
pub mod endpoints;
pub mod keys;
pub mod logging;
pub mod pages;
pub mod password;
pub mod protocol;
pub mod requests;
pub mod secret;
pub mod serve;
pub mod server;
pub mod sessions;
pub mod store;
pub mod tasks;
pub mod tls;
pub mod tokens;
pub mod web;
