//! The state of a sign-in between the password, or the sign-in at another provider, and the second
//! factor. It is a cookie, and opens nothing by itself.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use writ_core::authentication::Evidence;

use super::csrf;
use crate::{
    fault::Fault,
    server::Server,
    store::{Id, upstream_sessions::UpstreamSession, users::User},
};

/// Seconds in which the second factor must follow.
pub const LIFETIME: i64 = 600;
/// The purpose of the proof.
const PURPOSE: &str = "password verified";
/// The separator between the parts of the cookie.
const SEPARATOR: char = '~';

/// A user who signed in at another provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UpstreamProof {
    /// The session there.
    pub(super) session: UpstreamSession,
    /// What it counts as: [`Evidence`] as stored.
    pub(super) evidence: String,
}

/// A user whose password was verified in this browser, or who signed in at another provider with
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordProof {
    /// The user.
    pub user_id: Id,
    /// The session epoch in which the password was right.
    pub session_epoch: i64,
    /// When it was verified.
    pub(super) at: i64,
    /// The sign-in at another provider, in place of the password.
    pub(super) upstream: Option<UpstreamProof>,
}

impl PasswordProof {
    /// The proof that the password of `user` is right.
    pub(super) fn new(user: &User, now: i64) -> Self {
        Self { user_id: user.id, session_epoch: user.session_epoch, at: now, upstream: None }
    }

    /// The proof that `user` signed in at another provider.
    pub(super) fn of_upstream(user: &User, session: UpstreamSession, evidence: &Evidence, now: i64) -> Self {
        let upstream = UpstreamProof { session, evidence: evidence.to_string() };
        Self { upstream: Some(upstream), ..Self::new(user, now) }
    }

    /// What the first step counts as.
    pub(super) fn evidence(&self) -> Result<Evidence, Fault> {
        let Some(upstream) = &self.upstream else { return Ok(Evidence::password(self.at)) };
        let evidence = Evidence::from_stored(&upstream.evidence);
        evidence.ok_or_else(|| Fault::Corrupt(format!("evidence {:?}", upstream.evidence)))
    }

    /// The value of the cookie, for the browser with this id.
    pub fn seal(&self, server: &Server, browser: &str) -> String {
        let parts = self.parts();
        let [user, epoch, at, upstream] = parts.each_ref().map(String::as_str);
        let proof = csrf::token(&server.front.form_key, PURPOSE, &[browser, user, epoch, at, upstream]);
        [user, epoch, at, upstream, &proof].join(&SEPARATOR.to_string())
    }

    /// Reads the cookie. `None` if it is not of this server and browser, or is too old.
    pub fn open(server: &Server, browser: &str, cookie: &str) -> Option<Self> {
        let mut parts = cookie.split(SEPARATOR);
        let [user, epoch, at, upstream, proof] = [(); 5].map(|()| parts.next().unwrap_or_default());
        if !csrf::verify(&server.front.form_key, PURPOSE, &[browser, user, epoch, at, upstream], proof) {
            return None;
        }
        let upstream = match upstream {
            "" => None,
            upstream => Some(serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(upstream).ok()?).ok()?),
        };
        let opened = Self {
            user_id: Id(user.parse().ok()?),
            session_epoch: epoch.parse().ok()?,
            at: at.parse().ok()?,
            upstream,
        };
        (opened.is_known() && server.clock.now() - opened.at < LIFETIME).then_some(opened)
    }

    /// Whether this version knows what the first step proved. A newer node may have written it.
    fn is_known(&self) -> bool {
        let evidence = self.upstream.as_ref().map(|upstream| upstream.evidence.as_str());
        let is_known = evidence.is_none_or(|evidence| Evidence::from_stored(evidence).is_some());
        if !is_known {
            tracing::warn!(user = %self.user_id, evidence, "first step refused: this version does not know it");
        }
        is_known
    }

    fn parts(&self) -> [String; 4] {
        let upstream = self
            .upstream
            .as_ref()
            .map(|upstream| BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(upstream).expect("texts are JSON")));
        [self.user_id.to_string(), self.session_epoch.to_string(), self.at.to_string(), upstream.unwrap_or_default()]
    }
}
