//! `/account/apps/receipt`: what the user allowed an app, as a signed file.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
};

use crate::{consent::receipt, server::Call, web::error_page};

/// `GET /account/apps/receipt?client_id=…`.
pub async fn download(call: Call) -> HttpResponse {
    super::show(&call, "/account/apps", async |account| {
        let params = call.query()?;
        let client_id = params.require("client_id")?;
        Ok(match receipt(&call.server, &account.signed_in.user, account.page.locale, client_id).await? {
            Some(receipt) => HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"receipt.json\""))
                .json(receipt),
            None => error_page::not_found(account.page),
        })
    })
    .await
}
