//! `writ doctor` against a running server, behind proxies with one fault each.

use std::net::SocketAddr;

use serde_json::Value;

use crate::{
    front::{Front, Manner},
    node::{Node, free_address},
    workplace::Workplace,
};

/// A server with this issuer, its workplace, and the variables that commands share with it.
struct Installation {
    workplace: Workplace,
    node: Node,
    issuer: String,
}

/// The result of `writ doctor --json`.
struct Report {
    status: Option<i32>,
    findings: Vec<Value>,
}

impl Report {
    /// The severity of a check and what it says.
    fn of(&self, id: &str) -> (&str, &str) {
        let finding = self.findings.iter().find(|finding| finding["id"] == id);
        let finding = finding.unwrap_or_else(|| panic!("{id} is not among {:#?}", self.findings));
        let text = |member: &str| finding[member].as_str().unwrap_or_default();
        assert!(text("severity") == "ok" || !text("remedy").is_empty(), "{finding}");
        assert!(text("docs").contains("docs/") && text("docs").contains('#'), "{finding}");
        (text("severity"), text("cause"))
    }

    #[track_caller]
    fn has(&self, id: &str, severity: &str, part: &str) {
        let (found, cause) = self.of(id);
        assert!(found == severity && cause.contains(part), "{id}: {found}: {cause}");
    }
}

impl Installation {
    fn start(workplace: Workplace, issuer: &str) -> Self {
        let node = Node::start(&workplace, &[("WRIT__SERVER__ISSUER", issuer)]);
        Self { workplace, node, issuer: issuer.to_owned() }
    }

    /// A server whose issuer is at `front`.
    fn behind(front: SocketAddr, path: &str) -> Self {
        Self::start(Workplace::new(), &format!("http://{front}{path}"))
    }

    fn doctor_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Report {
        let listen = self.node.address.to_string();
        let own = [("WRIT__SERVER__ISSUER", self.issuer.as_str()), ("WRIT__SERVER__LISTEN", &listen)];
        let arguments = [&["doctor", "--json"], arguments].concat();
        report(&self.workplace, &[&own[..], variables].concat(), &arguments)
    }

    fn doctor(&self) -> Report {
        self.doctor_with(&[], &[])
    }
}

fn report(workplace: &Workplace, variables: &[(&str, &str)], arguments: &[&str]) -> Report {
    let answer = workplace.writ_with(variables, arguments, "");
    let report: Value = serde_json::from_str(&answer.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", answer.stdout, answer.stderr));
    let findings = report["findings"].as_array().expect("findings").clone();
    let worst = ["ok", "warning", "error"].iter().position(|severity| report["severity"] == *severity);
    assert_eq!(answer.status, worst.and_then(|worst| i32::try_from(worst).ok()), "{report:#}");
    Report { status: answer.status, findings }
}

#[test]
fn doctor_finds_nothing_in_a_good_installation() {
    let address = free_address();
    let front = Front::start(address, Manner::Faithful);
    let installation = Installation::behind(address, "");
    front.lead_to(installation.node.address);
    let report = installation.doctor();
    for id in [
        "encryption",
        "database",
        "master_key",
        "issuer",
        "proxy",
        "published_keys",
        "clock",
        "database_clock",
        "signing_keys",
        "expired_rows",
        "client_binding",
        "redirect_uris",
    ] {
        assert_eq!(report.of(id).0, "ok", "{id}: {}", report.of(id).1);
    }
    // The disk of the machine that runs this test may be nearly full.
    let others = report.findings.iter().filter(|finding| finding["id"] != "disk_space");
    assert_eq!(others.filter(|finding| finding["severity"] != "ok").collect::<Vec<_>>(), Vec::<&Value>::new());
    let text = installation.workplace.writ_with(
        &[("WRIT__SERVER__ISSUER", &installation.issuer)],
        &["doctor", "--url", &format!("http://{}", installation.node.address)],
        "",
    );
    assert!(text.stdout.contains("ok      issuer "), "{}", text.stdout);
}

#[test]
fn doctor_names_the_fault_of_a_proxy() {
    for (manner, path, id, severity, part) in [
        (Manner::RedirectLoop, "", "issuer", "error", "redirects in a loop"),
        (Manner::RedirectTo("/moved"), "", "issuer", "error", "do not follow redirects"),
        (Manner::StripPath("/auth"), "/auth", "published_keys", "error", "removes /auth from the path"),
        (Manner::OnlyBelow("/elsewhere"), "/auth", "issuer", "error", "path /auth does not lead to this server"),
        (Manner::HoldBack, "", "issuer", "error", "although the server here responds"),
        (Manner::Http10, "", "http_version", "warning", "HTTP/1.0"),
        (Manner::Fixed("text/html", "<h1>It works!</h1>"), "", "issuer", "error", "another server responds"),
        (
            Manner::Fixed("application/json", r#"{"issuer": "https://other.example"}"#),
            "",
            "issuer",
            "error",
            "document of https://other.example",
        ),
        (Manner::Close, "", "issuer", "error", "broke"),
        (Manner::NamesClient, "", "proxy", "warning", "not in server.trusted_proxies"),
        (Manner::ForwardsHttp10, "/auth", "proxy", "warning", "requests in HTTP/1.0"),
        (Manner::Caches, "", "cache", "error", "must not be stored"),
    ] {
        let address = free_address();
        let front = Front::start(address, manner);
        let installation = Installation::behind(address, path);
        front.lead_to(installation.node.address);
        installation.doctor().has(id, severity, part);
    }
}

#[test]
fn doctor_finds_that_a_trusted_proxy_hides_the_clients() {
    let trusted = ("WRIT__SERVER__TRUSTED_PROXIES", "127.0.0.1/32");
    for (manner, severity, part) in
        [(Manner::Faithful, "warning", "sends no X-Forwarded-For"), (Manner::NamesClient, "ok", "as a proxy should")]
    {
        let address = free_address();
        let front = Front::start(address, manner);
        let (workplace, issuer) = (Workplace::new(), format!("http://{address}"));
        let node = Node::start(&workplace, &[("WRIT__SERVER__ISSUER", &issuer), trusted]);
        front.lead_to(node.address);
        let installation = Installation { workplace, node, issuer };
        installation.doctor_with(&[trusted], &[]).has("proxy", severity, part);
    }
}

#[test]
fn doctor_finds_that_another_server_or_none_responds() {
    let address = free_address();
    let front = Front::start(address, Manner::Faithful);
    let installation = Installation::behind(address, "");
    // The same issuer, with keys of its own.
    let other = Installation::behind(address, "");
    front.lead_to(other.node.address);
    installation.doctor().has("published_keys", "error", "another database");

    let nowhere = format!("http://{}", free_address());
    let report = installation.doctor_with(&[("WRIT__SERVER__ISSUER", &nowhere)], &[]);
    report.has("issuer", "error", "although the server runs on this machine");
}

#[test]
fn doctor_names_tls_faults() {
    let (http, https) = (free_address(), free_address());
    let plain = Front::start(http, Manner::Faithful);
    // It was started with http instead of https.
    let installation = Installation::start(Workplace::new(), &format!("http://localhost:{}", https.port()));
    plain.lead_to(installation.node.address);
    let proxies = ("WRIT__SERVER__TRUSTED_PROXIES", "127.0.0.1/32");
    let at = |address: SocketAddr| format!("https://localhost:{}", address.port());

    let issuer = at(http);
    let report = installation.doctor_with(&[("WRIT__SERVER__ISSUER", &issuer), proxies], &[]);
    report.has("issuer", "error", "responds without TLS");

    let silent = free_address();
    let front = Front::start(silent, Manner::Silent);
    front.lead_to(installation.node.address);
    let report = installation.doctor_with(&[("WRIT__SERVER__ISSUER", &at(silent)), proxies], &[]);
    report.has("issuer", "error", "handshake does not end");

    let directory = &installation.workplace.directory;
    let secure = Front::start_tls(https, directory, &["localhost"], 90);
    secure.lead_to(installation.node.address);
    let issuer = at(https);
    let variables = [("WRIT__SERVER__ISSUER", issuer.as_str()), proxies];
    installation.doctor_with(&variables, &[]).has("issuer", "error", "does not trust");

    let ca = directory.join("front.pem");
    let trusted = ("WRIT__OUTGOING__CA_FILE", ca.to_str().expect("a path"));
    let with_ca = [&variables[..], &[trusted]].concat();
    let report = installation.doctor_with(&with_ca, &[]);
    report.has("certificate", "ok", "valid for");
    report.has("issuer", "error", "so clients get another scheme");

    for (names, days, part) in [(&["other.example"][..], 90, "another host name"), (&["localhost"][..], -1, "expired")]
    {
        let address = free_address();
        let front = Front::start_tls(address, directory, names, days);
        front.lead_to(installation.node.address);
        let issuer = at(address);
        let variables = [("WRIT__SERVER__ISSUER", issuer.as_str()), proxies, trusted];
        installation.doctor_with(&variables, &[]).has("issuer", "error", part);
    }
    let address = free_address();
    let front = Front::start_tls(address, directory, &["localhost"], 3);
    front.lead_to(installation.node.address);
    let issuer = at(address);
    let report = installation.doctor_with(&[("WRIT__SERVER__ISSUER", &issuer), proxies, trusted], &[]);
    report.has("certificate", "warning", "expires in");
}

#[test]
fn doctor_reports_keys_clients_and_mail() {
    let workplace = Workplace::new();
    let create = ["client", "create", "--id", "gitea", "--name", "Gitea", "--redirect-uri", "https://lost.invalid/cb"];
    workplace.writ(&[&create[..], &["--unbound"]].concat(), "");
    let address = free_address();
    let installation = Installation::start(workplace, &format!("http://{address}"));
    let front = Front::start(address, Manner::Faithful);
    front.lead_to(installation.node.address);
    let port = free_address().port();
    let mail = format!("smtp://127.0.0.1:{port}");
    let report = installation.doctor_with(&[("WRIT__MAIL__URL", &mail), ("WRIT__MAIL__FROM", "id@example.com")], &[]);
    report.has("client_binding", "warning", "Client gitea (Gitea)");
    report.has("mail", "error", "cannot be handed over");
    assert_eq!(report.status, Some(2));

    let other = [("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    installation.doctor_with(&other, &[]).has("master_key", "error", "another master key");
}

#[test]
fn doctor_tries_the_service_for_leaked_passwords() {
    let workplace = Workplace::new();
    let line = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:3";
    for (response, severity, part) in [
        (Some(line), "ok", "returns hashes"),
        (Some("Sign in"), "error", "no hashes"),
        (None, "error", "no connection"),
    ] {
        let address = free_address();
        let front = response.map(|text| Front::start(address, Manner::Fixed("text/plain", text)));
        if let Some(front) = &front {
            front.lead_to(address);
        }
        let url = format!("http://{address}/range/");
        let variables = [("WRIT__OUTGOING__ALLOW_LOOPBACK", "true"), ("WRIT__PASSWORDS__BREACHED_RANGE_URL", &url)];
        let found = report(&workplace, &variables, &["doctor", "--json"]);
        found.has("breached_passwords_service", severity, part);
    }
    let forbidden = [("WRIT__PASSWORDS__BREACHED_RANGE_URL", "https://10.0.0.1/range/")];
    let found = report(&workplace, &forbidden, &["doctor", "--json"]);
    found.has("breached_passwords_service", "error", "is not allowed");
}

#[test]
fn doctor_reports_what_keeps_a_server_from_starting() {
    let workplace = Workplace::new();
    let here = |variables: &[(&str, &str)]| report(&workplace, variables, &["doctor", "--json"]);
    here(&[("WRIT__SERVER__ISUER", "x")]).has("configuration", "error", "server.issuer");
    let nowhere = here(&[("WRIT__DATABASE__URL", "postgres://writ:hunter2@127.0.0.1:1/writ")]);
    nowhere.has("database", "error", "127.0.0.1:1");
    assert!(!format!("{:?}", nowhere.findings).contains("hunter2"));
    here(&[("WRIT__DATABASE__URL", "sqlite:gone/writ.sqlite3")]).has("database", "warning", "does not exist yet");
    assert!(!workplace.directory.join("gone").exists(), "a check creates nothing");
}
