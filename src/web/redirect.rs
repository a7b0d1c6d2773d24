//! Sending a browser on.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY},
};

/// Sends the browser to `location` with a GET. Nobody keeps the answer, and the next page does not learn the address of this one.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
