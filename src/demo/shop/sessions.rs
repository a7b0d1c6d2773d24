//! Shop's sessions: in memory, identified by a cookie.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};
use moka::sync::Cache;
use oauth2::CsrfToken;
use tokio::sync::Mutex;

use super::{customer::Customer, log_in::Pending};

const COOKIE: &str = "shop_session";

/// A session of a browser, which may have a pending login, a customer, or both.
#[derive(Default)]
pub(super) struct Session {
    pub(super) pending: Option<Pending>,
    pub(super) customer: Option<Customer>,
}

/// The sessions: at most a thousand, each deleted after an hour without a request.
pub(super) struct Sessions(Cache<String, Arc<Mutex<Session>>>);

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(1000).time_to_idle(Duration::from_secs(3600)).build())
    }

    /// The session of the request's cookie, if it exists.
    pub(super) fn find(&self, request: &HttpRequest) -> Option<Arc<Mutex<Session>>> {
        self.0.get(request.cookie(COOKIE)?.value())
    }

    /// Stores `session` under a new id and returns the cookie for it.
    pub(super) fn open(&self, session: Session) -> Cookie<'static> {
        let id = CsrfToken::new_random_len(32).into_secret();
        self.0.insert(id.clone(), Arc::new(Mutex::new(session)));
        Cookie::build(COOKIE, id).path("/").http_only(true).same_site(SameSite::Lax).finish()
    }

    /// Deletes the session of the request and returns the cookie that removes it.
    pub(super) fn forget(&self, request: &HttpRequest) -> Cookie<'static> {
        if let Some(cookie) = request.cookie(COOKIE) {
            self.0.invalidate(cookie.value());
        }
        let mut removal = Cookie::build(COOKIE, "").path("/").finish();
        removal.make_removal();
        removal
    }
}
