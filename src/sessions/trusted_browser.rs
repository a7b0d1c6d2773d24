//! The cookie of a browser in which users sign in without the second factor.

use actix_web::HttpResponse;

use crate::{
    fault::Fault,
    secret::Handle,
    server::{Call, Server},
    store::{
        Id, Tx,
        trusted_browsers::{self, TrustedBrowser},
    },
    web::cookies::{self, Name},
};

/// Seconds for which a browser is trusted: 30 days.
const LIFETIME: i64 = 30 * 86_400;
/// Maximum number of users who trust one browser.
const MAX_USERS: usize = 5;
/// The separator between handles in the cookie. No handle contains it.
const SEPARATOR: &str = "~";

/// The handles in the cookie of this browser.
#[derive(Debug, Clone, Default)]
pub struct TrustCookie(Vec<Handle>);

impl TrustCookie {
    /// Reads the cookie of the request.
    pub fn read(call: &Call) -> Self {
        let text = call.cookie(Name::Trusted).unwrap_or_default();
        Self(text.split(SEPARATOR).filter_map(Handle::parse).take(MAX_USERS).collect())
    }

    /// Whether this user trusts the browser.
    pub(super) fn is_of(&self, tx: &mut Tx<'_>, user_id: Id) -> Result<bool, Fault> {
        for handle in &self.0 {
            let found = trusted_browsers::find_live(tx, user_id, Id(handle.id))?;
            if found.is_some_and(|browser| handle.secret.matches(&browser.secret_hash)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds a handle to the cookie.
    pub fn add(mut self, server: &Server, handle: Handle, response: &mut HttpResponse) {
        self.0.insert(0, handle);
        self.0.truncate(MAX_USERS);
        let handles: Vec<String> = self.0.iter().map(Handle::expose).collect();
        let cookie = cookies::write(Name::Trusted, handles.join(SEPARATOR), Some(LIFETIME), server.front.https);
        cookies::set(response, &cookie);
    }
}

/// The row of a browser that a user has just trusted.
pub(super) fn row(handle: &Handle, user_id: Id, user_agent: &str, network: &str, now: i64) -> TrustedBrowser {
    TrustedBrowser {
        id: Id(handle.id),
        secret_hash: handle.secret.hash().0.to_vec(),
        user_id,
        user_agent: user_agent.to_owned(),
        network: network.to_owned(),
        created_at: now,
        expires_at: now + LIFETIME,
    }
}
