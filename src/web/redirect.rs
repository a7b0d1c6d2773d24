//! Redirects of a browser.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY},
};

/// Redirects the browser to `location` with a GET. The response is not cached, and the next page
/// does not receive the URL of this one.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
