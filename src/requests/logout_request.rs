//! A logout that an app asks for (OpenID Connect RP-Initiated Logout §2), checked, on its way to the page that carries it out.
//!
//! It travels in that page's address under an HMAC of ours, so nothing is stored for it and nobody else can make one.

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use super::sealed;

/// The purpose of the seal.
const PURPOSE: &str = "logout request";

/// What is left of the parameters once they are checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// The app that asks, where known.
    pub client_id: Option<String>,
    /// What a genuine ID token of this app says: whose session it means.
    pub hint: Option<Hinted>,
    /// Where to go on: one of the app's registered URIs, with its `state`.
    pub url: Option<String>,
    /// The languages to answer in, best first.
    pub ui_locales: Option<String>,
}

/// Whose session a hint means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hinted {
    /// The `sub` of the app's ID token.
    pub sub: String,
    /// Its `sid`.
    pub sid: Option<String>,
}

impl LogoutRequest {
    /// The text for a URL.
    pub fn seal(&self, key: &hmac::Key) -> String {
        sealed::seal(PURPOSE, self, key)
    }

    /// The request behind a text, if this server made it.
    pub fn open(text: &str, key: &hmac::Key) -> Option<Self> {
        sealed::open(PURPOSE, text, key)
    }
}
