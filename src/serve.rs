//! A listening node: the HTTP server with the route table, and the background tasks.

use std::{
    io,
    net::TcpListener,
    os::unix::net::UnixListener,
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
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Span;
use tracing_actix_web::{DefaultRootSpanBuilder, RootSpanBuilder, TracingLogger};

use crate::{app, server::Server, tasks, tls::Certificates};

/// Maximum duration of a request in seconds. A slow sender must not block a worker.
const REQUEST_DEADLINE: u64 = 30;
/// Maximum time for a connection to send the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Maximum number of connections per worker, whatever the limit of open files.
const MAX_CONNECTIONS: usize = 25_000;
/// Open files that are not client connections.
const FILES_OF_OUR_OWN: usize = 256;

/// Starts listening, with TLS if there is a certificate. The returned future runs until its handle
/// stops it. It then stops accepting connections and finishes running requests.
///
/// # Errors
/// An error if the socket or the certificate cannot be used.
pub fn serve(server: Arc<Server>, listener: impl Into<Listener>) -> io::Result<HttpHandle> {
    let certificates = Certificates::load(&server.settings.tls).map_err(io::Error::other)?;
    listen(server, listener.into(), certificates.as_ref(), Arc::default())
}

/// Serves until SIGTERM or SIGINT, with the background tasks.
///
/// # Errors
/// An error if the socket or the certificate cannot be used, or the socket fails.
pub async fn run(server: Arc<Server>, listener: impl Into<Listener>) -> io::Result<()> {
    let hangup = signal(SignalKind::hangup())?;
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let stopping = Arc::new(AtomicBool::new(false));
    let certificates = Certificates::load(&server.settings.tls).map_err(io::Error::other)?;
    let http = listen(Arc::clone(&server), listener.into(), certificates.as_ref(), Arc::clone(&stopping))?;
    let mut tasks = tasks::start(&server);
    tasks.push(match certificates {
        Some(certificates) => tokio::spawn(certificates.follow(hangup)),
        None => tokio::spawn(ignore(hangup)),
    });
    // Notifies systemd. Without systemd this does nothing.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    tasks.push(tokio::spawn(stop_on_signal(signals, http.handle(), stopping)));
    let outcome = http.await;
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
    for task in tasks {
        task.abort();
    }
    if let Err(fault) = tasks::record_failures::run_once(&server).await {
        tracing::error!(%fault, "refusals could not be stored");
    }
    outcome
}

/// An unhandled SIGHUP would end the process. Without a certificate there is nothing to reload.
async fn ignore(mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        tracing::info!("SIGHUP: there is no certificate to reload; settings change with a restart");
    }
}

fn listen(
    server: Arc<Server>,
    listener: Listener,
    certificates: Option<&Arc<Certificates>>,
    stopping: Arc<AtomicBool>,
) -> io::Result<HttpHandle> {
    let workers = match server.settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let shutdown_timeout = server.settings.server.shutdown_timeout;
    let connections = max_connections(workers);
    let keep_alive = Duration::from_secs(server.settings.server.keep_alive);
    let http = HttpServer::new(move || {
        let stopping = Arc::clone(&stopping);
        App::new()
            .wrap(app::headers(server.front.https))
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
    .max_connections(connections)
    .keep_alive(keep_alive)
    .client_request_timeout(HEADERS_WITHIN)
    .shutdown_timeout(shutdown_timeout)
    .disable_signals();
    let http = match (listener, certificates) {
        (Listener::Tcp(listener), Some(certificates)) => {
            http.listen_rustls_0_23(listener, certificates.server_config().map_err(io::Error::other)?)?
        }
        (Listener::Tcp(listener), None) => http.listen(listener)?,
        (Listener::Unix(listener), _) => http.listen_uds(listener)?,
    };
    Ok(http.run())
}

/// Raises the limit of open files to the maximum and returns the share of a worker.
fn max_connections(workers: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(MAX_CONNECTIONS);
    (files.saturating_sub(FILES_OF_OUR_OWN) / workers).clamp(1, MAX_CONNECTIONS)
}

/// The listening socket.
#[derive(Debug)]
pub enum Listener {
    /// A TCP socket.
    Tcp(TcpListener),
    /// A Unix socket from systemd. The proxy terminates TLS.
    Unix(UnixListener),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
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

/// While the server stops, each connection closes after its current response, so that an active
/// client cannot keep it open.
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

/// Identifies a request in the log by its id, method and path, but not its query, which may contain
/// a code.
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
