//! A listening node: the HTTP server with the route table, and the background tasks.

mod connection;
mod connections;
mod gate;
mod handshake;
mod listener;
mod metrics;
mod plain_http;
mod shedding;
mod trace;
mod watchdog;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_http::{HttpService, error::DispatchError};
use actix_server::{GracefulShutdownSignal, Server as HttpHandle, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, map_config};
use actix_web::{
    App, Error,
    body::{EitherBody, MessageBody},
    dev::{AppConfig, ServiceRequest, ServiceResponse},
    http::ConnectionType,
    middleware::{Condition, Next, from_fn},
    web::scope,
};
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Span;
use tracing_actix_web::{DefaultRootSpanBuilder, RootSpanBuilder, TracingLogger};

pub use self::listener::Listener;
#[cfg(feature = "otlp")]
pub use self::metrics::send as send_metrics;
use self::{
    gate::{Gate, Opened, accept},
    handshake::Handshake,
};
use crate::{
    app,
    metrics::{Endpoint, METRICS},
    server::Server,
    tasks,
    tls::Certificates,
    web::{mount::mount, request_id},
};

/// Maximum duration of a request in seconds. A slow sender must not block a worker.
const REQUEST_DEADLINE: u64 = 30;
/// Maximum time for a connection to send the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Maximum time to close a connection, in which the rest of a refused body is discarded.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

/// Starts listening, with TLS if the server has a certificate. The returned future runs until its
/// handle stops it. It then stops accepting connections and finishes running requests.
///
/// # Errors
/// An error if the socket cannot be used.
pub fn serve(server: Arc<Server>, listener: impl Into<Listener>) -> io::Result<HttpHandle> {
    listen(&server, vec![listener.into()], &Arc::default())
}

/// Serves until SIGTERM or SIGINT, with the background tasks.
///
/// # Errors
/// An error if a socket cannot be used, or fails.
pub async fn run(server: Arc<Server>, listeners: Vec<Listener>) -> io::Result<()> {
    let hangup = signal(SignalKind::hangup())?;
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let stopping = Arc::new(AtomicBool::new(false));
    let http = listen(&server, listeners, &stopping)?;
    let mut tasks = tasks::start(&server);
    if let Some(address) = &server.settings.metrics.listen {
        let http = metrics::serve(&server, Listener::bind(address)?)?;
        tasks.push(tokio::spawn(async { drop(http.await) }));
    }
    if let Some(address) = &server.settings.acme.http_listen {
        let named = |error| io::Error::other(format!("acme.http_listen: cannot listen on {address}: {error}"));
        let http = plain_http::serve(&server, Listener::bind(address).map_err(named)?)?;
        tasks.push(tokio::spawn(async { drop(http.await) }));
    }
    tasks.push(match &server.certificates {
        Some(_) if server.authority.is_some() => {
            tokio::spawn(tasks::renew_certificate::retry_on(Arc::clone(&server), hangup))
        }
        Some(certificates) => tokio::spawn(Arc::clone(certificates).follow(hangup)),
        None => tokio::spawn(ignore(hangup)),
    });
    // Notifies systemd. Without systemd this does nothing.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    tasks.push(tokio::spawn(watchdog::run()));
    tasks.push(tokio::spawn(stop_on_signal(signals, http.handle(), stopping)));
    let outcome = http.await;
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

fn listen(server: &Arc<Server>, listeners: Vec<Listener>, stopping: &Arc<AtomicBool>) -> io::Result<HttpHandle> {
    let settings = &server.settings.server;
    let workers = match settings.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let per_worker = connections::max_per_worker(&server.settings, workers);
    let tls = server.certificates.as_ref().map(Certificates::server_config).transpose().map_err(io::Error::other)?;
    let progress_within = Duration::from_secs(settings.keep_alive + REQUEST_DEADLINE) + HEADERS_WITHIN;
    let gate = Gate::new(settings, per_worker * workers, progress_within);
    let gate = Arc::new(Gate { tls: tls.map(|config| Handshake::new(config, server)), ..gate });
    let mut http = HttpHandle::build()
        .workers(workers)
        .max_concurrent_connections(per_worker)
        .shutdown_timeout(settings.shutdown_timeout)
        .disable_signals();
    let shutdown = http.graceful_shutdown_signal();
    for listener in listeners {
        let (server, stopping, shutdown) = (Arc::clone(server), Arc::clone(stopping), shutdown.clone());
        http = accept(http, listener, &gate, move || http_service(&server, &stopping, &shutdown))?;
    }
    Ok(http.run())
}

/// HTTP/1.1 with the route table.
fn http_service(
    server: &Arc<Server>,
    stopping: &Arc<AtomicBool>,
    shutdown: &GracefulShutdownSignal,
) -> impl ServiceFactory<Opened, Config = (), Response = (), Error = DispatchError, InitError = ()> + use<> {
    let (stopping, shutdown) = (Arc::clone(stopping), shutdown.clone());
    let path = server.settings.server.issuer.path().to_owned();
    let app = App::new()
        .wrap(app::headers(server.front.https))
        .wrap(from_fn(count))
        .wrap(from_fn(move |request, next| close_if(Arc::clone(&stopping), request, next)))
        .wrap(Condition::new(!path.is_empty(), from_fn(move |request, next| mount(path.clone(), request, next))))
        .wrap(from_fn(request_id::identify))
        .configure(app::fixed_answers(server))
        .service(
            scope("")
                .wrap(from_fn(deadline))
                .wrap(from_fn(trace::trace))
                .wrap(TracingLogger::<RequestSpan>::new())
                .wrap(from_fn(shedding::shed))
                .configure(app::routes(server)),
        );
    let app = app.into_factory().map_err(|error: Error| error.error_response());
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let shutdown = shutdown.clone();
            async move { shutdown.notified().await }
        })
        .keep_alive(Duration::from_secs(server.settings.server.keep_alive))
        .client_request_timeout(HEADERS_WITHIN)
        .client_disconnect_timeout(CLOSES_WITHIN)
        .finish(map_config(app, |()| AppConfig::default()))
}

/// Waits for the first signal and stops the server gracefully.
async fn stop_on_signal([mut terminate, mut interrupt]: [Signal; 2], http: ServerHandle, stopping: Arc<AtomicBool>) {
    tokio::select! {
        _ = terminate.recv() => tracing::info!("stopping on SIGTERM"),
        _ = interrupt.recv() => tracing::info!("stopping on SIGINT"),
    }
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
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

/// Counts a response. Runs below the path of the issuer.
async fn count<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let (endpoint, start) = (Endpoint::of(request.path()), Instant::now());
    let result = next.call(request).await;
    let status = result.as_ref().map_or_else(|error| error.as_response_error().status_code(), ServiceResponse::status);
    METRICS.count_response(endpoint, status.as_u16(), start.elapsed());
    result
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
        tracing::info_span!(
            "request",
            request_id = request_id::of_message(request).map(tracing::field::display),
            trace_id = tracing::field::Empty,
            method = %request.method(),
            path = request.path(),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        DefaultRootSpanBuilder::on_request_end(span, outcome);
    }
}
