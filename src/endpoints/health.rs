//! `/healthz`: the process is alive. `/readyz`: the database is writable as well.

use actix_web::{HttpResponse, web::Data};

use crate::server::Server;

/// `GET /healthz`.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`. A certificate that is about to expire is a warning in the text.
pub async fn readyz(server: Data<Server>) -> HttpResponse {
    let text = "text/plain; charset=utf-8";
    if let Err(reason) = server.store.can_write().await {
        tracing::error!(reason, "not ready");
        return HttpResponse::ServiceUnavailable().content_type(text).body("the database cannot be written to\n");
    }
    match server.certificates.as_ref().and_then(|certificates| certificates.expires_soon()) {
        None => healthz().await,
        Some(days) => {
            HttpResponse::Ok().content_type(text).body(format!("ok\nwarning: the certificate expires in {days} days\n"))
        }
    }
}
