//! Signing in with another provider, of which this server is a client.

mod id_token;
mod identity;
mod logout_token;
mod preset;
mod response;
mod shared_secret;

pub use id_token::{Expected, IdToken};
pub use identity::{ClaimPointers, Identity, NotRecent, Profile, subject_of};
pub use logout_token::{Addressed, LogoutToken};
pub use preset::{Preset, apple_client_secret, posted_name, primary_email};
pub use response::{Denied, authorization_code};
pub use shared_secret::verify_with_secret;
