//! Challenges of an authority over plain http, on a listener of their own. Everything else there
//! leads to the issuer.

use std::{io, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev, http::KeepAlive, web};

use super::Listener;
use crate::{app, server::Server};

/// Maximum number of connections.
const CONNECTIONS: usize = 1024;
/// Maximum time for a connection to send the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

/// Serves on one thread.
///
/// # Errors
/// The error of the socket.
pub(super) fn serve(server: &Arc<Server>, listener: Listener) -> io::Result<dev::Server> {
    let data = web::Data::from(Arc::clone(server));
    let http = HttpServer::new(move || App::new().app_data(data.clone()).configure(app::plain_http))
        .workers(1)
        .max_connections(CONNECTIONS)
        .keep_alive(KeepAlive::Disabled)
        .client_request_timeout(HEADERS_WITHIN)
        .disable_signals()
        .shutdown_timeout(1);
    let http = match listener {
        Listener::Tcp(listener) => http.listen(listener)?,
        Listener::Unix(listener) => http.listen_uds(listener)?,
    };
    Ok(http.run())
}
