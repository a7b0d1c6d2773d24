//! The metrics of a running server, and the ids of its requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    net::{SocketAddr, TcpStream},
    path::Path,
};

use crate::{
    node::{Node, free_address, whole_answer},
    workplace::Workplace,
};

/// The samples of a scrape.
struct Scrape {
    text: String,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Reads the text as OpenMetrics: each sample belongs to a family that was described before.
    fn parse(text: &str) -> Self {
        let mut families = BTreeSet::new();
        let mut samples = BTreeMap::new();
        assert!(text.ends_with("# EOF\n"), "{text}");
        for line in text.lines() {
            if let Some(family) = line.strip_prefix("# TYPE ") {
                let name = family.split(' ').next().unwrap_or_default();
                assert!(families.insert(name.to_owned()), "{name} is described twice");
            } else if !line.starts_with('#') {
                let (series, value) = line.rsplit_once(' ').expect("a sample");
                let name = series.split('{').next().unwrap_or_default();
                let suffixes = ["", "_total", "_bucket", "_sum", "_count"];
                let family = suffixes.iter().find_map(|suffix| families.get(name.strip_suffix(suffix)?));
                assert!(family.is_some(), "{name} has no family");
                let earlier = samples.insert(series.to_owned(), value.parse().expect("a number"));
                assert!(earlier.is_none(), "{series} occurs twice");
            }
        }
        Self { text: text.to_owned(), samples }
    }

    fn value(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("{series} is not in {}", self.text))
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    whole_answer(stream)
}

fn scrape(address: SocketAddr) -> Scrape {
    let answer = get(address, "/metrics");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(head.to_lowercase().contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    Scrape::parse(body)
}

#[test]
fn metrics_count_what_a_server_did_without_personal_data() {
    let workplace = Workplace::with_talk();
    let metadata = r#"{"client_name": "Cron", "grant_types": ["client_credentials"], "scope": "message:read"}"#;
    let created = workplace.json(&["client", "create", "--id", "night-job", "--json", "-"], metadata);
    let secret = created["client_secret"].as_str().expect("a secret");
    let address = free_address();
    let node = Node::start(&workplace, &[("WRIT__METRICS__LISTEN", &address.to_string())]);
    let before = scrape(address);
    assert_eq!(before.value(r#"writ_requests_total{endpoint="token",status="2xx"}"#), 0.0);

    let form = format!("grant_type=client_credentials&scope=message:read&client_id=night-job&client_secret={secret}");
    assert_eq!(node.post("/token", &form), 200);
    assert_eq!(node.post("/token", &form), 200);
    assert_eq!(node.post("/token", &form.replace(secret, "wrong-secret")), 401);
    get(node.address, "/nowhere/night-job?email=ada@example.com");
    let after = scrape(address);
    for (series, value) in [
        (r#"writ_requests_total{endpoint="token",status="2xx"}"#, 2.0),
        (r#"writ_requests_total{endpoint="token",status="4xx"}"#, 1.0),
        (r#"writ_requests_total{endpoint="other",status="4xx"}"#, 1.0),
        (r#"writ_request_seconds_count{endpoint="token"}"#, 3.0),
        (r#"writ_request_seconds_bucket{le="+Inf",endpoint="token"}"#, 3.0),
        (r#"writ_tokens_total{grant_type="client_credentials"}"#, 2.0),
        (r#"writ_signatures_total{algorithm="ES256"}"#, 2.0),
        (r#"writ_refusals_total{cause="client_secret_wrong"}"#, 1.0),
        ("writ_database_up", 1.0),
        ("writ_password_queue", 0.0),
        (r#"writ_queue{kind="mail"}"#, 0.0),
    ] {
        assert_eq!(after.value(series), value, "{series}");
    }
    assert!(after.value(r#"writ_signing_key_age_seconds{algorithm="ES256"}"#) >= 0.0);
    assert!(after.value(r#"writ_unit_of_work_seconds_count{kind="write"}"#) > 0.0);
    if !workplace.is_postgres() {
        assert_eq!(after.value(r#"writ_rows{table="clients"}"#), 1.0);
        assert!(after.value(r#"writ_commit_units_count{database="sqlite"}"#) > 0.0);
    }
    for hidden in ["night-job", "ada@", "nowhere", secret, "127.0.0.1"] {
        assert!(!after.text.contains(hidden), "{hidden}");
    }
    assert!(get(node.address, "/metrics").starts_with("HTTP/1.1 404 "), "metrics are not for the public");
    let same = workplace.writ_with(
        &[("WRIT__SERVER__LISTEN", "127.0.0.1:8400"), ("WRIT__METRICS__LISTEN", "127.0.0.1:8400")],
        &["config", "check"],
        "",
    );
    assert!(same.stderr.contains("metrics have an address of their own"), "{}", same.stderr);
}

#[test]
fn dashboard_and_alerts_use_existing_metrics() {
    let workplace = Workplace::new();
    let address = free_address();
    let _node = Node::start(&workplace, &[("WRIT__METRICS__LISTEN", &address.to_string())]);
    let scrape = scrape(address);
    let families: BTreeSet<&str> =
        scrape.samples.keys().map(|series| series.split('{').next().unwrap_or_default()).collect();
    for file in ["alerts.yaml", "dashboard.json"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/monitoring").join(file);
        let text = std::fs::read_to_string(path).expect("a file");
        let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let metrics: Vec<&str> = words.into_iter().filter(|word| word.starts_with("writ_")).collect();
        assert!(metrics.len() > 5, "{file}: {metrics:?}");
        for metric in metrics {
            let is_known = families.contains(metric) || families.contains(format!("{metric}_count").as_str());
            // Only a server with a sink, or with its own certificate, has it.
            let is_optional = ["writ_audit_sink_behind", "writ_certificate_not_after"].contains(&metric);
            assert!(is_known || is_optional, "{file}: {metric}");
        }
    }
}

#[test]
fn every_response_has_an_id_which_error_pages_show() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[]);
    let mut ids = BTreeSet::new();
    for path in ["/healthz", "/jwks", "/login", "/nowhere", "/authorize", "/.well-known/openid-configuration"] {
        let answer = get(node.address, path);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");
        assert!(ids.insert(id.to_owned()), "{path} repeats an id");
        assert_eq!(body.contains("id=\"error\""), body.contains(id), "{path}");
    }
}
