//! A running `writ serve`.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Pid;

use crate::workplace::Workplace;

/// The timeout of all tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server process; killed when dropped.
pub(crate) struct Node {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Node {
    /// Starts a server on a free port and waits until it responds. Unless `variables` override it,
    /// it uses plain http and an issuer with that port.
    pub(crate) fn start(workplace: &Workplace, variables: &[(&str, &str)]) -> Self {
        let address = free_address();
        let mut command = workplace.command(&["serve"]);
        command.env("WRIT__SERVER__LISTEN", address.to_string()).envs(variables.iter().copied()).stdin(Stdio::null());
        Self::start_command(&mut command, address)
    }

    /// The same with a command that listens on `address`.
    pub(crate) fn start_command(command: &mut Command, address: SocketAddr) -> Self {
        if !command.get_envs().any(|(name, _)| name == "WRIT__SERVER__ISSUER") {
            command.env("WRIT__SERVER__ISSUER", format!("http://{address}"));
        }
        let child = command.env("WRIT__LOG__FILTER", "warn").spawn().expect("writ starts");
        let mut node = Self { child, address };
        until("the server listens", || {
            assert_eq!(node.child.try_wait().expect("a child"), None, "the server ended");
            TcpStream::connect(address).is_ok()
        });
        let reaction = node.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").read(&mut [0]);
        assert!(reaction.is_ok(), "{reaction:?}");
        node
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("sent");
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for the end of the process.
    pub(crate) fn ended(mut self) -> ExitStatus {
        let mut status = None;
        until("the server ends", || {
            status = self.child.try_wait().expect("a child");
            status.is_some()
        });
        status.expect("ended")
    }

    /// Opens a connection and sends `bytes`.
    pub(crate) fn send(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(bytes.as_bytes()).expect("sent");
        stream
    }

    /// The status of the response to a form posted on a new connection.
    pub(crate) fn post(&self, path: &str, form: &str) -> u16 {
        let answer = whole_answer(self.send(&format!("{}{form}", form_head(path, form))));
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that runs `script` in a shell, in which `"$0"` is the `writ` program.
pub(crate) fn in_shell(workplace: &Workplace, script: &str) -> Command {
    let writ = workplace.command(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .arg(writ.get_program())
        .current_dir(&workplace.directory)
        .envs(writ.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::null());
    command
}

/// A free port outside of the ephemeral range. A connection to an ephemeral port without a listener
/// could connect to itself.
pub(crate) fn free_address() -> SocketAddr {
    let random = |_| SocketAddr::from((Ipv4Addr::LOCALHOST, 20_000 + (uuid::Uuid::new_v4().as_u128() % 12_000) as u16));
    let is_free = |address: &SocketAddr| TcpListener::bind(address).is_ok();
    (0..100).map(random).find(is_free).expect("a free port")
}

/// The head of a request that posts `form` and closes the connection.
pub(crate) fn form_head(path: &str, form: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n",
        form.len()
    )
}

/// Reads until the server closes the connection.
pub(crate) fn whole_answer(mut stream: impl Read) -> String {
    let mut answer = String::new();
    match stream.read_to_string(&mut answer) {
        // Closed with unread bytes of the request, as a refused connection is.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        read => {
            read.expect("an answer");
        }
    }
    answer
}

/// Polls until `condition` is true.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
