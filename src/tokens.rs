//! Tokens: every token request ends in an [`Authorization`], and every `Authorization` in a
//! [`TokenResponse`].

pub mod access_token;
pub mod authorization;
pub mod exchange;
pub mod id_token;
pub mod identity_assertion;
pub mod issue;
pub mod logout_token;
pub mod refresh_token;
pub mod subject_identifier;
pub mod user_claims;

pub use authorization::{Authorization, Subject};
pub use issue::{TokenResponse, issue};
