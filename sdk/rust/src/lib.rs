//! Verify an access token in five lines, and be safe by default.
//!
//! ```no_run
//! # async fn five_lines(bearer: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use writ_verifier::Verifier;
//!
//! let verifier = Verifier::discover("https://login.example", "https://talk.example")?;
//! let token = verifier.verify(bearer).await?;
//! token.require("message:send")?;
//! println!("{} through {}", token.subject(), token.client_id());
//! # Ok(()) }
//! ```
//!
//! [`Verifier::discover`] does no I/O: the issuer's metadata and keys are fetched at the first
//! token and kept, so an API starts while its issuer is down. There is no constructor without an
//! audience. A [`Verifier`] is cheap to clone; make one and share it.
//!
//! # What is checked
//!
//! An RFC 9068 access token and nothing else: at most 16 KiB in JWS compact form; `typ` is `at+jwt`
//! (an ID token never passes); no `crit`; `alg` is ES256, RS256 or EdDSA, and among the issuer's
//! published ones; `kid` names a published key made for that `alg`; the signature; `iss` equals
//! the issuer byte for byte; `aud` is, or contains, the audience; `exp`, `nbf` and `iat` with 30 s of leeway;
//! `sub`, `client_id`, `jti`, `iat` and `exp` are present and of the right type; no duplicate JSON
//! members; no `cnf`, because a sender-constrained token (RFC 9449, RFC 8705) must not pass as a bearer token.
//!
//! # With actix-web (feature `actix`)
//!
//! ```
//! # #[cfg(feature = "actix")] mod talk {
//! use actix_web::{App, web};
//! use writ_verifier::{Token, Verifier, VerifyError};
//!
//! async fn messages(token: Token) -> Result<String, VerifyError> {
//!     token.require("message:read")?;            // 403 insufficient_scope, with its challenge
//!     Ok(format!("messages of {}", token.subject()))
//! }
//!
//! # fn app(verifier: Verifier) {
//! App::new()
//!     .app_data(verifier.clone())                // what the `Token` extractor verifies with
//!     .service(writ_verifier::actix::resource_metadata(&verifier)) // RFC 9728
//!     .route("/messages", web::get().to(messages));
//! # } }
//! ```
//!
//! [`actix::Protect`] is the same as a middleware, for a whole scope of routes.
//!
//! # With axum (feature `axum`)
//!
//! ```
//! # #[cfg(feature = "axum")] mod talk {
//! use axum::{Router, routing::get};
//! use writ_verifier::{Token, Verifier, VerifyError};
//!
//! async fn messages(token: Token) -> Result<String, VerifyError> {
//!     token.require("message:read")?;
//!     Ok(format!("messages of {}", token.subject()))
//! }
//!
//! # fn app(verifier: Verifier) -> Router {
//! Router::new()
//!     .route("/messages", get(messages))
//!     .merge(writ_verifier::axum::resource_metadata(&verifier))
//!     .with_state(verifier)
//! # } }
//! ```
//!
//! [`axum::Protect`] is the same as a tower layer.
//!
//! # Refusals
//!
//! [`VerifyError`] knows its HTTP status ([`VerifyError::status`]), its RFC 6750 challenge
//! ([`VerifyError::challenge`], the value of `WWW-Authenticate`) and its cause ([`VerifyError::reason`]).
//! In a handler, `?` turns it into that response. When the audience is a URL, challenges carry the
//! `resource_metadata` address of RFC 9728 §5.1; serve the document there with `resource_metadata`.
//!
//! # Tests of an API
//!
//! With the feature `testing`, [`testing::Issuer`] is an issuer in the same process that mints any
//! token, good or bad.

mod bearer;
mod claims;
mod clock;
mod error;
mod introspection;
mod issuer;
mod json;
mod jwk;
mod jws;
mod metadata;
#[cfg(any(feature = "actix", feature = "axum"))]
mod protect;
mod resource_metadata;
mod token;
mod transport;
mod verifier;

#[cfg(feature = "actix")]
pub mod actix;
#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "testing")]
pub mod testing;

pub use bearer::bearer;
pub use error::{Reason, VerifyError};
pub use resource_metadata::ResourceMetadata;
pub use token::{Actor, Token};
pub use transport::{Request, Response, Transport, TransportError};
pub use verifier::{Builder, ConfigError, Verifier};
