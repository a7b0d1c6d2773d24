//! Traces and metrics for a collector, which is a receiver in the test.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{Metric, metric::Data},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use rustix::process::Signal;
use serde_json::json;

use crate::{
    node::{Node, free_address, until, whole_answer},
    workplace::Workplace,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A request to the collector.
#[derive(Clone)]
struct Received {
    path: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// A collector that accepts everything.
struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind(free_address()).expect("a free port");
        let collector = Self { address: listener.local_addr().expect("an address"), received: Arc::default() };
        let received = Arc::clone(&collector.received);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let received = Arc::clone(&received);
                thread::spawn(move || serve(&stream, &received));
            }
        });
        collector
    }

    fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    fn received(&self, path: &str) -> Vec<Received> {
        let received = self.received.lock().expect("not poisoned");
        received.iter().filter(|received| received.path == path).cloned().collect()
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.received("/v1/traces");
        let requests =
            requests.iter().map(|received| ExportTraceServiceRequest::decode(&*received.body).expect("spans"));
        let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    fn metrics(&self) -> Vec<Metric> {
        let requests = self.received("/v1/metrics");
        let Some(last) = requests.last() else { return Vec::new() };
        let request = ExportMetricsServiceRequest::decode(&*last.body).expect("metrics");
        let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        scopes.flat_map(|scope| scope.metrics).collect()
    }
}

/// Reads requests until the connection ends.
fn serve(stream: &TcpStream, received: &Mutex<Vec<Received>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_lowercase()),
            }
        }
        let length = lines.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let path = lines[0].split(' ').nth(1).unwrap_or_default().to_owned();
        received.lock().expect("not poisoned").push(Received { path, headers: lines, body });
        let mut stream = stream;
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a request with further header lines, and waits for the response.
fn get(node: &Node, target: &str, headers: &str) -> String {
    whole_answer(node.send(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")))
}

#[test]
fn requests_are_traced_without_personal_data_in_the_trace_of_a_trusted_proxy() {
    let (workplace, collector) = (Workplace::new(), Collector::start());
    let endpoint = collector.endpoint();
    std::fs::write(workplace.directory.join("headers"), "Authorization: Bearer abc\n").expect("written");
    let node = Node::start(
        &workplace,
        &[
            ("WRIT__TELEMETRY__ENDPOINT", endpoint.as_str()),
            ("WRIT__TELEMETRY__HEADERS_FILE", "headers"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20old"),
            ("WRIT__SERVER__TRUSTED_PROXIES", "127.0.0.1/32"),
            ("WRIT__TELEMETRY__TRUST_TRACEPARENT", "true"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ],
    );
    let secret = "someone@example.com";
    let header = format!("traceparent: 00-{TRACE}-{CALLER}-01\r\n");
    let answer = get(&node, &format!("/authorize?client_id={secret}&state={secret}"), &header);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    get(&node, &format!("/admin/v1/users/{secret}"), "");

    let find = |name: &str| collector.spans().into_iter().find(|span| span.name == name);
    until("the spans arrive", || find("authorization").is_some() && find("administration").is_some());
    let span = find("authorization").expect("a span");
    assert_eq!((hexadecimal(&span.trace_id), hexadecimal(&span.parent_span_id)), (TRACE.to_owned(), CALLER.to_owned()));
    assert_eq!(span.kind, i32::from(SpanKind::Server));
    assert_eq!(text(&span.attributes, "http.request.method").as_deref(), Some("GET"));
    assert_eq!(text(&span.attributes, "http.response.status_code").as_deref(), Some("400"));
    let unit = collector.spans().into_iter().find(|unit| unit.parent_span_id == span.span_id).expect("a unit of work");
    assert_eq!((unit.name.as_str(), unit.trace_id), ("read", span.trace_id));
    // A request without the header begins a trace.
    assert_ne!(hexadecimal(&find("administration").expect("a span").trace_id), TRACE);

    for received in collector.received("/v1/traces") {
        let authorizations: Vec<_> =
            received.headers.iter().filter(|header| header.starts_with("authorization:")).collect();
        assert_eq!(authorizations, ["authorization: bearer abc"], "the file has priority");
        let body = String::from_utf8_lossy(&received.body);
        assert!(!body.contains("someone") && !body.contains("127.0.0.1"), "{body}");
    }
    assert!(collector.spans().iter().all(|span| span.events.is_empty()));
}

#[test]
fn stranger_cannot_name_a_trace() {
    // Behind a proxy that may forward the header of a stranger, and without a proxy.
    for setting in [("WRIT__SERVER__TRUSTED_PROXIES", "127.0.0.1/32"), ("WRIT__TELEMETRY__TRUST_TRACEPARENT", "true")] {
        let (workplace, collector) = (Workplace::new(), Collector::start());
        let endpoint = collector.endpoint();
        let variables = [("WRIT__TELEMETRY__ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50"), setting];
        let node = Node::start(&workplace, &variables);
        get(&node, "/authorize", &format!("traceparent: 00-{TRACE}-{CALLER}-01\r\n"));
        let find = || collector.spans().into_iter().find(|span| span.name == "authorization");
        until("the span arrives", || find().is_some());
        let span = find().expect("a span");
        assert_ne!(hexadecimal(&span.trace_id), TRACE, "{setting:?}");
        assert!(span.parent_span_id.is_empty(), "{setting:?}");
    }
}

#[test]
fn variable_that_cannot_be_used_is_named_without_its_value() {
    let workplace = Workplace::new();
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://user:hidden@collector.example"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector.example?key=hidden"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hidden name=x"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "hidden"),
    ] {
        let variables =
            [("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://collector.example/v1/metrics"), (name, value)];
        let answer = workplace.writ_with(&variables, &["serve"], "");
        assert!(!answer.success && answer.stderr.contains(name), "{name}: {}", answer.stderr);
        assert!(!answer.stderr.contains("hidden"), "{name}: {}", answer.stderr);
    }
}

#[test]
fn request_of_the_server_belongs_to_the_trace_of_its_cause() {
    let (workplace, collector) = (Workplace::new(), Collector::start());
    let endpoint = collector.endpoint();
    let metadata = json!({
        "client_name": "Bank", "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": format!("{endpoint}/jwks"),
    });
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("WRIT__OUTGOING__ALLOW_LOOPBACK", "true"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    let client = workplace.json(&["client", "create", "--json", "-"], &metadata.to_string());
    let id = client["client_id"].as_str().expect("an id");
    let node = Node::start(&workplace, &variables);
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (header, claims) = (part(json!({ "alg": "ES256", "kid": "1" })), part(json!({ "sub": id })));
    let assertion = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    let form = format!(
        "grant_type=client_credentials&client_assertion={assertion}&\
         client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    );
    node.post("/token", &form);

    let find =
        || collector.spans().into_iter().find(|span| span.kind == i32::from(SpanKind::Client) && span.name == "GET");
    until("the span arrives", || find().is_some());
    let span = find().expect("a span");
    let header = format!("traceparent: 00-{}-{}-01", hexadecimal(&span.trace_id), hexadecimal(&span.span_id));
    let fetched = collector.received("/jwks").pop().expect("a request");
    assert!(fetched.headers.contains(&header), "{:?}", fetched.headers);
    assert!(span.attributes.iter().all(|attribute| attribute.key != "url.full"), "{:?}", span.attributes);
    let cause = collector.spans().into_iter().find(|cause| cause.span_id == span.parent_span_id);
    assert_eq!(cause.expect("a cause").name, "token");
}

#[test]
fn metrics_are_sent_as_they_are_scraped() {
    let (workplace, collector) = (Workplace::new(), Collector::start());
    let endpoint = format!("{}/v1/metrics", collector.endpoint());
    let variables = [
        ("WRIT__TELEMETRY__METRICS_INTERVAL", "1"),
        // The standard variable for this signal alone.
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", endpoint.as_str()),
    ];
    let node = Node::start(&workplace, &variables);
    get(&node, "/jwks", "");
    let requests = || -> Option<i64> {
        let metric = collector.metrics().into_iter().find(|metric| metric.name == "writ_requests")?;
        let Some(Data::Sum(sum)) = metric.data else { panic!("not a sum") };
        assert!(sum.is_monotonic);
        let is_ours = |attributes: &[KeyValue]| {
            text(attributes, "endpoint").as_deref() == Some("jwks")
                && text(attributes, "status").as_deref() == Some("2xx")
        };
        let point = sum.data_points.into_iter().find(|point| is_ours(&point.attributes))?;
        match point.value? {
            opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsInt(value) => Some(value),
            other => panic!("{other:?}"),
        }
    };
    until("the request is counted", || requests() == Some(1));
    let metrics = collector.metrics();
    let seconds = metrics.iter().find(|metric| metric.name == "writ_request_seconds").expect("a histogram");
    let Some(Data::Histogram(histogram)) = &seconds.data else { panic!("not a histogram") };
    assert!(histogram.data_points.iter().all(|point| point.bucket_counts.len() == point.explicit_bounds.len() + 1));
    assert!(metrics.iter().any(|metric| metric.name == "writ_database_up"));
    let requests = collector.received("/v1/traces");
    assert!(requests.is_empty(), "traces have no endpoint");
}

#[test]
fn collector_that_does_not_respond_delays_neither_requests_nor_the_stop() {
    let workplace = Workplace::new();
    // Accepts connections and never responds.
    let silent = TcpListener::bind(free_address()).expect("a free port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let variables = [("WRIT__TELEMETRY__ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let node = Node::start(&workplace, &variables);
    for _ in 0..100 {
        assert!(get(&node, "/authorize", "").starts_with("HTTP/1.1 400"));
    }
    node.signal(Signal::TERM);
    assert!(node.ended().success());
}
