//! `/healthz`: the process answers. `/readyz`: the database does, too.

use actix_web::{HttpResponse, web::Data};

use crate::{server::Server, store::revision};

/// `GET /healthz`.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`.
pub async fn readyz(server: Data<Server>) -> HttpResponse {
    match server.store.read(revision::current).await {
        Ok(_) => healthz().await,
        Err(fault) => {
            tracing::error!(%fault, "not ready");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=utf-8")
                .body("the database does not answer\n")
        }
    }
}
