//! Writ, an OAuth 2.x / OpenID Connect authorization server with consent that users understand.
//!
//! A module uses only modules on lower levels. Modules on the same level never use each other; they
//! communicate through URLs and the store. `tests/house.rs` checks this order.
//!
//! | level | modules |
//! |---|---|
//! | 12 | [`demo`]: a shop and a messenger that use the server over HTTP |
//! | 11 | [`serve`]: a listening node |
//! | 10 | [`app`]: the route table |
//! | 9 | [`endpoints`]: for clients · [`pages`]: for users · [`tasks`]: in the background |
//! | 8 | [`administration`] · [`doctor`] · [`tokens`] · [`sessions`] · [`requests`] · [`consent`] |
//! | 7 | [`server`]: what every endpoint and page uses |
//! | 6 | [`clients`]: lookup and authentication · [`mail`]: mails to users |
//! | 5 | [`snapshot`]: keys, scopes and origins in memory |
//! | 4 | [`keys`]: signing keys · [`scopes`]: resource servers and scopes · [`web`]: HTTP helpers |
//! | 3 | [`store`]: the database |
//! | 2 | [`logging`] · [`tls`] · [`fetch`]: outgoing requests |
//! | 1 | [`config`]: the operator's settings · [`password`]: hashing and strength |
//! | 0 | [`fault`] · [`secret`] · [`clock`] |
//!
//! The rules of OAuth are in [`writ_core`], a crate without I/O. `docs/architecture.md` follows one
//! authorization code through these modules.

pub mod administration;
pub mod app;
pub mod clients;
pub mod clock;
pub mod config;
pub mod consent;
pub mod demo;
pub mod doctor;
pub mod endpoints;
pub mod fault;
pub mod fetch;
pub mod keys;
pub mod logging;
pub mod mail;
pub mod pages;
pub mod password;
pub mod requests;
pub mod scopes;
pub mod secret;
pub mod serve;
pub mod server;
pub mod sessions;
pub mod snapshot;
pub mod store;
pub mod tasks;
pub mod tls;
pub mod tokens;
pub mod web;
