//! What an app asks for, and how it waits for a person.

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
