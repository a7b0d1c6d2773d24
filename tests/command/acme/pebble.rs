//! Certificates from Pebble, an authority for tests. With `WRIT_ACME_TESTS=1`, as
//! `scripts/test-acme` sets it, there must be a `pebble`.

use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rustix::process::Signal;
use serde_json::{Value, json};
use writ::store::{
    Store,
    acme::{self, CertificateId},
};

use super::{NAME, variables};
use crate::{
    node::{Node, free_address, until},
    workplace::Workplace,
};

const KEY: &str = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

/// A running authority; killed when dropped.
struct Pebble {
    children: Vec<Child>,
    files: tempfile::TempDir,
    directory_url: String,
    management: String,
}

/// Where the authority checks names, and what it issues.
struct Checks {
    http_port: u16,
    tls_port: u16,
    /// The life of a certificate in seconds.
    validity: u32,
    /// Whether accounts must be bound to one that it knows.
    bound: bool,
}

/// Whether there is a Pebble. A test without it ends at once, unless it is required.
fn has_pebble() -> bool {
    let found = Command::new("pebble").arg("-version").output().is_ok();
    assert!(found || std::env::var_os("WRIT_ACME_TESTS").is_none(), "there is no pebble");
    found
}

impl Pebble {
    fn start(checks: &Checks) -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let [certificate, private_key, config] =
            ["certificate.pem", "key.pem", "config.json"].map(|name| files.path().join(name));
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(&private_key, made.signing_key.serialize_pem()).expect("written");
        std::fs::write(files.path().join("key"), KEY).expect("written");
        let [listen, management, dns, dns_management] = [(); 4].map(|()| free_address());
        let settings = json!({"pebble": {
            "listenAddress": listen.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": certificate,
            "privateKey": private_key,
            "httpPort": checks.http_port,
            "tlsPort": checks.tls_port,
            "externalAccountBindingRequired": checks.bound,
            "externalAccountMACKeys": {"kid-1": KEY},
            "retryAfter": {"authz": 1, "order": 1},
            "profiles": {"default": {"description": "for tests", "validityPeriod": checks.validity}},
        }});
        std::fs::write(&config, settings.to_string()).expect("written");
        let mut names = Command::new("pebble-challtestsrv");
        names.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-defaultIPv6", ""]);
        names.args(["-dnsserver", &dns.to_string(), "-management", &dns_management.to_string()]);
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(&config).args(["-strict", "-dnsserver", &dns.to_string()]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1");
        let children = [names, pebble]
            .map(|mut command| command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("a program of Go"));
        for address in [listen, management, dns_management] {
            until("the authority listens", || TcpStream::connect(address).is_ok());
        }
        Self {
            children: children.into(),
            files,
            directory_url: format!("https://{listen}/dir"),
            management: format!("https://{management}"),
        }
    }

    /// The variables of a server that uses this authority.
    fn variables<'a>(&'a self, challenge: &'a str, files: &'a [String; 2]) -> Vec<(&'a str, &'a str)> {
        let [ca_file, key_file] = files;
        let mut variables = variables(challenge, &self.directory_url);
        variables.extend([
            ("WRIT__ACME__CA_FILE", ca_file.as_str()),
            ("WRIT__ACME__EXTERNAL_ACCOUNT_ID", "kid-1"),
            ("WRIT__ACME__EXTERNAL_ACCOUNT_KEY_FILE", key_file),
        ]);
        variables
    }

    fn files(&self) -> [String; 2] {
        ["certificate.pem", "key"].map(|name| self.files.path().join(name).display().to_string())
    }

    /// A client that trusts this certificate in PEM only, with a connection for each request.
    fn client(root: &[u8]) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_pem(root).expect("a certificate");
        reqwest::Client::builder().user_agent("writ-tests").tls_certs_only([root]).pool_max_idle_per_host(0)
    }

    /// Sends a request to the authority's management: a POST with a body, else a GET.
    fn manage(&self, path: &str, body: Option<Value>) -> String {
        let own = std::fs::read(self.files.path().join("certificate.pem")).expect("a file");
        let (client, url) = (Self::client(&own).build().expect("a client"), format!("{}{path}", self.management));
        let request = match body {
            Some(body) => client.post(url).json(&body),
            None => client.get(url),
        };
        in_runtime(async {
            let response = request.send().await.expect("a response");
            let (status, text) = (response.status(), response.text().await.expect("text"));
            assert!(status.is_success(), "{status}: {text}");
            text
        })
    }

    /// The certificate that a node presents, if this authority has issued it and it is valid.
    fn presented(&self, root: &str, node: &Node) -> Option<Vec<u8>> {
        let client = Self::client(root.as_bytes()).tls_info(true).resolve(NAME, node.address);
        let url = format!("https://{NAME}:{}/healthz", node.address.port());
        let response = in_runtime(client.build().expect("a client").get(url).send()).ok()?;
        let info = response.extensions().get::<reqwest::tls::TlsInfo>()?;
        info.peer_certificate().map(<[u8]>::to_vec)
    }

    /// Waits until all nodes present the same certificate, another one than `earlier`.
    fn next_certificate(&self, nodes: &[Node], earlier: Option<&Vec<u8>>) -> Vec<u8> {
        let root = self.manage("/roots/0", None);
        let mut found = None;
        until("all nodes have the certificate", || {
            let mut presented: Vec<Option<Vec<u8>>> = nodes.iter().map(|node| self.presented(&root, node)).collect();
            presented.dedup();
            found = presented.pop().flatten().filter(|found| presented.is_empty() && Some(found) != earlier);
            found.is_some()
        });
        found.expect("a certificate")
    }
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What the nodes share about their certificate.
struct Certificate {
    store: Store,
    id: CertificateId,
}

impl Certificate {
    fn of(workplace: &Workplace, pebble: &Pebble) -> Self {
        let id = CertificateId { directory: pebble.directory_url.clone(), names: NAME.to_owned() };
        Self { store: workplace.store(), id }
    }

    fn row(&self) -> Option<acme::Certificate> {
        let id = self.id.clone();
        in_runtime(self.store.read(move |tx| acme::certificate(tx, &id))).expect("a read")
    }
}

/// A balancer in front of the nodes, which gives each connection to the next node.
struct Balancer {
    listener: TcpListener,
    address: SocketAddr,
}

impl Balancer {
    fn new() -> Self {
        let listener = TcpListener::bind(free_address()).expect("a free port");
        let address = listener.local_addr().expect("an address");
        Self { listener, address }
    }

    /// Begins to accept connections. Returns the number of connections that each node got.
    fn start(self, nodes: &[Node]) -> Arc<Vec<AtomicUsize>> {
        let targets: Vec<SocketAddr> = nodes.iter().map(|node| node.address).collect();
        let counts: Arc<Vec<AtomicUsize>> = Arc::new(targets.iter().map(|_| AtomicUsize::new(0)).collect());
        let counted = Arc::clone(&counts);
        thread::spawn(move || {
            for (number, client) in self.listener.incoming().enumerate() {
                let node = number % targets.len();
                counted[node].fetch_add(1, Ordering::Relaxed);
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(targets[node])) {
                    pump(&client, &server);
                    pump(&server, &client);
                }
            }
        });
        counts
    }
}

fn pump(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

#[test]
fn certificate_is_renewed_in_time_for_all_nodes_and_each_answers_the_authority() {
    if !has_pebble() {
        return;
    }
    let (workplace, balancer) = (Workplace::new(), Balancer::new());
    let checks = Checks { http_port: 9, tls_port: balancer.address.port(), validity: 20, bound: false };
    let pebble = Pebble::start(&checks);
    let files = pebble.files();
    let variables = pebble.variables("tls-alpn-01", &files);
    let number = if workplace.is_postgres() { 2 } else { 1 };
    let nodes: Vec<Node> = (0..number).map(|_| Node::start(&workplace, &variables)).collect();
    let counts = balancer.start(&nodes);

    let first = pebble.next_certificate(&nodes, None);
    let second = pebble.next_certificate(&nodes, Some(&first));
    assert_ne!(first, second);
    assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) > 0), "{counts:?}");
    // A restarted node has the certificate at once, from the database.
    drop(nodes);
    let node = Node::start(&workplace, &variables);
    assert!(pebble.presented(&pebble.manage("/roots/0", None), &node).is_some());
}

#[test]
fn certificate_is_renewed_early_when_the_authority_asks_for_it() {
    if !has_pebble() {
        return;
    }
    let (workplace, plain) = (Workplace::new(), free_address());
    let checks = Checks { http_port: plain.port(), tls_port: 9, validity: 90 * 86_400, bound: true };
    let pebble = Pebble::start(&checks);
    let (files, listen) = (pebble.files(), plain.to_string());
    let mut variables = pebble.variables("http-01", &files);
    variables.push(("WRIT__ACME__HTTP_LISTEN", &listen));
    let nodes = [Node::start(&workplace, &variables)];
    let first = pebble.next_certificate(&nodes, None);

    let certificate = Certificate::of(&workplace, &pebble);
    let row = || certificate.row().expect("a certificate");
    until("the authority was asked when to renew", || row().ask_at > writ::clock::Clock::default().now());
    let suggestion = json!({"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}});
    let chain = row().chain.expect("a chain");
    let suggested = json!({"certificate": chain, "ariResponse": suggestion.to_string()});
    pebble.manage("/set-renewal-info/", Some(suggested));
    nodes[0].signal(Signal::HUP);
    let second = pebble.next_certificate(&nodes, Some(&first));
    assert_ne!(first, second);
    assert_eq!(row().number, 2);
}

#[test]
fn failed_order_is_explained_and_repeated_at_a_signal() {
    if !has_pebble() {
        return;
    }
    let (workplace, plain, wrong) = (Workplace::new(), free_address(), free_address());
    let pebble = Pebble::start(&Checks { http_port: plain.port(), tls_port: 9, validity: 90 * 86_400, bound: false });
    let (files, right, wrong) = (pebble.files(), plain.to_string(), wrong.to_string());
    let on = |listen| {
        let mut variables = pebble.variables("http-01", &files);
        variables.push(("WRIT__ACME__HTTP_LISTEN", listen));
        variables
    };
    let node = Node::start(&workplace, &on(&wrong));
    let finding = || {
        let report = workplace.writ_with(&on(&wrong), &["doctor", "--json"], "").stdout;
        let report: Value = serde_json::from_str(&report).expect("a report");
        let findings = report["findings"].as_array().expect("findings");
        findings.iter().find(|finding| finding["id"] == "certificate_renewal").expect("a finding").clone()
    };
    let certificate = Certificate::of(&workplace, &pebble);
    until("the order fails", || certificate.row().is_some_and(|row| row.last_error.is_some()));
    let found = finding();
    assert_eq!(found["severity"], "error");
    let cause = found["cause"].as_str().expect("text");
    assert!(cause.starts_with("Order 1 ") && cause.contains("id.writ.test: ") && cause.contains("refused"), "{cause}");
    drop(node);

    let nodes = [Node::start(&workplace, &on(&right))];
    nodes[0].signal(Signal::HUP);
    pebble.next_certificate(&nodes, None);
    assert_eq!(finding()["severity"], "ok");
}
