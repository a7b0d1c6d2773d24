//! Connections to a running `writ serve`: limits, the PROXY protocol and Unix sockets.

use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::Path,
};

use rustix::process::Signal;

use crate::{
    node::{Node, PATIENCE, free_address, until, whole_answer},
    workplace::Workplace,
};

const HEALTHZ: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// A signature, version 2, TCP over IPv4, 203.0.113.2:5000 to 192.0.2.1:443.
const BINARY_HEADER: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x02\xc0\0\x02\x01\x13\x88\x01\xbb";

/// The status of the response to `GET /healthz`, on a connection that stays open. `None` if the
/// server closes it instead.
fn status(stream: &mut (impl Read + Write)) -> Option<String> {
    stream.write_all(HEALTHZ.as_bytes()).ok()?;
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\nok\n") {
        let mut bytes = [0; 1024];
        let length = stream.read(&mut bytes).ok()?;
        answer.push_str(&String::from_utf8_lossy(&bytes[..length]));
        if length == 0 {
            break;
        }
    }
    answer.split(' ').nth(1).map(str::to_owned)
}

fn is_served(stream: &mut (impl Read + Write)) -> bool {
    status(stream).as_deref() == Some("200")
}

/// Opens a connection that starts with `header`.
fn proxied(node: &Node, header: &[u8]) -> TcpStream {
    let mut stream = node.send("");
    stream.write_all(header).expect("sent");
    stream
}

#[test]
fn connections_of_one_network_are_limited_and_closed_ones_make_room() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[("WRIT__SERVER__MAX_CONNECTIONS_PER_NETWORK", "3")]);
    let mut open = Vec::new();
    until("three connections are open", || {
        let mut stream = node.send("");
        if is_served(&mut stream) {
            open.push(stream);
        }
        open.len() == 3
    });
    assert!(!is_served(&mut node.send("")), "the fourth is closed");
    assert!(open.iter_mut().all(is_served), "the others stay open");
    open.pop();
    until("a closed one makes room", || is_served(&mut node.send("")));
}

#[test]
fn connection_is_closed_after_a_refused_or_oversized_body() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[]);
    for (path, kind) in [
        ("/token", "application/x-www-form-urlencoded"),
        ("/token", "application/json"),
        ("/nowhere", "application/octet-stream"),
        ("/register", "application/json"),
        ("/login", "application/x-www-form-urlencoded"),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n");
        // Most of the body never comes.
        let answer =
            whole_answer(node.send(&format!("{head}Content-Length: 100000000\r\n\r\n{}", "a".repeat(200_000))));
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let chunked = "POST /token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n";
    assert!(whole_answer(node.send(chunked)).starts_with("HTTP/1.1 400"));
}

#[test]
fn trusted_proxy_may_open_any_number_of_connections() {
    let workplace = Workplace::new();
    let limits =
        [("WRIT__SERVER__MAX_CONNECTIONS_PER_NETWORK", "1"), ("WRIT__SERVER__TRUSTED_PROXIES", "127.0.0.1/32")];
    let node = Node::start(&workplace, &limits);
    let mut open: Vec<TcpStream> = (0..5).map(|_| node.send("")).collect();
    assert!(open.iter_mut().all(is_served));
}

#[test]
fn client_address_comes_from_the_proxy_header_of_either_version() {
    let workplace = Workplace::new();
    let limits = [
        ("WRIT__SERVER__MAX_CONNECTIONS_PER_NETWORK", "1"),
        ("WRIT__SERVER__PROXY_PROTOCOL", "127.0.0.0/8"),
        ("WRIT__THROTTLE__NETWORK_ATTEMPTS", "2"),
    ];
    let node = Node::start(&workplace, &limits);
    let text = |address: &str| format!("PROXY TCP4 {address} 192.0.2.1 5000 443\r\n").into_bytes();
    let mut first = proxied(&node, &text("203.0.113.1"));
    assert!(is_served(&mut first));
    let mut second = proxied(&node, BINARY_HEADER);
    assert!(is_served(&mut second), "another client");
    assert!(!is_served(&mut proxied(&node, &text("203.0.113.1"))), "it has its connection");
    assert!(!is_served(&mut proxied(&node, &text("203.0.113.2"))), "the client of the binary header");
    let mut check = proxied(&node, b"PROXY UNKNOWN\r\n");
    assert!(is_served(&mut check), "a check by the proxy itself");
    for header in ["", "PROXY TCP4 203.0.113.9\r\n", "PROXY TCP4 a b 1 2\r\n"] {
        assert!(!is_served(&mut proxied(&node, header.as_bytes())), "{header:?}");
    }

    // Wrong passwords are counted by that address, whatever the client forwards.
    drop((first, second));
    let guess = |address: &str, forwarded: &str| {
        let send = |request: String| {
            let mut answer = String::new();
            until("the connection before has ended", || {
                answer = whole_answer(proxied(&node, &[text(address), request.clone().into_bytes()].concat()));
                !answer.is_empty()
            });
            answer
        };
        let head = format!("Host: localhost\r\nX-Forwarded-For: {forwarded}\r\nConnection: close\r\n");
        let page = send(format!("GET /login HTTP/1.1\r\n{head}\r\n"));
        let between = |start: &str, end: char| {
            page.split(start).nth(1).and_then(|rest| rest.split(end).next()).expect(start).to_owned()
        };
        let cookie = between("set-cookie: ", ';');
        let form = format!("csrf={}&username=ada&password=wrong", between("name=\"csrf\" value=\"", '"'));
        let head = format!("{head}Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        let posted = send(format!("POST /login HTTP/1.1\r\n{head}Content-Length: {}\r\n\r\n{form}", form.len()));
        posted.split(' ').nth(1).expect("a status").to_owned()
    };
    assert_eq!(guess("203.0.113.1", "198.51.100.1"), "400");
    assert_eq!(guess("203.0.113.1", "198.51.100.2"), "400");
    assert_eq!(guess("203.0.113.1", "198.51.100.3"), "429");
    assert_eq!(guess("203.0.113.2", "203.0.113.1"), "400");
}

#[test]
fn proxy_header_of_another_peer_is_no_request() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &[("WRIT__SERVER__PROXY_PROTOCOL", "198.51.100.0/24")]);
    let mut stream = proxied(&node, b"PROXY TCP4 203.0.113.1 192.0.2.1 5000 443\r\n");
    assert_eq!(status(&mut stream).as_deref(), Some("400"));
    assert!(is_served(&mut node.send("")));
}

#[test]
fn node_listens_on_several_addresses_and_replaces_the_socket_of_a_killed_one() {
    let workplace = Workplace::new();
    let address = free_address();
    let listen = format!("{address}, unix:writ.sock");
    let node = || {
        let mut command = workplace.command(&["serve"]);
        command.env("WRIT__SERVER__LISTEN", &listen);
        Node::start_command(&mut command, address)
    };
    let socket = workplace.directory.join("writ.sock");
    let first = node();
    assert!(is_served(&mut first.send("")));
    assert!(is_served(&mut connect(&socket)));
    let local = [("WRIT__SERVER__LISTEN", "unix:writ.sock")];
    let check = workplace.writ_with(&local, &["healthcheck"], "");
    assert!(check.success, "{}", check.stderr);
    let taken = workplace.writ_with(&local, &["serve"], "");
    assert!(!taken.success && taken.stderr.contains("cannot listen on unix:writ.sock"), "{}", taken.stderr);

    first.signal(Signal::KILL);
    first.ended();
    assert!(socket.exists());
    let second = node();
    assert!(is_served(&mut connect(&socket)));
    second.signal(Signal::TERM);
    assert!(second.ended().success());
}

fn connect(socket: &Path) -> UnixStream {
    let stream = UnixStream::connect(socket).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}
