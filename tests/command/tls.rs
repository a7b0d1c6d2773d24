//! TLS by `writ serve` itself: the certificate, and its replacement while the server runs.

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    node::{Node, until},
    workplace::{Answer, Workplace},
};

const VARIABLES: [(&str, &str); 3] = [
    ("WRIT__SERVER__ISSUER", "https://localhost"),
    ("WRIT__TLS__CERTIFICATE", "certificate.pem"),
    ("WRIT__TLS__PRIVATE_KEY", "key.pem"),
];

/// Writes a new certificate with its key. Returns a client that trusts only this one.
fn issue(workplace: &Workplace) -> reqwest::Client {
    issue_with(workplace, rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name"))
}

fn issue_with(workplace: &Workplace, parameters: rcgen::CertificateParams) -> reqwest::Client {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    std::fs::write(workplace.directory.join("certificate.pem"), certificate.pem()).expect("written");
    std::fs::write(workplace.directory.join("key.pem"), key.serialize_pem()).expect("written");
    let root = reqwest::Certificate::from_pem(certificate.pem().as_bytes()).expect("a certificate");
    // A new connection for each request, so that each sees the current certificate.
    reqwest::Client::builder().tls_certs_only([root]).pool_max_idle_per_host(0).build().expect("a client")
}

/// The issuer in the metadata. `None` if the client does not trust the certificate.
fn issuer(client: &reqwest::Client, node: &Node) -> Option<Value> {
    let url = format!("https://localhost:{}/.well-known/openid-configuration", node.address.port());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let metadata: Value = runtime.block_on(async { client.get(url).send().await.ok()?.json().await.ok() })?;
    Some(metadata["issuer"].clone())
}

fn healthcheck(workplace: &Workplace, node: &Node) -> Answer {
    let listen = node.address.to_string();
    workplace.writ_with(&[&VARIABLES[..], &[("WRIT__SERVER__LISTEN", &listen)]].concat(), &["healthcheck"], "")
}

#[test]
fn serve_speaks_tls_with_the_configured_certificate() {
    let workplace = Workplace::new();
    let client = issue(&workplace);
    let node = Node::start(&workplace, &VARIABLES);
    assert_eq!(issuer(&client, &node), Some("https://localhost".into()));
    let other = issue(&Workplace::new());
    assert_eq!(issuer(&other, &node), None);
    assert!(healthcheck(&workplace, &node).success);
}

#[test]
fn readiness_warns_of_a_certificate_that_expires_soon() {
    let workplace = Workplace::new();
    let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
    parameters.not_after = parameters.not_before + std::time::Duration::from_secs(1);
    issue_with(&workplace, parameters);
    let node = Node::start(&workplace, &VARIABLES);
    assert_eq!(healthcheck(&workplace, &node).stdout, "ok\nwarning: the certificate expires in 0 days\n");
}

#[test]
fn certificate_is_replaced_on_sighup_and_kept_while_the_new_files_are_invalid() {
    let workplace = Workplace::new();
    let first = issue(&workplace);
    let node = Node::start(&workplace, &VARIABLES);
    assert!(issuer(&first, &node).is_some());

    let second = issue(&workplace);
    node.signal(Signal::HUP);
    until("the new certificate is used", || issuer(&second, &node).is_some());
    std::fs::write(workplace.directory.join("certificate.pem"), "half of it").expect("written");
    node.signal(Signal::HUP);
    let third = issue(&workplace);
    node.signal(Signal::HUP);
    until("the next valid certificate is used", || issuer(&third, &node).is_some());
}
