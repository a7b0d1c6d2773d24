//! `writ serve` as a process: its start, TLS, the command line beside it, and its end.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use rustix::process::Signal;

use crate::{
    node::{Node, form_head, until, whole_answer},
    workplace::Workplace,
};

#[test]
fn shutdown_completes_requests_in_progress() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[]);
    let form = "grant_type=client_credentials&client_id=nobody&client_secret=nothing";
    let head = form_head("/token", form).replace("Host:", "Expect: 100-continue\r\nHost:");
    let mut under_way = node.send(&head);
    // "100 Continue" shows that the handler is running and waits for the form.
    let mut interim = [0; 25];
    under_way.read_exact(&mut interim).expect("an interim answer");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");

    node.signal(Signal::TERM);
    until("the server accepts no more", || TcpStream::connect(node.address).is_err());
    under_way.write_all(form.as_bytes()).expect("still connected");
    let answer = whole_answer(under_way);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains("invalid_client"), "{answer}");
    assert!(node.ended().success());
}

#[test]
fn sigint_shuts_down_cleanly() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[]);
    node.signal(Signal::INT);
    assert!(node.ended().success());
}

#[test]
fn sighup_does_not_stop_the_server_and_healthcheck_succeeds() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[]);
    node.signal(Signal::HUP);
    let listen = node.address.to_string();
    let here = [("WRIT__SERVER__LISTEN", &*listen)];
    for arguments in [&["healthcheck"][..], &["healthcheck", "--live"]] {
        let answer = workplace.writ_with(&here, arguments, "");
        assert!(answer.success && answer.stdout == "ok\n", "{} {}", answer.stdout, answer.stderr);
    }
    node.signal(Signal::TERM);
    assert!(node.ended().success());
    assert!(!workplace.writ_with(&here, &["healthcheck"], "").success);
}

#[test]
fn serving_node_sees_clients_created_or_deleted_by_command() {
    let workplace = Workplace::with_talk();
    let node = Node::start(&workplace, &[]);
    let metadata = r#"{"client_name": "Cron", "grant_types": ["client_credentials"], "scope": "message:read",
        "token_endpoint_auth_method": "client_secret_post"}"#;
    let created = workplace.json(&["client", "create", "--json", "-"], metadata);
    let member = |name: &str| created[name].as_str().expect(name).to_owned();
    let (id, secret) = (member("client_id"), member("client_secret"));
    let form = format!("grant_type=client_credentials&scope=message:read&client_id={id}&client_secret={secret}");
    until("the new client gets a token", || node.post("/token", &form) == 200);

    let rotated = workplace.json(&["client", "rotate-secret", &id, "--json"], "");
    let new_secret = rotated["client_secret"].as_str().expect("a secret");
    let with_new_secret = form.replace(&secret, new_secret);
    until("the new secret is good", || node.post("/token", &with_new_secret) == 200);
    assert_eq!(node.post("/token", &form), 200, "the old secret stays good until the next rotation");

    workplace.writ(&["client", "delete", &id], "");
    until("the deleted client gets none", || node.post("/token", &with_new_secret) == 401);
}

#[test]
fn laboratory_without_tls_is_listed_and_every_page_says_so() {
    let workplace = Workplace::new();
    let lab =
        [("WRIT__SERVER__ISSUER", "http://login.lab"), ("WRIT__SERVER__INSECURE_HOSTS", "login.lab,192.168.0.0/16")];
    let create = |uri| ["client", "create", "--name", "App", "--redirect-uri", uri, "--json"];
    for (uri, registered) in
        [("http://login.lab/cb", true), ("http://192.168.7.9:8080/cb", true), ("http://shop.example/cb", false)]
    {
        let answer = workplace.writ_with(&lab, &create(uri), "");
        assert_eq!(answer.success, registered, "{uri}: {}", answer.stderr);
        assert_eq!(answer.stderr.contains("use https"), !registered, "{uri}: {}", answer.stderr);
    }
    let node = Node::start(&workplace, &lab);
    for (path, language, note) in
        [("/login", "en", "Others on this network can read what you type."), ("/nowhere", "ko", "암호화하지 않는")]
    {
        let request = format!("GET {path} HTTP/1.1\r\nHost: login.lab\r\nAccept-Language: {language}\r\n");
        let page = whole_answer(node.send(&format!("{request}Connection: close\r\n\r\n")));
        assert!(page.contains(note), "{page}");
    }
}

#[test]
fn start_failure_names_its_cause() {
    let workplace = Workplace::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    std::fs::write(workplace.directory.join("short.key"), "c2hvcnQ").expect("written");
    for (variables, reason) in [
        (vec![("WRIT__SERVER__LISTEN", taken.as_str())], format!("cannot listen on {taken}")),
        (
            vec![("WRIT__SERVER__ISSUER", "http://id.example")],
            "plain http is accepted for a loopback host, or for a host in `server.insecure_hosts`".to_owned(),
        ),
        (vec![("WRIT__SERVER__ISUER", "http://localhost")], "server.issuer".to_owned()),
        (vec![("WRIT__DATABASE__POOL_SIZE", "many")], "database.pool_size".to_owned()),
        (vec![("WRIT_MASTER_KEY", "c2hvcnQ")], "WRIT_MASTER_KEY does not hold 32 bytes".to_owned()),
        (
            vec![
                ("WRIT__SERVER__LISTEN", "127.0.0.1:0"),
                ("WRIT__SERVER__ISSUER", "https://localhost"),
                ("WRIT__TLS__CERTIFICATE", "nowhere.pem"),
                ("WRIT__TLS__PRIVATE_KEY", "nowhere.pem"),
            ],
            "nowhere.pem: cannot read a certificate".to_owned(),
        ),
    ] {
        let answer = workplace.writ_with(&variables, &["serve"], "");
        assert!(!answer.success, "{variables:?}");
        assert!(answer.stderr.contains(&reason), "{}", answer.stderr);
    }
}
