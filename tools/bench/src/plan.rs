//! What is measured and in which order, and the results.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::process::Command;

use crate::{
    child::{Server, free_address},
    load::{Figures, Span, complete, measure, measure_during},
    operation::Operation,
    rows,
    site::{Registered, Site},
};

/// The numbers of concurrent connections at which each operation is measured.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Grants made over HTTP before memory is read again.
const GRANTS: u64 = 100_000;

pub(crate) const CODE_FLOW: &str = "authorize + code exchange";
pub(crate) const REFRESH: &str = "refresh with rotation";
pub(crate) const PASSKEY: &str = "sign-in with a passkey";
pub(crate) const PUSH: &str = "pushed authorization request";

/// What an operation's CPU time is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// A fixed response.
    Fixed,
    /// A fixed response after one ES256 signature.
    Signed,
    /// One password hash.
    Hash,
    /// A millisecond.
    Millisecond,
}

/// The limit, as a multiple of the basis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) times: f64,
    pub(crate) of: Basis,
}

/// An operation, at each number of connections.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) figures: Vec<Figures>,
    pub(crate) target: Option<Target>,
}

/// An operation's CPU time, or its p99, under two conditions.
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) before: Duration,
    pub(crate) after: Duration,
}

/// The results for one database.
pub(crate) struct Installation {
    pub(crate) database: &'static str,
    pub(crate) rows: Vec<Row>,
    pub(crate) idle_rss: f64,
    pub(crate) loaded_rss: f64,
    pub(crate) start: Duration,
    /// CPU time per operation with a thousand grants and with a million.
    pub(crate) growth: Vec<Pair>,
    /// p99 without and with a login storm.
    pub(crate) storm: Vec<Pair>,
    /// With group commit: the commits per second without it.
    pub(crate) lone_commits: Option<f64>,
}

/// All results.
pub(crate) struct Found {
    /// The cargo profile that the measured binary was built with.
    pub(crate) profile: String,
    /// The load average of the minute before.
    pub(crate) load_before: String,
    pub(crate) span: Span,
    pub(crate) fixed: Row,
    pub(crate) signed: Row,
    pub(crate) hash: Duration,
    pub(crate) installations: Vec<Installation>,
    pub(crate) took: Duration,
}

/// Measures everything: SQLite in a temporary directory, PostgreSQL in new databases.
pub(crate) async fn run(span: Span, writ: &Path, postgres: Option<&str>) -> anyhow::Result<Found> {
    let begun = Instant::now();
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let load_before = load.split(' ').next().unwrap_or_default().to_owned();
    let (fixed, signed) = ceiling(span).await?;
    let hash = password_hash()?;
    let mut installations = vec![installation(span, writ, "SQLite", &Databases::Sqlite).await?];
    if let Some(admin) = postgres {
        installations.push(installation(span, writ, "PostgreSQL", &Databases::Postgres(admin)).await?);
    }
    let folder = writ.parent().and_then(Path::file_name).unwrap_or_default();
    let profile = folder.to_string_lossy().into_owned();
    Ok(Found { profile, load_before, span, fixed, signed, hash, installations, took: begun.elapsed() })
}

async fn ceiling(span: Span) -> anyhow::Result<(Row, Row)> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("ceiling").arg(address.to_string());
    let server = Server::start(command, address, "/fixed").await?;
    let fixed = Operation::Get { target: "/fixed".to_owned(), headers: String::new() };
    let signed = Operation::Post {
        target: "/signed".to_owned(),
        headers: String::new(),
        form: "grant_type=client_credentials".to_owned(),
    };
    let rows = (
        row(span, &server, "fixed answer", fixed, None).await?,
        row(span, &server, "ES256 signature", signed, None).await?,
    );
    server.stop().await?;
    Ok(rows)
}

/// The CPU time of one hash with the server's parameters.
fn password_hash() -> anyhow::Result<Duration> {
    let parameters = argon2::Params::new(19 * 1024, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
    let mut hash = [0; 32];
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..20 {
        let begun = thread_cpu();
        let hashed = argon2.hash_password_into(b"correct horse battery staple", b"0123456789abcdef", &mut hash);
        hashed.map_err(|error| anyhow::anyhow!("{error}"))?;
        times.push(thread_cpu() - begun);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// CPU time of this thread so far.
fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

async fn row(
    span: Span,
    server: &Server,
    name: &'static str,
    operation: Operation,
    target: Option<Target>,
) -> anyhow::Result<Row> {
    let mut figures = Vec::new();
    for connections in CONNECTIONS {
        figures.push(measure(span, server, vec![operation.clone(); connections]).await?);
    }
    Ok(told(Row { name, figures, target }))
}

/// Prints each result to standard error, since the whole run takes minutes.
fn told(row: Row) -> Row {
    for figures in &row.figures {
        eprintln!(
            "{:28} {:3} connections {:9.0}/s  p50 {:7.2} ms  p99 {:7.2} ms  CPU {:8.1} µs",
            row.name,
            figures.connections,
            figures.per_second,
            1e3 * figures.p50.as_secs_f64(),
            1e3 * figures.p99.as_secs_f64(),
            1e6 * figures.cpu.as_secs_f64(),
        );
    }
    row
}

/// Creates empty databases.
pub(crate) enum Databases<'a> {
    Sqlite,
    Postgres(&'a str),
}

impl Databases<'_> {
    pub(crate) async fn fresh(&self, name: &str) -> anyhow::Result<String> {
        match self {
            Self::Sqlite => Ok(format!("sqlite:{name}.sqlite3")),
            Self::Postgres(admin) => {
                let name = format!("writ_bench_{name}_{}", std::process::id());
                rows::connect(admin).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
                let mut url = url::Url::parse(admin)?;
                url.set_path(&name);
                Ok(url.into())
            }
        }
    }
}

async fn installation(
    span: Span,
    writ: &Path,
    database: &'static str,
    from: &Databases<'_>,
) -> anyhow::Result<Installation> {
    eprintln!("\n{database}");
    let directory = TemporaryDirectory::new(database)?;
    let site = Site::new(writ, &directory.0, &from.fresh("operations").await?)?;
    let server = site.start().await?;
    let registered = site.register(&server).await?;
    server.stop().await?;

    let server = site.start().await?;
    let idle_rss = server.rss()?;
    let operations = operations(span, &server, &registered).await?;
    let storm = storm(span, &server, &registered).await?;
    server.stop().await?;
    let lone_commits = site.database().strip_prefix("sqlite:").map(rows::commits_per_second).transpose()?;

    let server = site.start().await?;
    complete(&server, vec![registered.code_flow(); 16], GRANTS).await?;
    let loaded_rss = server.rss()?;
    server.stop().await?;

    let site = Site::new(writ, &directory.0, &from.fresh("growth").await?)?;
    let server = site.start().await?;
    let registered = site.register(&server).await?;
    let (server, thousand) = with_grants(span, &site, server, &registered, 1_000).await?;
    let (server, million) = with_grants(span, &site, server, &registered, 1_000_000).await?;
    let start = server.start;
    server.stop().await?;
    let growth = thousand.into_iter().zip(million).map(|((name, before), (_, after))| Pair { name, before, after });

    Ok(Installation {
        database,
        rows: operations,
        idle_rss,
        loaded_rss,
        start,
        growth: growth.collect(),
        storm,
        lone_commits,
    })
}

async fn operations(span: Span, server: &Server, registered: &Registered) -> anyhow::Result<Vec<Row>> {
    let target = |times, of| Some(Target { times, of });
    let mut rows = vec![row(span, server, "JWKS", registered.jwks(), target(1.2, Basis::Fixed)).await?];
    for (alg, operation) in registered.client_credentials() {
        let (name, target) = match alg {
            "ES256" => ("client_credentials, ES256", target(1.5, Basis::Signed)),
            "RS256" => ("client_credentials, RS256", None),
            _ => ("client_credentials, EdDSA", None),
        };
        rows.push(row(span, server, name, operation, target).await?);
    }
    rows.push(row(span, server, CODE_FLOW, registered.code_flow(), target(6.0, Basis::Signed)).await?);
    let mut figures = Vec::new();
    for connections in CONNECTIONS {
        figures.push(measure(span, server, registered.refresh(server, connections).await?).await?);
    }
    rows.push(told(Row { name: REFRESH, figures, target: target(3.0, Basis::Signed) }));
    let introspection = registered.introspection(server).await?;
    rows.push(row(span, server, "introspection", introspection, target(3.0, Basis::Signed)).await?);
    let userinfo = registered.userinfo(server).await?;
    rows.push(row(span, server, "userinfo", userinfo, target(3.0, Basis::Signed)).await?);
    rows.push(row(span, server, PUSH, registered.push(), None).await?);
    rows.push(row(span, server, "sign-in", registered.sign_in(), target(1.1, Basis::Hash)).await?);
    if let Some(operation) = registered.passkey_sign_in() {
        rows.push(row(span, server, PASSKEY, operation, target(1.0, Basis::Millisecond)).await?);
    }
    Ok(rows)
}

/// The p99 of common requests, without and with 16 browsers that sign in as fast as they can.
async fn storm(span: Span, server: &Server, registered: &Registered) -> anyhow::Result<Vec<Pair>> {
    let mut operations = vec![("JWKS", registered.jwks())];
    operations
        .extend(registered.client_credentials().take(1).map(|(_, operation)| ("client_credentials, ES256", operation)));
    let mut pairs = Vec::new();
    for (name, operation) in operations {
        let calm = measure(span, server, vec![operation.clone(); 4]).await?;
        let logins = vec![registered.sign_in(); 16];
        let stormy = measure_during(span, server, logins, vec![operation; 4]).await?;
        pairs.push(Pair { name, before: calm.p99, after: stormy.p99 });
    }
    Ok(pairs)
}

/// Adds grants while the server is down, starts it again, and measures what touches them.
async fn with_grants(
    span: Span,
    site: &Site,
    server: Server,
    registered: &Registered,
    grants: u32,
) -> anyhow::Result<(Server, Vec<(&'static str, Duration)>)> {
    server.stop().await?;
    rows::add_grants(&site.database(), grants).await?;
    let server = site.start().await?;
    let refresh = registered.refresh(&server, 16).await?;
    let introspection = registered.introspection(&server).await?;
    let measured =
        [(CODE_FLOW, vec![registered.code_flow(); 16]), (REFRESH, refresh), ("introspection", vec![introspection; 16])];
    let mut found = Vec::new();
    for (name, operations) in measured {
        found.push((name, measure(span, &server, operations).await?.cpu));
    }
    Ok((server, found))
}

/// Removed when dropped.
pub(crate) struct TemporaryDirectory(pub(crate) std::path::PathBuf);

impl TemporaryDirectory {
    pub(crate) fn new(name: &str) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("writ-bench-{}-{name}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
