//! Who is at Shop's counter: sessions in memory, found by a cookie.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use moka::sync::Cache;
use oauth2::CsrfToken;
use tokio::sync::Mutex;

use super::customer::Customer;
use super::log_in::Pending;

const COOKIE: &str = "shop_session";

/// One browser: perhaps on its way back from Writ, perhaps logged in, perhaps both.
#[derive(Default)]
pub(super) struct Session {
    pub(super) pending: Option<Pending>,
    pub(super) customer: Option<Customer>,
}

/// The sessions of all browsers: at most a thousand, each forgotten after an hour without a visit.
pub(super) struct Sessions(Cache<String, Arc<Mutex<Session>>>);

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(1000).time_to_idle(Duration::from_secs(3600)).build())
    }

    /// The session that the request's cookie names, if Shop still remembers it.
    pub(super) fn find(&self, request: &HttpRequest) -> Option<Arc<Mutex<Session>>> {
        self.0.get(request.cookie(COOKIE)?.value())
    }

    /// Remembers `session` under a new id; the cookie carries the id to the browser.
    pub(super) fn open(&self, session: Session) -> Cookie<'static> {
        let id = CsrfToken::new_random_len(32).into_secret();
        self.0.insert(id.clone(), Arc::new(Mutex::new(session)));
        Cookie::build(COOKIE, id).path("/").http_only(true).same_site(SameSite::Lax).finish()
    }

    /// Forgets the request's session; the cookie tells the browser to do the same.
    pub(super) fn forget(&self, request: &HttpRequest) -> Cookie<'static> {
        if let Some(cookie) = request.cookie(COOKIE) {
            self.0.invalidate(cookie.value());
        }
        let mut removal = Cookie::build(COOKIE, "").path("/").finish();
        removal.make_removal();
        removal
    }
}
