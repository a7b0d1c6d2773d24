//! `/healthz`: the process is alive. `/readyz`: the database is writable as well.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};

use crate::{server::Server, web::proxy_faults::ProxyFault};

/// `GET /healthz`.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`. A certificate that is about to expire, or was not renewed, is a warning in the
/// text. With `?proxy`, the faults of the proxy that sent the request are warnings as well.
pub async fn readyz(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let text = "text/plain; charset=utf-8";
    if let Err(reason) = server.store.can_write().await {
        tracing::error!(reason, "not ready");
        return HttpResponse::ServiceUnavailable().content_type(text).body("the database cannot be written to\n");
    }
    let mut body = "ok\n".to_owned();
    if let Some(certificates) = &server.certificates {
        if let Some(days) = certificates.expires_soon() {
            body.push_str(&format!("warning: the certificate expires in {days} days\n"));
        }
        if certificates.is_failing() {
            body.push_str("warning: the authority has not issued a new certificate\n");
        }
    }
    if request.query_string() == "proxy" {
        for fault in ProxyFault::of(&request, &server.settings.server.trusted_proxies) {
            body.push_str(&format!("warning: {}\n", fault.sentence()));
        }
    }
    HttpResponse::Ok().content_type(text).insert_header((CACHE_CONTROL, "no-store")).body(body)
}
