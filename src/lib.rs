//! Writ, an OAuth 2.x / OpenID Connect authorization server whose consent people understand.
//!
//! The discovery document is the table of contents of this crate: whoever knows RFC 8414 knows where everything stands.
//! A room uses only the floors below its own, and rooms on one floor never use each other: they meet through addresses and the
//! store. `tests/house.rs` holds this order.
//!
//! | floor | rooms |
//! |---|---|
//! | 9 | [`demo`]: a shop and a messenger that know the server only through HTTP |
//! | 8 | [`serve`]: a node that listens |
//! | 7 | [`app`]: the route table, one line an endpoint and page |
//! | 6 | [`endpoints`]: what programs call · [`pages`]: what people see · [`tasks`]: what happens by itself |
//! | 5 | [`tokens`]: what is handed out · [`clients`]: who calls · [`sessions`]: who sits at the browser · [`requests`]: what is asked for |
//! | 4 | [`server`]: what every endpoint and page may hold |
//! | 3 | [`keys`]: what is signed with · [`catalogue`]: what can be granted · [`web`]: HTTP manners |
//! | 2 | [`store`]: what is remembered |
//! | 1 | [`config`] · [`logging`] · [`tls`]: what the operator decides · [`outgoing`]: what is called |
//! | 0 | [`protocol`]: what is said, pure · [`secret`] · [`password`] · [`clock`] |
//!
//! `docs/architecture.md` tells the story of one authorization code through these rooms.

pub mod app;
pub mod clients;
pub mod clock;
pub mod config;
pub mod demo;
pub mod endpoints;
pub mod fault;
pub mod fetch;
pub mod keys;
pub mod logging;
pub mod pages;
pub mod password;
pub mod requests;
pub mod scopes;
pub mod secret;
pub mod serve;
pub mod server;
pub mod sessions;
pub mod store;
pub mod tasks;
pub mod tls;
pub mod tokens;
pub mod web;
