//! The vocabulary of the RFCs as types.

pub mod acr;
pub mod administration_scope;
pub mod authorization_details;
pub mod cause;
pub mod claims_request;
pub mod client_keys;
pub mod client_metadata;
pub mod display;
pub mod display_name;
pub mod duration;
pub mod error;
pub mod idempotency_key;
pub mod insecure_host;
pub mod jwt;
pub mod login_name;
pub mod logo;
pub mod mail_domain;
pub mod merge_patch;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod response_mode;
pub mod scope;
pub mod signing_alg;
pub mod standard_claims;
pub mod trace_parent;
pub mod web_uri;

pub use cause::Cause;
pub use client_keys::ClientKeys;
pub use client_metadata::ClientMetadata;
pub use error::{Error, ErrorCode};
pub use params::Params;
pub use scope::ScopeSet;
pub use signing_alg::{ClientSigningAlg, SigningAlg};
pub use standard_claims::StandardClaims;
