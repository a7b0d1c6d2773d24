//! A node that listens: HTTP around the route table, and the tasks beside it.

use std::{
    io,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, Error, HttpServer,
    body::{EitherBody, MessageBody},
    dev::{Server as HttpHandle, ServerHandle, ServiceRequest, ServiceResponse},
    http::ConnectionType,
    middleware::{Next, from_fn},
    web::scope,
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Span;
use tracing_actix_web::{DefaultRootSpanBuilder, RootSpanBuilder, TracingLogger};

use crate::{app, server::Server, tasks, tls};

/// A request that takes longer than this, in seconds, is given up: nobody may hold a worker by sending slowly.
const REQUEST_DEADLINE: u64 = 30;

/// Starts to listen, with TLS if there is a certificate. The returned future runs until its handle tells it to stop; then it
/// stops accepting and finishes what runs.
///
/// # Errors
/// The socket or the certificate cannot be used.
pub fn serve(server: Arc<Server>, listener: TcpListener) -> io::Result<HttpHandle> {
    listen(server, listener, Arc::default())
}

/// Serves until SIGTERM or SIGINT, with the tasks beside it.
///
/// # Errors
/// The socket or the certificate cannot be used, or the socket fails.
pub async fn run(server: Arc<Server>, listener: TcpListener) -> io::Result<()> {
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let stopping = Arc::new(AtomicBool::new(false));
    let http = listen(Arc::clone(&server), listener, Arc::clone(&stopping))?;
    let mut tasks = tasks::start(&server);
    tasks.push(tokio::spawn(stop_on_signal(signals, http.handle(), stopping)));
    let outcome = http.await;
    for task in tasks {
        task.abort();
    }
    if let Err(fault) = tasks::record_failures::look(&server).await {
        tracing::error!(%fault, "refusals could not be written down");
    }
    outcome
}

fn listen(server: Arc<Server>, listener: TcpListener, stopping: Arc<AtomicBool>) -> io::Result<HttpHandle> {
    let workers = match server.settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let shutdown_timeout = server.settings.server.shutdown_timeout;
    let tls = tls::load(&server.settings.tls).map_err(io::Error::other)?;
    let http = HttpServer::new(move || {
        let stopping = Arc::clone(&stopping);
        App::new()
            .wrap(app::headers())
            .wrap(from_fn(move |request, next| close_if(Arc::clone(&stopping), request, next)))
            .configure(app::fixed_answers(&server))
            .service(
                scope("")
                    .wrap(from_fn(deadline))
                    .wrap(TracingLogger::<RequestSpan>::new())
                    .configure(app::routes(&server)),
            )
    })
    .workers(workers)
    .shutdown_timeout(shutdown_timeout)
    .disable_signals();
    let http = match tls {
        Some(tls) => http.listen_rustls_0_23(listener, tls)?,
        None => http.listen(listener)?,
    };
    Ok(http.run())
}

/// Waits for the first signal and stops the server gracefully.
async fn stop_on_signal([mut terminate, mut interrupt]: [Signal; 2], http: ServerHandle, stopping: Arc<AtomicBool>) {
    tokio::select! {
        _ = terminate.recv() => tracing::info!("stopping on SIGTERM"),
        _ = interrupt.recv() => tracing::info!("stopping on SIGINT"),
    }
    stopping.store(true, Ordering::Relaxed);
    http.stop(true).await;
}

/// While the server stops, each connection ends with its present answer: a client that keeps asking must not keep it alive.
async fn close_if<B: MessageBody>(
    stopping: Arc<AtomicBool>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    if stopping.load(Ordering::Relaxed) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
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
