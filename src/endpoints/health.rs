//! `/healthz`: the process is alive. `/readyz`: the database is writable as well.

use actix_web::{HttpResponse, web::Data};

use crate::server::Server;

/// `GET /healthz`.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`.
pub async fn readyz(server: Data<Server>) -> HttpResponse {
    match server.store.can_write().await {
        Ok(()) => healthz().await,
        Err(reason) => {
            tracing::error!(reason, "not ready");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=utf-8")
                .body("the database cannot be written to\n")
        }
    }
}
