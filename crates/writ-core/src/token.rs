//! The rulings of the token endpoint: one file a grant type, and what the tokens say.

pub mod access_token;
pub mod actor;
pub mod audience;
pub mod authorization_code;
pub mod client_credentials;
pub mod device_code;
pub mod introspection;
pub mod refresh_token;
pub mod token_exchange;
