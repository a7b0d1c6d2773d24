//! The state of a sign-in between the password and the second factor. It is a cookie, and opens
//! nothing by itself.

use super::csrf;
use crate::{
    server::Server,
    store::{Id, users::User},
};

/// Seconds in which the second factor must follow.
pub const LIFETIME: i64 = 600;
/// The purpose of the proof.
const PURPOSE: &str = "password verified";
/// The separator between the parts of the cookie.
const SEPARATOR: char = '~';

/// A user whose password was verified in this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordProof {
    /// The user.
    pub user_id: Id,
    /// The session epoch in which the password was right.
    pub session_epoch: i64,
    /// When it was verified.
    at: i64,
}

impl PasswordProof {
    /// The proof that the password of `user` is right.
    pub(super) fn new(user: &User, now: i64) -> Self {
        Self { user_id: user.id, session_epoch: user.session_epoch, at: now }
    }

    /// The value of the cookie, for the browser with this id.
    pub fn seal(self, server: &Server, browser: &str) -> String {
        let [user, epoch, at] = self.parts();
        let proof = csrf::token(&server.front.form_key, PURPOSE, &[browser, &user, &epoch, &at]);
        [user, epoch, at, proof].join(&SEPARATOR.to_string())
    }

    /// Reads the cookie. `None` if it is not of this server and browser, or is too old.
    pub fn open(server: &Server, browser: &str, cookie: &str) -> Option<Self> {
        let mut parts = cookie.split(SEPARATOR);
        let [user, epoch, at, proof] = [(); 4].map(|()| parts.next().unwrap_or_default());
        if !csrf::verify(&server.front.form_key, PURPOSE, &[browser, user, epoch, at], proof) {
            return None;
        }
        let opened = Self { user_id: Id(user.parse().ok()?), session_epoch: epoch.parse().ok()?, at: at.parse().ok()? };
        (server.clock.now() - opened.at < LIFETIME).then_some(opened)
    }

    fn parts(self) -> [String; 3] {
        [self.user_id.to_string(), self.session_epoch.to_string(), self.at.to_string()]
    }
}
