//! The way on for somebody whose form or address outlived the request that it belongs to.

use actix_web::HttpResponse;

use crate::{
    protocol::Params,
    requests::Pending,
    server::Server,
    store::Fault,
    web::{
        error_page::{self, Interruption},
        page::PageContext,
    },
};

/// Says so, with a button that begins the same request anew where it is still known.
pub(super) async fn respond(server: &Server, page: PageContext, params: &Params) -> Result<HttpResponse, Fault> {
    Ok(match Pending::again_path(server, params).await? {
        Some(again) => error_page::interrupt(page, Interruption::RequestOver, &again),
        None => error_page::interrupt(page, Interruption::RequestGone, "/"),
    })
}
