//! The way on for somebody whose form outlived the request that it belongs to.

use actix_web::HttpResponse;

use crate::{
    protocol::Params,
    requests::Pending,
    web::{
        error_page::{self, Interruption},
        page::PageContext,
    },
};

/// Says so, with a button that begins the same request anew where the form carries it.
pub(super) fn respond(page: PageContext, form: &Params) -> HttpResponse {
    match Pending::again_path(form) {
        Some(again) => error_page::interrupt(page, Interruption::RequestOver, &again),
        None => error_page::interrupt(page, Interruption::RequestGone, "/"),
    }
}
