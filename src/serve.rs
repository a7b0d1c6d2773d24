//! A node that listens: HTTP around the route table, and the tasks beside it.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, Error, HttpServer,
    body::{EitherBody, MessageBody},
    dev::{Server as HttpHandle, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
};
use tracing::Span;
use tracing_actix_web::{DefaultRootSpanBuilder, RootSpanBuilder, TracingLogger};

use crate::{app, server::Server, tasks};

/// A request that takes longer than this, in seconds, is given up: nobody may hold a worker by sending slowly.
const REQUEST_DEADLINE: u64 = 30;

/// Starts to listen. The returned future runs until it is told to stop, by a signal or its handle; then it stops accepting and
/// finishes what runs.
///
/// # Errors
/// The socket cannot be used.
pub fn serve(server: Arc<Server>, listener: TcpListener) -> io::Result<HttpHandle> {
    let workers = match server.settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let shutdown_timeout = server.settings.server.shutdown_timeout;
    Ok(HttpServer::new(move || {
        App::new()
            .wrap(app::headers())
            .wrap(from_fn(deadline))
            .wrap(TracingLogger::<RequestSpan>::new())
            .configure(app::routes(&server))
    })
    .workers(workers)
    .shutdown_timeout(shutdown_timeout)
    .listen(listener)?
    .run())
}

/// Serves until stopped, with the tasks beside it.
///
/// # Errors
/// The socket cannot be used, or fails.
pub async fn run(server: Arc<Server>, listener: TcpListener) -> io::Result<()> {
    let tasks = tasks::start(&server);
    let outcome = serve(server, listener)?.await;
    for task in tasks {
        task.abort();
    }
    outcome
}

async fn deadline<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match tokio::time::timeout(Duration::from_secs(REQUEST_DEADLINE), next.call(request)).await {
        Ok(response) => Ok(response?.map_into_left_body()),
        Err(_) => Err(actix_web::error::ErrorRequestTimeout("the request took too long")),
    }
}

/// Names a request in the log by its id, method and path; never by its query, which may hold a code.
struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        use actix_web::HttpMessage;
        let request_id = request.extensions().get::<tracing_actix_web::RequestId>().copied();
        tracing::info_span!(
            "request",
            request_id = request_id.map(tracing::field::display),
            method = %request.method(),
            path = request.path(),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        DefaultRootSpanBuilder::on_request_end(span, outcome);
    }
}
