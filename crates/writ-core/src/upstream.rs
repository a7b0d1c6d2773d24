//! Signing in with another provider, of which this server is a client.

mod id_token;
mod identity;
mod response;

pub use id_token::{Expected, IdToken};
pub use identity::{ClaimPointers, Identity, NotRecent, Profile, subject_of};
pub use response::{Denied, authorization_code};
