//! Verifies the access tokens that a Writ authorization server issues, for resource servers.
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
//! [`Verifier::discover`] does no I/O: the issuer's metadata and keys are fetched when the first
//! token arrives and then cached, so an API can start before its issuer. There is no verifier
//! without an audience. Cloning a [`Verifier`] is cheap and shares its keys.
//!
//! # What is checked
//!
//! That the token is an access token as in [RFC 9068](https://www.rfc-editor.org/rfc/rfc9068):
//!
//! * it is a JWS in compact serialization of at most 16 KiB, without duplicate JSON members and
//!   without `crit`
//! * `typ` is `at+jwt`, so an ID token never passes
//! * `alg` is ES256, RS256 or EdDSA, and the issuer's metadata lists it
//! * `kid` names a published key for that `alg`, and the signature verifies
//! * `iss` equals the issuer byte for byte, and `aud` is or contains the audience
//! * `exp`, `nbf` and `iat` hold, with 30 s of leeway
//! * it lives at most 24 hours ([`Builder::max_lifetime`]), and was issued before its key was
//!   retired
//! * `sub`, `client_id`, `jti`, `iat` and `exp` are present and have the right type
//! * there is no `cnf`: a sender-constrained token (RFC 9449, RFC 8705) must not pass as a bearer
//!   token
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
//!     .app_data(verifier.clone())                // the `Token` extractor takes it from here
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
//! [`VerifyError`] knows its HTTP status ([`VerifyError::status`]), its challenge
//! ([`VerifyError::challenge`], the value of `WWW-Authenticate`) and its cause
//! ([`VerifyError::reason`]). In a handler, `?` turns it into that response. When the audience is a
//! URL, challenges carry `resource_metadata` ([RFC 9728
//! §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)). The adapters serve the document at
//! that URL.
//!
//! # Tests of an API
//!
//! With the feature `testing`, [`testing::Issuer`] is an issuer in the same process. It mints any
//! token, valid or not.

mod bearer;
mod claims;
mod clock;
mod error;
mod introspection;
mod issuer;
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
