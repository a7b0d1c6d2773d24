//! Traces and metrics by OTLP over http ([OTLP](https://opentelemetry.io/docs/specs/otlp/#otlphttp)).
//!
//! Spans wait in a bounded queue for a thread that sends them; what does not fit is dropped. No
//! request waits for a collector.

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
use opentelemetry::{Key, KeyValue, trace::TracerProvider};
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

use crate::{
    config::{TelemetrySettings, is_collector},
    fault::with_causes,
    telemetry::TARGET,
};

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
    traces: Option<SdkTracerProvider>,
    metrics: Option<Collector>,
    resource: Resource,
}

impl Telemetry {
    /// Whether there is a collector.
    ///
    /// # Errors
    /// [`TelemetryError`] with the setting or variable that cannot be used.
    pub fn check(settings: &TelemetrySettings) -> Result<bool, TelemetryError> {
        Ok(Target::new(settings)?.is_some_and(|target| target.traces.is_some() || target.metrics.is_some()))
    }

    /// Starts sending spans. `None` without a collector. Needs a runtime of tokio.
    ///
    /// # Errors
    /// [`TelemetryError`] with the setting or variable that cannot be used.
    pub fn start(settings: &TelemetrySettings) -> Result<Option<Self>, TelemetryError> {
        let Some(target) = Target::new(settings)? else { return Ok(None) };
        let resource = resource(settings.service_name.clone());
        let traces = target.traces.as_ref().map(|url| target.collector("traces", url));
        let traces =
            traces.map(|collector| provider(collector, settings.sampling_ratio, resource.clone())).transpose()?;
        let metrics = target.metrics.as_ref().map(|url| target.collector("metrics", url));
        Ok(Some(Self { traces, metrics, resource }))
    }

    /// Records the spans of [`telemetry`](crate::telemetry), and nothing else.
    pub(super) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET);
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.traces.as_ref()?.tracer("writ"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(ours.with_max_level_hint(LevelFilter::INFO));
        Some(layer)
    }

    /// Where metrics are sent, if they are.
    pub fn metrics(&self) -> Option<&Collector> {
        self.metrics.as_ref()
    }

    /// What describes this process.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Sends the spans that are left, for two seconds at most.
    pub async fn stop(&self) {
        let Some(provider) = self.traces.clone() else { return };
        // The thread of the spans sends on this runtime, which must not be blocked.
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(STOPS_WITHIN));
        if let Ok(Err(error)) = stopped.await {
            tracing::debug!(%error, "the last spans were not sent");
        }
    }
}

fn provider(collector: Collector, ratio: f64, resource: Resource) -> Result<SdkTracerProvider, TelemetryError> {
    let (url, timeout) = (collector.url.to_string(), collector.timeout);
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_endpoint(url)
        .with_timeout(timeout)
        .build()
        .map_err(|error| TelemetryError::Invalid(format!("telemetry: {error}")))?;
    let batch = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
    Ok(SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batch).build())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
        .with_resource(resource)
        .build())
}

/// This process. `OTEL_RESOURCE_ATTRIBUTES` replaces what is not configured.
fn resource(service_name: Option<String>) -> Resource {
    let given = Resource::builder().build();
    let is_given = |name| given.get(&Key::from_static_str(name)).is_some();
    let defaults = [
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        // Metrics of several nodes would replace each other.
        ("service.instance.id", uuid::Uuid::new_v4().to_string()),
    ];
    let missing =
        defaults.into_iter().filter(|(name, _)| !is_given(name)).map(|(name, value)| KeyValue::new(name, value));
    let has_name = given.get(&Key::from_static_str("service.name")).is_some_and(|name| {
        // The SDK's own default.
        !name.as_str().starts_with("unknown_service")
    });
    let name = service_name.or_else(|| (!has_name).then(|| "writ".to_owned()));
    Resource::builder().with_attributes(missing.chain(name.map(|name| KeyValue::new("service.name", name)))).build()
}

/// Where signals are sent, and how.
struct Target {
    traces: Option<Url>,
    metrics: Option<Url>,
    http: Client,
    headers: HeaderMap,
    timeout: Duration,
}

impl Target {
    /// `None` if nothing is sent.
    fn new(settings: &TelemetrySettings) -> Result<Option<Self>, TelemetryError> {
        if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let endpoint = |name: &str, path: &str| match (&settings.endpoint, variable(name)) {
            (Some(url), _) => Ok(Some(below(url, path))),
            (None, Some(text)) => url(name, &text).map(Some),
            (None, None) => {
                let name = "OTEL_EXPORTER_OTLP_ENDPOINT";
                variable(name).map(|text| Ok(below(&url(name, &text)?, path))).transpose()
            }
        };
        let traces = endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "v1/traces")?;
        let metrics = endpoint("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "v1/metrics")?;
        if traces.is_none() && metrics.is_none() {
            return Ok(None);
        }
        if let Some(protocol) = variable("OTEL_EXPORTER_OTLP_PROTOCOL").filter(|protocol| protocol != "http/protobuf") {
            let reason = format!("OTEL_EXPORTER_OTLP_PROTOCOL: {protocol} is not supported, only http/protobuf is");
            return Err(TelemetryError::Invalid(reason));
        }
        let timeout = timeout()?;
        let mut http = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(timeout)
            .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = variable("OTEL_EXPORTER_OTLP_CERTIFICATE") {
            let invalid =
                |error: String| TelemetryError::Invalid(format!("OTEL_EXPORTER_OTLP_CERTIFICATE: {path}: {error}"));
            let pem = std::fs::read(&path).map_err(|error| invalid(error.to_string()))?;
            let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| invalid(error.to_string()))?;
            http = http.tls_certs_merge(roots);
        }
        let http = http.build().map_err(io::Error::other)?;
        Ok(Some(Self { traces, metrics, http, headers: headers(settings.headers_file.as_deref())?, timeout }))
    }

    fn collector(&self, signal: &'static str, url: &Url) -> Collector {
        Collector {
            signal,
            url: url.clone(),
            http: self.http.clone(),
            headers: self.headers.clone(),
            timeout: self.timeout,
            runtime: Handle::current(),
            failing: Arc::default(),
        }
    }
}

/// Accepts one signal.
#[derive(Debug, Clone)]
pub struct Collector {
    signal: &'static str,
    url: Url,
    http: Client,
    headers: HeaderMap,
    timeout: Duration,
    runtime: Handle,
    /// Whether the last request failed. Only changes are logged.
    failing: Arc<AtomicBool>,
}

impl Collector {
    /// Sends metrics, encoded as protobuf. A failure is logged, and nothing is kept.
    pub async fn send_metrics(&self, body: Vec<u8>) {
        let request = self.http.post(self.url.clone()).header(CONTENT_TYPE, PROTOBUF).body(body);
        if let Ok(request) = request.build() {
            // The outcome is logged there.
            let _ = self.execute(request).await;
        }
    }

    async fn send(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut response = self.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_LENGTH {
                return Err("the response is too long".into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut bounded = Response::new(Bytes::from(body));
        *bounded.status_mut() = response.status();
        // Among them is `Retry-After`.
        *bounded.headers_mut() = std::mem::take(response.headers_mut());
        Ok(bounded)
    }

    async fn execute(&self, mut request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        request.headers_mut().extend(self.headers.clone());
        let result = self.http.execute(request).await;
        match &result {
            Ok(response) => self.note(response.error_for_status_ref().err().as_ref()),
            Err(error) => self.note(Some(error)),
        }
        result
    }

    fn note(&self, error: Option<&reqwest::Error>) {
        let was_failing = self.failing.swap(error.is_some(), Ordering::Relaxed);
        match error.map(|error| with_causes(error)) {
            Some(error) if !was_failing => {
                tracing::warn!(
                    signal = self.signal,
                    error,
                    "the collector does not accept telemetry, which is dropped"
                );
            }
            None if was_failing => tracing::info!(signal = self.signal, "the collector accepts telemetry again"),
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
    Url::parse(text).ok().filter(is_collector).ok_or_else(|| {
        let reason = format!("{name}: expected an http or https URL without user name and query");
        TelemetryError::Invalid(reason)
    })
}

fn below(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
    url
}

fn timeout() -> Result<Duration, TelemetryError> {
    let name = "OTEL_EXPORTER_OTLP_TIMEOUT";
    let Some(text) = variable(name) else { return Ok(TIMEOUT) };
    let milliseconds = text.trim().parse().ok().filter(|milliseconds| *milliseconds > 0);
    let invalid = || TelemetryError::Invalid(format!("{name}: expected a number of milliseconds above 0"));
    milliseconds.map(Duration::from_millis).ok_or_else(invalid)
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
