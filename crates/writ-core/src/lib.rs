//! The rule book of Writ: every ruling of OAuth 2.x and OpenID Connect as a pure function from
//! facts to a decision, under the section of its specification.
//!
//! Nothing here does I/O, reads a clock, draws a random number or writes a log line. The server
//! gathers the facts, asks for the decision, and applies it in the same unit of work.

pub mod authorization;
pub mod clients;
pub mod consent;
pub mod grants;
pub mod scopes;
pub mod specifications;
pub mod throttle;
pub mod token;
pub mod vocabulary;

pub use vocabulary::{
    Cause, ClientKeys, ClientMetadata, ClientSigningAlg, Error, ErrorCode, Params, ScopeSet, SigningAlg, StandardClaims,
};
