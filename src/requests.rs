//! Authorization and logout requests, and how they are stored while the user decides.

pub mod expired;
pub mod logout_request;
pub mod pending;
pub mod pushed;
pub mod request_object;
mod sealed;
mod user_code;

pub use logout_request::LogoutRequest;
pub use pending::{NewPending, Pending};
pub use pushed::Pushed;
pub use user_code::UserCode;
