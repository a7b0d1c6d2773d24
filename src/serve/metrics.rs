//! `/metrics` on a listener of its own, in the text format of
//! [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/).

mod exposition;
mod gauges;
#[cfg(feature = "otlp")]
mod otlp;

use std::{io, sync::Arc};

use actix_web::{App, HttpResponse, HttpServer, dev, http::header::CACHE_CONTROL, web};

use self::gauges::Gauges;
#[cfg(feature = "otlp")]
pub use self::otlp::send;
use super::Listener;
use crate::server::Server;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves the metrics on one thread, which also reads the database for them.
///
/// # Errors
/// The error of the socket.
pub(super) fn serve(server: &Arc<Server>, listener: Listener) -> io::Result<dev::Server> {
    let gauges = web::Data::new(Gauges::new(Arc::clone(server)));
    let http = HttpServer::new(move || App::new().app_data(gauges.clone()).route("/metrics", web::get().to(metrics)));
    let http = http.workers(1).disable_signals().shutdown_timeout(1);
    let http = match listener {
        Listener::Tcp(listener) => http.listen(listener)?,
        Listener::Unix(listener) => http.listen_uds(listener)?,
    };
    Ok(http.run())
}

async fn metrics(gauges: web::Data<Gauges>) -> HttpResponse {
    match exposition::text(gauges.current().await) {
        Ok(text) => HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header((CACHE_CONTROL, "no-store")).body(text),
        Err(error) => {
            tracing::error!(%error, "metrics");
            HttpResponse::InternalServerError().finish()
        }
    }
}
