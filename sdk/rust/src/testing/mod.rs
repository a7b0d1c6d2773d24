//! An issuer in the same process, for the tests of an API. It needs no network beyond loopback.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! use writ_verifier::{Reason, testing::Issuer};
//!
//! let issuer = Issuer::start().await;
//! let verifier = issuer.verifier("https://talk.example");
//!
//! let valid = issuer.token("https://talk.example").subject("mina").scope("message:read").sign();
//! assert_eq!(verifier.verify(&valid).await.unwrap().subject(), "mina");
//!
//! let expired = issuer.token("https://talk.example").expired().sign();
//! let refusal = verifier.verify(&expired).await.unwrap_err();
//! assert_eq!(*refusal.reason(), Reason::Expired);
//! # }
//! ```
//!
//! Setup errors panic: this module is for tests only.

mod issuer;
mod signing_key;
mod token;

pub use issuer::Issuer;
pub use signing_key::SigningAlgorithm;
pub use token::TokenBuilder;
