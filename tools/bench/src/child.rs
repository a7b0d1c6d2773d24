//! A server as a child process: its start, CPU time, memory and end.

use std::{
    ffi::OsStr,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tokio::process::{Child, Command};

use crate::{http::Connection, rows};

/// Maximum time for a server to start or stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    child: Child,
    pid: u32,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first response.
    pub(crate) start: Duration,
    /// The PostgreSQL server it uses, if it runs on this machine.
    pub(crate) postmaster: Option<Postmaster>,
}

/// The first process of a PostgreSQL server on this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Postmaster(u32);

/// A free loopback port outside of the ephemeral range. A connection to an ephemeral port without a
/// listener could connect to itself.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    let addresses = (20_000..32_000).step_by(7).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses.into_iter().find(|address| TcpListener::bind(address).is_ok()).context("no free port")
}

impl Server {
    /// Starts `command`, which listens on `address`, and waits for a response to `GET path`.
    pub(crate) async fn start(mut command: Command, address: SocketAddr, path: &str) -> anyhow::Result<Self> {
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
        let pid = child.id().context("the server has ended")?;
        let mut server = Self { child, pid, address, start: Duration::ZERO, postmaster: None };
        loop {
            if let Ok(mut connection) = Connection::open(address).await {
                connection.get(path, "").await?.expect(200)?;
                server.start = started.elapsed();
                return Ok(server);
            }
            ensure!(started.elapsed() < PATIENCE, "the server does not answer on {address}");
            if let Some(status) = server.child.try_wait()? {
                anyhow::bail!("the server ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// CPU time of all its threads so far, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        ProcessStat::read(self.pid)?.cpu()
    }

    /// CPU time of its PostgreSQL server so far, 0 without one.
    pub(crate) fn database_cpu(&self) -> anyhow::Result<Duration> {
        self.postmaster.map_or(Ok(Duration::ZERO), Postmaster::cpu)
    }

    /// Resident memory, in MB.
    pub(crate) fn rss(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024.0 / 1e6)
    }

    /// Sends SIGTERM and waits for the end of the process.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid)?;
        let pid = rustix::process::Pid::from_raw(pid).context("a process id")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await??;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Postmaster {
    /// The server at `url`.
    pub(crate) async fn of(url: &str) -> anyhow::Result<Self> {
        let backend: i32 = rows::connect(url).await?.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
        let parent = ProcessStat::read(backend.try_into()?)?.parent()?;
        Ok(Self(parent))
    }

    /// CPU time of all its processes so far.
    fn cpu(self) -> anyhow::Result<Duration> {
        let own = ProcessStat::read(self.0)?;
        let mut cpu = own.cpu()? + own.cpu_of_ended_children()?;
        for entry in std::fs::read_dir("/proc")? {
            let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // A process may end meanwhile.
            let Ok(process) = ProcessStat::read(pid) else { continue };
            if process.parent()? == self.0 {
                cpu += process.cpu()?;
            }
        }
        Ok(cpu)
    }
}

/// `/proc/PID/stat` after the name, which may contain spaces.
struct ProcessStat(String);

impl ProcessStat {
    fn read(pid: u32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat")?;
        Ok(Self(fields.to_owned()))
    }

    /// A field by its number in `proc_pid_stat(5)`. The first after the name is the third.
    fn field(&self, number: usize) -> anyhow::Result<u64> {
        Ok(self.0.split_whitespace().nth(number - 3).context("/proc/PID/stat")?.parse()?)
    }

    fn parent(&self) -> anyhow::Result<u32> {
        Ok(self.field(4)?.try_into()?)
    }

    /// User and system time of the process.
    fn cpu(&self) -> anyhow::Result<Duration> {
        Ok(ticks(self.field(14)? + self.field(15)?))
    }

    fn cpu_of_ended_children(&self) -> anyhow::Result<Duration> {
        Ok(ticks(self.field(16)? + self.field(17)?))
    }
}

fn ticks(count: u64) -> Duration {
    Duration::from_secs_f64(count as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Runs `program` to its end with `input` on its standard input, and returns its standard output.
pub(crate) async fn run<S: AsRef<OsStr>>(mut command: Command, arguments: &[S], input: &str) -> anyhow::Result<String> {
    use tokio::io::AsyncWriteExt;

    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().context("standard input")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "{:?} ended with {}", command.as_std(), output.status);
    Ok(String::from_utf8(output.stdout)?)
}
