//! A validated logout request of an app (OpenID Connect RP-Initiated Logout §2), on its way to the
//! page that executes it.
//!
//! It is part of the page's URL, protected by an HMAC. Nothing is stored, and only this server can
//! create one.

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use super::sealed;

/// The purpose of the seal.
const PURPOSE: &str = "logout request";

/// The validated parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// The app, if known.
    pub client_id: Option<String>,
    /// The session that a valid ID token of the app identifies.
    pub hint: Option<Hinted>,
    /// The URI to return to: a registered one, with the `state`.
    pub url: Option<String>,
    /// The languages of the response, best first.
    pub ui_locales: Option<String>,
}

/// The session that a hint identifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hinted {
    /// The `sub` of the app's ID token.
    pub sub: String,
    /// Its `sid` claim.
    pub sid: Option<String>,
}

impl LogoutRequest {
    /// Encodes the request for a URL.
    pub fn seal(&self, key: &hmac::Key) -> String {
        sealed::seal(PURPOSE, self, key)
    }

    /// Decodes a request. `None` if this server did not create it.
    pub fn open(text: &str, key: &hmac::Key) -> Option<Self> {
        sealed::open(PURPOSE, text, key)
    }
}
