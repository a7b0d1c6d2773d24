//! `writ serve` as a service of systemd: sockets, readiness and the watchdog.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::Stdio,
};

use rustix::process::Signal;

use crate::{
    node::{Node, PATIENCE, in_shell, whole_answer},
    workplace::Workplace,
};

#[test]
fn node_uses_the_sockets_of_systemd() {
    let workplace = Workplace::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // The socket becomes file descriptor 3. The variables name the process that may take it.
    let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve";
    let mut command = in_shell(&workplace, script);
    // The address is in use, so that only the given socket can work.
    command.env("WRIT__SERVER__LISTEN", address.to_string()).stdin(Stdio::from(OwnedFd::from(listener)));
    let node = Node::start_command(&mut command, address);
    let answer = whole_answer(node.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn systemd_is_notified_of_readiness_life_and_end() {
    let workplace = Workplace::new();
    let socket = workplace.directory.join("notify");
    let systemd = UnixDatagram::bind(&socket).expect("a socket");
    systemd.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let received = || {
        let mut message = [0; 256];
        let length = systemd.recv(&mut message).expect("a notification");
        String::from_utf8_lossy(&message[..length]).trim().to_owned()
    };
    let socket = socket.to_str().expect("a path");
    let node = Node::start(&workplace, &[("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", "100000")]);
    assert_eq!(received(), "READY=1");
    assert_eq!([received(), received(), received()], ["WATCHDOG=1"; 3]);
    node.signal(Signal::TERM);
    while received() != "STOPPING=1" {}
    assert!(node.ended().success());
}
