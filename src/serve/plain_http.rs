//! Challenges of an authority over plain http, on a listener of their own. Everything else there
//! leads to the issuer.

use std::{io, sync::Arc, time::Duration};

use actix_http::{HttpService, KeepAlive};
use actix_server::Server as HttpHandle;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::{App, Error, dev::AppConfig, web};

use super::{
    Listener,
    connections::PLAIN_HTTP,
    gate::{Gate, accept},
};
use crate::{app, server::Server};

/// Maximum time for a connection to send the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// Maximum time without progress. A connection has one request.
const PROGRESS_WITHIN: Duration = Duration::from_secs(10);

/// Serves on one thread.
///
/// # Errors
/// The error of the socket.
pub(super) fn serve(server: &Arc<Server>, listener: Listener) -> io::Result<HttpHandle> {
    let mut gate = Gate::new(&server.settings.server, PLAIN_HTTP, PROGRESS_WITHIN);
    // A balancer sends no PROXY header here, and all connections.
    gate.trusted_proxies.append(&mut gate.proxy_protocol);
    let gate = Arc::new(gate);
    let data = web::Data::from(Arc::clone(server));
    let service = move || {
        let app = App::new().app_data(data.clone()).configure(app::plain_http);
        let app = app.into_factory().map_err(|error: Error| error.error_response());
        HttpService::build()
            .keep_alive(KeepAlive::Disabled)
            .client_request_timeout(HEADERS_WITHIN)
            .finish(map_config(app, |()| AppConfig::default()))
    };
    let http = HttpHandle::build().workers(1).max_concurrent_connections(PLAIN_HTTP).shutdown_timeout(1);
    Ok(accept(http.disable_signals(), listener, &gate, service)?.run())
}
