//! What an app asks for, and how it waits for a person.

pub mod authorization_request;
pub mod expired;
pub mod logout_request;
pub mod pending;
pub mod pushed;
pub mod request_object;
mod user_code;

pub use authorization_request::AuthorizationRequest;
pub use logout_request::LogoutRequest;
pub use pending::Pending;
pub use pushed::Pushed;
pub use user_code::UserCode;
