//! The rules of the authorization endpoint
//! ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)): what a request may say,
//! where its response goes, what comes next.

pub mod binding;
pub mod demands;
pub mod next_step;
pub mod request;
pub mod request_object;
pub mod requested_acr;
pub mod target;

pub use next_step::{Step, next_step};
pub use request::AuthorizationRequest;
pub use target::Target;
