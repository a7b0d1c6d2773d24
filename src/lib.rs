//! Writ, an OAuth 2.x / OpenID Connect authorization server with consent that users understand.
//!
//! A module uses only modules on lower levels. Modules on the same level never use each other; they
//! communicate through URLs and the store. `tests/house.rs` checks this order.
//!
//! | level | modules |
//! |---|---|
//! | 13 | [`demo`]: a shop and a messenger that use the server over HTTP |
//! | 12 | [`serve`]: a listening node |
//! | 11 | [`app`]: the route table |
//! | 10 | [`endpoints`]: for clients · [`pages`]: for users · [`tasks`]: in the background |
//! | 9 | [`administration`] · [`tokens`] · [`sessions`] · [`requests`] · [`consent`] |
//! | 9 | [`doctor`]: what is wrong |
//! | 8 | [`server`]: what every endpoint and page uses |
//! | 7 | [`clients`]: lookup and authentication · [`mail`]: mails to users |
//! | 7 | [`acme`]: the certificate from an authority |
//! | 7 | [`upstream`]: signing in with another provider · [`breached`]: passwords in leaks |
//! | 6 | [`snapshot`]: keys, scopes and origins in memory · [`backup`]: copies of the database |
//! | 5 | [`keys`]: signing keys · [`scopes`]: resource servers and scopes · [`web`]: HTTP helpers |
//! | 4 | [`store`]: the database |
//! | 3 | [`logging`] · [`tls`] · [`fetch`]: outgoing requests |
//! | 2 | [`config`]: the operator's settings · [`password`]: hashing and strength |
//! | 1 | [`fault`] · [`secret`] · [`clock`] |
//! | 0 | [`metrics`]: what the process has counted · [`telemetry`]: spans for a collector |
//!
//! The rules of OAuth are in [`writ_core`], a crate without I/O. `docs/architecture.md` follows one
//! authorization code through these modules.

pub mod acme;
pub mod administration;
pub mod app;
pub mod backup;
pub mod breached;
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
pub mod metrics;
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
pub mod telemetry;
pub mod tls;
pub mod tokens;
pub mod upstream;
pub mod web;
