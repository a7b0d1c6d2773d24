//! Traces and metrics by OTLP over http ([OTLP](https://opentelemetry.io/docs/specs/otlp/#otlphttp)).
//!
//! Spans wait in a bounded queue for a thread that sends them; what does not fit is dropped. No
//! request and no stop waits for a collector.

use std::{
    io,
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::web::Bytes;
use http::{Request, Response};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use percent_encoding::percent_decode_str;
use reqwest::{
    Client,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use tokio::runtime::Handle;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

use crate::{config::TelemetrySettings, telemetry::TARGET};

/// Maximum number of spans that wait.
const QUEUE: usize = 4096;
/// Maximum time of a request to the collector, unless `OTEL_EXPORTER_OTLP_TIMEOUT` is set.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum time that a stop waits for the last spans.
const STOPS_WITHIN: Duration = Duration::from_secs(2);
/// Maximum length of a response in bytes.
const MAX_LENGTH: usize = 1 << 16;
const PROTOBUF: &str = "application/x-protobuf";

/// A collector cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A setting or a standard variable is invalid.
    #[error("{0}")]
    Invalid(String),
    /// A file or TLS cannot be used.
    #[error("telemetry: {0}")]
    Io(#[from] io::Error),
}

/// The connection to a collector.
pub struct Telemetry {
    provider: SdkTracerProvider,
    collector: Collector,
    resource: Resource,
}

impl Telemetry {
    /// Starts sending spans. `None` without a collector.
    ///
    /// # Errors
    /// [`TelemetryError`] with the setting or variable that cannot be used.
    pub fn start(settings: &TelemetrySettings) -> Result<Option<Self>, TelemetryError> {
        if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let Some(collector) = Collector::new(settings)? else { return Ok(None) };
        if let Some(protocol) = variable("OTEL_EXPORTER_OTLP_PROTOCOL").filter(|protocol| protocol != "http/protobuf") {
            let reason = format!("OTEL_EXPORTER_OTLP_PROTOCOL: {protocol} is not supported, only http/protobuf is");
            return Err(TelemetryError::Invalid(reason));
        }
        let name = settings.service_name.clone().or_else(|| variable("OTEL_SERVICE_NAME"));
        let resource = Resource::builder().with_service_name(name.unwrap_or_else(|| "writ".to_owned())).build();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector.clone())
            .with_endpoint(collector.traces.as_str())
            .with_timeout(collector.timeout)
            .build()
            .map_err(|error| TelemetryError::Invalid(format!("telemetry: {error}")))?;
        let batch = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batch).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sampling_ratio))))
            .with_resource(resource.clone())
            .build();
        Ok(Some(Self { provider, collector, resource }))
    }

    /// Records the spans of [`telemetry`](crate::telemetry), and nothing else.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("writ"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(ours.with_max_level_hint(LevelFilter::INFO))
    }

    /// Where metrics are sent.
    pub fn collector(&self) -> &Collector {
        &self.collector
    }

    /// What describes this service.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Sends what is left, as far as that takes no time to speak of.
    pub async fn stop(&self) {
        let provider = self.provider.clone();
        // The thread of the spans sends on this runtime, which must not be blocked.
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(STOPS_WITHIN));
        if let Ok(Err(error)) = stopped.await {
            tracing::debug!(%error, "the last spans were not sent");
        }
    }
}

/// A collector: its URLs, and a client with the headers that it asks for.
#[derive(Debug, Clone)]
pub struct Collector {
    traces: Url,
    metrics: Url,
    http: Client,
    timeout: Duration,
    runtime: Handle,
    /// Whether the last request failed. Only changes are logged.
    failing: Arc<AtomicBool>,
}

impl Collector {
    fn new(settings: &TelemetrySettings) -> Result<Option<Self>, TelemetryError> {
        let base = match (&settings.endpoint, variable("OTEL_EXPORTER_OTLP_ENDPOINT")) {
            (Some(url), _) => Some(url.clone()),
            (None, Some(text)) => Some(url("OTEL_EXPORTER_OTLP_ENDPOINT", &text)?),
            (None, None) => None,
        };
        let endpoint = |name: &str, path: &str| match variable(name) {
            Some(text) => url(name, &text).map(Some),
            None => Ok(base.clone().map(|mut url| {
                url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
                url
            })),
        };
        let traces = endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "v1/traces")?;
        let metrics = endpoint("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "v1/metrics")?;
        let (Some(traces), Some(metrics)) = (traces, metrics) else { return Ok(None) };
        let milliseconds = variable("OTEL_EXPORTER_OTLP_TIMEOUT").and_then(|text| text.parse().ok());
        let timeout = milliseconds.map_or(TIMEOUT, Duration::from_millis);
        let mut http = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(timeout)
            .default_headers(headers(settings.headers_file.as_deref())?)
            .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = variable("OTEL_EXPORTER_OTLP_CERTIFICATE") {
            let invalid =
                |error: String| TelemetryError::Invalid(format!("OTEL_EXPORTER_OTLP_CERTIFICATE: {path}: {error}"));
            let pem = std::fs::read(&path).map_err(|error| invalid(error.to_string()))?;
            let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| invalid(error.to_string()))?;
            http = http.tls_certs_merge(roots);
        }
        let http = http.build().map_err(io::Error::other)?;
        let (runtime, failing) = (Handle::current(), Arc::default());
        Ok(Some(Self { traces, metrics, http, timeout, runtime, failing }))
    }

    /// Sends metrics, encoded as protobuf. A failure is logged, and nothing is kept.
    pub async fn send_metrics(&self, body: Vec<u8>) {
        let request = self.http.post(self.metrics.clone()).header(CONTENT_TYPE, PROTOBUF).body(body);
        let result = request.send().await.and_then(reqwest::Response::error_for_status);
        self.note(result.as_ref().err());
    }

    async fn send(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let result = async { self.http.execute(request.try_into()?).await }.await;
        match &result {
            Ok(response) => self.note(response.error_for_status_ref().err().as_ref()),
            Err(error) => self.note(Some(error)),
        }
        let mut response = result?;
        let (status, mut body) = (response.status(), Vec::new());
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_LENGTH {
                return Err("the response is too long".into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response::builder().status(status).body(Bytes::from(body))?)
    }

    fn note(&self, error: Option<&reqwest::Error>) {
        let was_failing = self.failing.swap(error.is_some(), Ordering::Relaxed);
        match error {
            Some(error) if !was_failing => {
                tracing::warn!(%error, "the collector does not accept telemetry, which is dropped");
            }
            None if was_failing => tracing::info!("the collector accepts telemetry again"),
            _ => {}
        }
    }
}

impl HttpClient for Collector {
    fn send_bytes<'client, 'future>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'client: 'future,
        Self: 'future,
    {
        // The caller is a thread without a runtime.
        let sent = self.runtime.spawn(self.clone().send(request));
        Box::pin(async move { sent.await? })
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn url(name: &str, text: &str) -> Result<Url, TelemetryError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| TelemetryError::Invalid(format!("{name}: expected an http or https URL")))
}

/// The headers of the file, and those of `OTEL_EXPORTER_OTLP_HEADERS`.
fn headers(file: Option<&Path>) -> Result<HeaderMap, TelemetryError> {
    let mut headers = HeaderMap::new();
    let mut add = |source: &str, name: &str, value: &str| -> Result<(), TelemetryError> {
        let invalid = || TelemetryError::Invalid(format!("{source}: expected headers, each with a name and a value"));
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| invalid())?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| invalid())?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    };
    let name = "OTEL_EXPORTER_OTLP_HEADERS";
    let pairs = variable(name).unwrap_or_default();
    for pair in pairs.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(name, key, &percent_decode_str(value).decode_utf8_lossy())?;
    }
    if let Some(path) = file {
        let source = format!("telemetry.headers_file: {}", path.display());
        let text =
            std::fs::read_to_string(path).map_err(|error| TelemetryError::Invalid(format!("{source}: {error}")))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            add(&source, key, value)?;
        }
    }
    Ok(headers)
}
