//! The sinks of the audit log: a file, a syslog server, an https endpoint.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};
use writ::{
    administration::{self, Actor, audit},
    config::Settings,
    store::audit_sinks::{self, Progress},
};

use crate::support::{Receiver, TestServer, administrator::disable_and_enable, eventually};

fn with_sinks(settings: &mut Settings, sinks: Value) {
    settings.audit.sinks = serde_json::from_value(sinks).expect("sinks");
    settings.outgoing.allow_loopback = true;
}

async fn start(sinks: Value) -> TestServer {
    TestServer::start_with(|settings| with_sinks(settings, sinks)).await
}

/// Makes two entries `times` times.
async fn change(server: &TestServer, times: usize) {
    let actor = Actor::at_command_line("민아".to_owned(), Some("a test".to_owned()), &server.shared_secrets().await);
    disable_and_enable(server, &actor, times).await;
}

async fn progress(server: &TestServer, name: &'static str) -> Progress {
    let all = server.server.store.read(move |tx| audit_sinks::progress(tx, &[name.to_owned()])).await.expect("read");
    all.into_iter().find(|progress| progress.sink.name == name).expect("the sink")
}

async fn has(server: &TestServer, name: &'static str, sequence: i64) {
    eventually("the sink has the entries", async || progress(server, name).await.sink.sequence == sequence).await;
}

async fn failed(server: &TestServer, name: &'static str, attempts: i32) -> String {
    eventually("a failed attempt", async || progress(server, name).await.sink.attempts == attempts).await;
    progress(server, name).await.sink.last_error.expect("a reason")
}

fn sequences(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["sequence"].as_i64().expect("a number")).collect()
}

/// What was read from each connection.
type Streams = Arc<Mutex<Vec<Vec<u8>>>>;

/// Accepts connections, and reads each to its end.
fn receive(read: impl Fn(TcpStream) -> Vec<u8> + Send + 'static) -> (SocketAddr, Streams) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let streams = Streams::default();
    let taken = Arc::clone(&streams);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            taken.lock().expect("no panic").push(read(stream));
        }
    });
    (address, streams)
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn file_gets_each_entry_once_from_two_nodes_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl");
    let server = start(json!([{ "name": "file", "file": file }])).await;
    let second = server.second_node().await;
    change(&server, 2).await;
    change(&second, 2).await;
    has(&server, "file", 8).await;
    assert_eq!(sequences(&lines(&file)), (1..=8).collect::<Vec<_>>());
    let entry = &lines(&file)[0];
    assert_eq!(
        (&entry["action"], &entry["actor"], &entry["reason"]),
        (&json!("user.disable"), &json!("민아"), &json!("a test"))
    );
    assert_eq!((&entry["issuer"], entry["change"].is_object()), (&json!(server.issuer), true));
    // What left the database finds an earlier state that is put back.
    let noted = lines(&file)[7]["noted"].as_str().expect("a text").parse().expect("an entry");
    let verified = audit::verify(&server.server.store, &server.shared_secrets().await, Some(noted)).await;
    assert_eq!(verified.expect("verified").breaks, []);
    // The file is renamed from the outside, and the node that held the lease ends.
    fs::rename(&file, folder.path().join("audit.jsonl.1")).expect("renamed");
    drop(second);
    server.clock.advance(61);
    let third = server.second_node().await;
    change(&third, 1).await;
    has(&server, "file", 10).await;
    assert_eq!(sequences(&lines(&file)), [9, 10]);
}

#[tokio::test]
async fn https_endpoint_gets_signed_batches_and_is_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let [bearer, key] = ["bearer", "key"].map(|name| folder.path().join(name));
    fs::write(&bearer, "token-of-the-sink\n").expect("written");
    fs::write(&key, "key-of-the-sink\n").expect("written");
    let receiver = Receiver::start();
    receiver.answer(503);
    let sink = json!({ "name": "siem", "url": receiver.url, "bearer_file": bearer, "signature_key_file": key });
    let server = start(json!([sink])).await;
    change(&server, 60).await;
    assert_eq!(failed(&server, "siem", 1).await, "HTTP 503");
    let refused = receiver.bodies().len();
    // A redirect is not followed, so that the token goes nowhere else.
    receiver.answer(302);
    server.clock.advance(3);
    assert_eq!(failed(&server, "siem", 2).await, "HTTP 302");
    receiver.answer(202);
    server.clock.advance(11);
    has(&server, "siem", 120).await;
    let batches: Vec<Vec<Value>> =
        receiver.bodies()[refused + 1..].iter().map(|body| serde_json::from_str(body).expect("an array")).collect();
    assert!(batches.iter().all(|batch| batch.len() <= 100), "a batch is bounded");
    assert_eq!(sequences(&batches.concat()), (1..=120).collect::<Vec<_>>());
    let sent = receiver.requests();
    let (headers, body) = sent.last().expect("a request");
    assert_eq!(headers["authorization"], "Bearer token-of-the-sink");
    assert_eq!(headers["content-type"], "application/json");
    let hmac_key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"key-of-the-sink");
    let tag = aws_lc_rs::hmac::sign(&hmac_key, body.as_bytes());
    let expected: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(headers["x-writ-signature"], format!("sha256={expected}"));
    let state = progress(&server, "siem").await;
    assert_eq!((state.behind, state.sink.attempts, state.sink.last_error), (0, 0, None));
    // A replaced token counts at once, and a missing one is named without its value.
    fs::remove_file(&bearer).expect("removed");
    change(&server, 1).await;
    let reason = failed(&server, "siem", 1).await;
    assert!(reason.starts_with("bearer_file: ") && !reason.contains("token-of"), "{reason}");
}

#[tokio::test]
async fn dead_sink_delays_no_other_and_no_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent = silent.local_addr().expect("an address");
    let server = start(json!([
        { "name": "dead", "syslog": format!("tls://{silent}") },
        { "name": "none", "file": folder.path().join("none/audit.jsonl") },
        { "name": "private", "url": "https://10.0.0.1/audit" },
        { "name": "works", "file": folder.path().join("audit.jsonl") },
    ]))
    .await;
    change(&server, 3).await;
    has(&server, "works", 6).await;
    assert!(failed(&server, "none", 1).await.contains("none/audit.jsonl"));
    assert_eq!(failed(&server, "private", 1).await, "the URL is not allowed");
    for name in ["dead", "none", "private"] {
        let state = progress(&server, name).await;
        assert_eq!((state.sink.sequence, state.behind), (0, 6), "{name}");
    }
    // It goes on where it stopped.
    fs::create_dir(folder.path().join("none")).expect("a folder");
    server.clock.advance(3);
    has(&server, "none", 6).await;
    assert_eq!(sequences(&lines(&folder.path().join("none/audit.jsonl"))), [1, 2, 3, 4, 5, 6]);
}

/// The messages of a stream, each after its length.
fn framed(stream: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    let mut rest = stream;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).expect("digits").parse().expect("a length");
        let message = rest[space + 1..][..length].to_vec();
        messages.push(String::from_utf8(message).expect("text"));
        rest = &rest[space + 1 + length..];
    }
    messages
}

/// The entries of messages in the format of RFC 5424.
fn entries(server: &TestServer, messages: &[String]) -> Vec<Value> {
    let entry = |message: &String| {
        let parts: Vec<&str> = message.splitn(8, ' ').collect();
        assert_eq!(parts[0], "<110>1");
        assert!(parts[1].ends_with('Z') && parts[1].contains('T'), "{message}");
        assert_eq!((parts[2], parts[3], parts[4], parts[6]), ("127.0.0.1", "writ", "-", "-"), "{message}");
        assert!(message.is_ascii() && !message.contains('\n'), "{message}");
        let entry: Value = serde_json::from_str(parts[7]).expect("JSON");
        assert_eq!((entry["action"].as_str(), &entry["issuer"]), (Some(parts[5]), &json!(server.issuer)));
        entry
    };
    messages.iter().map(entry).collect()
}

#[tokio::test]
async fn syslog_server_gets_entries_over_udp_and_a_unix_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("log");
    let unix = std::os::unix::net::UnixDatagram::bind(&socket).expect("a socket");
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = udp.local_addr().expect("an address");
    let server = start(json!([
        { "name": "udp", "syslog": format!("udp://{address}") },
        { "name": "unix", "syslog": format!("unix:{}", socket.display()) },
    ]))
    .await;
    change(&server, 2).await;
    has(&server, "udp", 4).await;
    has(&server, "unix", 4).await;
    let mut buffer = [0; 65_536];
    let mut received = |read: &dyn Fn(&mut [u8]) -> usize| -> Vec<String> {
        (0..4)
            .map(|_| {
                let length = read(&mut buffer);
                String::from_utf8(buffer[..length].to_vec()).expect("text")
            })
            .collect()
    };
    let over_udp = received(&|buffer| udp.recv(buffer).expect("a datagram"));
    let over_unix = received(&|buffer| unix.recv(buffer).expect("a datagram"));
    for messages in [over_udp, over_unix] {
        assert_eq!(sequences(&entries(&server, &messages)), [1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn syslog_server_gets_entries_over_tcp() {
    let (address, streams) = receive(|mut stream| {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    });
    let server = start(json!([{ "name": "tcp", "syslog": format!("tcp://{address}") }])).await;
    change(&server, 2).await;
    has(&server, "tcp", 4).await;
    let messages: Vec<String> = streams.lock().expect("no panic").iter().flat_map(|stream| framed(stream)).collect();
    assert_eq!(sequences(&entries(&server, &messages)), [1, 2, 3, 4]);
}

#[tokio::test]
async fn entries_that_a_syslog_server_has_not_taken_are_not_delivered() {
    // It neither reads nor closes, and its kernel has room for the first entries only.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    rustix::net::sockopt::set_socket_recv_buffer_size(&listener, 1).expect("a small buffer");
    let address = listener.local_addr().expect("an address");
    let held = Arc::new(Mutex::new(Vec::new()));
    let accepted = Arc::clone(&held);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            accepted.lock().expect("no panic").push(stream);
        }
    });
    let server = TestServer::start().await;
    change(&server, 30).await;
    // All of them are in the first batch.
    let sinks = json!([{ "name": "tcp", "syslog": format!("tcp://{address}") }]);
    let _node = server.second_node_with_settings(|settings| with_sinks(settings, sinks)).await;
    failed(&server, "tcp", 1).await;
    assert_eq!(progress(&server, "tcp").await.sink.sequence, 0);
    assert!(!held.lock().expect("no panic").is_empty(), "it was connected");
}

#[tokio::test]
async fn position_that_was_changed_in_the_database_stops_no_delivery() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl");
    let server = start(json!([{ "name": "file", "file": file }])).await;
    change(&server, 2).await;
    has(&server, "file", 4).await;
    for (damage, from) in [
        ("UPDATE audit_sinks SET sequence = 9223372036854775807", 1..=6),
        ("UPDATE audit_sinks SET sequence = -9223372036854775807", 1..=8),
        // What is new has the numbers of what was removed.
        ("DELETE FROM audit_log; UPDATE audit_head SET sequence = 0", 1..=2),
    ] {
        fs::remove_file(&file).expect("removed");
        server.database.execute(damage).await;
        change(&server, 1).await;
        has(&server, "file", *from.end()).await;
        assert_eq!(sequences(&lines(&file)), from.collect::<Vec<_>>(), "{damage}");
        assert_eq!(progress(&server, "file").await.behind, 0);
    }
}

#[tokio::test]
async fn syslog_server_is_verified_over_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, made.cert.pem()).expect("written");
    let key = rustls_pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let (address, streams) = receive(move |mut stream| {
        let mut session = rustls::ServerConnection::new(Arc::clone(&config)).expect("a session");
        let mut bytes = Vec::new();
        let mut tls = rustls::Stream::new(&mut session, &mut stream);
        let _ = tls.read_to_end(&mut bytes);
        let _ = tls.flush();
        bytes
    });
    let sinks = json!([{ "name": "tls", "syslog": format!("tls://{address}") }]);
    let server = start(sinks.clone()).await;
    change(&server, 1).await;
    let reason = failed(&server, "tls", 1).await;
    assert!(reason.contains("certificate"), "the authority is not known: {reason}");
    assert!(streams.lock().expect("no panic").iter().all(Vec::is_empty), "nothing was sent");
    // The lease of the node that ends is over then.
    let trusting = server.second_node_with_settings(|settings| settings.outgoing.ca_file = Some(ca_file)).await;
    drop(server);
    trusting.clock.advance(120);
    has(&trusting, "tls", 2).await;
    let messages: Vec<String> = streams.lock().expect("no panic").iter().flat_map(|stream| framed(stream)).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
}

#[tokio::test]
async fn nothing_that_is_sent_has_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl");
    let server = start(json!([{ "name": "file", "file": file }])).await;
    let shop = server.shop().await;
    let actor = Actor::at_command_line("ada".to_owned(), None, &server.shared_secrets().await);
    let secret = writ::secret::Secret::random();
    let hash = secret.hash();
    let rotate = move |tx: &mut writ::store::Tx<'_>| {
        let client = writ::store::clients::find(tx, "shop")?.expect("the client");
        administration::clients::rotate_secret(tx, &actor, &client, hash)?.expect("it has a secret");
        Ok(())
    };
    server.write(rotate).await;
    has(&server, "file", 1).await;
    let text = fs::read_to_string(&file).expect("a file");
    let digits: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    for hidden in [secret.expose(), digits, shop.secret.clone().unwrap_or_else(|| "no secret".to_owned())] {
        assert!(!text.contains(&hidden), "{text}");
    }
    assert!(text.contains("client.rotate-secret"), "{text}");
}
