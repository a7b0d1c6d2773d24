//! Writ, an OAuth 2.x / OpenID Connect authorization server whose consent people understand.
//!
//! The discovery document is the table of contents of this crate: whoever knows RFC 8414 knows where everything stands.
//! A room uses only the floors below its own, and rooms on one floor never use each other: they meet through addresses and the
//! store. `tests/house.rs` holds this order.
//!
//! | floor | rooms |
//! |---|---|
//! | 12 | [`demo`]: a shop and a messenger that know the server only through HTTP |
//! | 11 | [`serve`]: a node that listens |
//! | 10 | [`app`]: the route table, one line an endpoint and page |
//! | 9 | [`endpoints`]: what clients call · [`pages`]: what users see · [`tasks`]: what runs by itself |
//! | 8 | [`tokens`]: what is issued · [`sessions`]: who is signed in · [`requests`]: what is requested · [`consent`]: what was shown and allowed |
//! | 7 | [`server`]: what every endpoint and page may hold |
//! | 6 | [`clients`]: who calls |
//! | 5 | [`snapshot`]: what administrators change rarely, in memory |
//! | 4 | [`keys`]: what is signed with · [`scopes`]: what can be granted · [`web`]: HTTP manners |
//! | 3 | [`store`]: what is stored |
//! | 2 | [`logging`] · [`tls`] · [`fetch`]: what the server calls |
//! | 1 | [`config`]: what the operator decides |
//! | 0 | [`fault`]: what broke · [`secret`] · [`password`] · [`clock`] |
//!
//! The rules of OAuth are not here but in [`writ_core`], a crate without I/O.//! `docs/architecture.md` tells the story of one authorization code through these rooms.

pub mod app;
pub mod clients;
pub mod clock;
pub mod config;
pub mod consent;
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
pub mod snapshot;
pub mod store;
pub mod tasks;
pub mod tls;
pub mod tokens;
pub mod web;
