//! The rules of the token endpoint: one file per grant type, and the contents of the tokens.

pub mod access_token;
pub mod actor;
pub mod administration;
pub mod audience;
pub mod authorization_code;
pub mod client_credentials;
pub mod device_code;
pub mod identity_assertion;
pub mod introspection;
pub mod refresh_token;
pub mod token_exchange;
