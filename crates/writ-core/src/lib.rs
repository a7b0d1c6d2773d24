//! The rule book of Writ: each rule of OAuth 2.x and OpenID Connect is a pure function from facts
//! to a decision, documented with the section of its specification.
//!
//! This crate does no I/O, reads no clock, generates no random numbers and writes no logs. The
//! server gathers the facts, calls the rule, and applies the decision in the same unit of work.

pub mod account;
pub mod authentication;
pub mod authorization;
pub mod certificate_renewal;
pub mod claim_mapping;
pub mod clients;
pub mod consent;
pub mod console;
pub mod grants;
pub mod groups;
pub mod passkeys;
pub mod scopes;
pub mod specifications;
pub mod throttle;
pub mod token;
pub mod upstream;
pub mod vocabulary;

pub use vocabulary::{
    Cause, ClientKeys, ClientMetadata, ClientSigningAlg, Error, ErrorCode, Params, ScopeSet, SigningAlg, StandardClaims,
};
