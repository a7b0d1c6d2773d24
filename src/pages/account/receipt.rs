//! `/account/apps/receipt`: what the user allowed an app, as a signed file.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web::Data,
};
use writ_core::Params;

use crate::{consent::receipt, server::Server, web::error_page};

/// `GET /account/apps/receipt?client_id=…`.
pub async fn download(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    super::show(&server, &request, "/account/apps", async |account| {
        let params = Params::parse(request.query_string().as_bytes())?;
        let client_id = params.require("client_id")?;
        Ok(match receipt(&server, &account.signed_in.user, account.page.locale, client_id).await? {
            Some(receipt) => HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"receipt.json\""))
                .json(receipt),
            None => error_page::not_found(account.page, &request),
        })
    })
    .await
}
