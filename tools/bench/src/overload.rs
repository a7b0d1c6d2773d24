//! Requests at a fixed rate, whatever the server does: at its capacity, and at twice that. The
//! server has a processor of its own, because a generator that shares it measures itself.

use std::{
    fmt::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tokio::task::JoinSet;

use crate::{
    child::Server,
    http::Connection,
    load::{Span, measure},
    operation::Operation,
    plan::{Databases, TemporaryDirectory},
    report::millis,
    site::Site,
};

/// Connections that find the capacity.
const BUSY: usize = 16;
/// Connections at a fixed rate, enough for all requests under way.
const OFFERED: usize = 512;

/// The latencies at a fixed rate, each since the time at which its request was due, in order.
struct Offered {
    served: Vec<Duration>,
    refused: Vec<Duration>,
}

/// Measures single requests at their capacity and at twice that, and returns a table in Markdown.
pub(crate) async fn run(span: Span, writ: &Path, postgres: Option<&str>) -> anyhow::Result<String> {
    let mut text =
        "| operation | capacity a second | p99 ms, at capacity | p99 ms, at twice | refused | p99 ms, refused |\n\
                    |---|--:|--:|--:|--:|--:|\n"
            .to_owned();
    let mut databases = vec![("SQLite", Databases::Sqlite)];
    databases.extend(postgres.map(|admin| ("PostgreSQL", Databases::Postgres(admin))));
    for (database, empty) in databases {
        let directory = TemporaryDirectory::new("overload")?;
        let site = Site::new(writ, &directory.0, &empty.fresh("overload").await?)?.on_one_cpu();
        let server = site.start().await?;
        let registered = site.register(&server).await?;
        // Cheaper operations keep the generator busier than the server.
        let operations = registered.client_credentials().filter(|(alg, _)| *alg == "RS256");
        for (alg, operation) in operations {
            let capacity = measure(span, &server, vec![operation.clone(); BUSY]).await?.per_second;
            let calm = at_rate(span, &server, &operation, capacity).await?;
            let twice = at_rate(span, &server, &operation, 2.0 * capacity).await?;
            let refused = twice.refused.len() as f64 / (twice.served.len() + twice.refused.len()) as f64;
            let line = format!(
                "| {database}, client_credentials, {alg} | {capacity:.0} | {:.1} | {:.1} | {:.0} % | {:.1} |",
                millis(p99(&calm.served)),
                millis(p99(&twice.served)),
                100.0 * refused,
                millis(p99(&twice.refused)),
            );
            eprintln!("{line}");
            let _ = writeln!(text, "{line}");
        }
        server.stop().await?;
    }
    Ok(text)
}

async fn at_rate(span: Span, server: &Server, operation: &Operation, per_second: f64) -> anyhow::Result<Offered> {
    let sent = Arc::new(AtomicU64::new(0));
    let first = Instant::now() + Duration::from_millis(200);
    let begin = first + span.warm_up;
    let end = begin + span.measured;
    let mut tasks = JoinSet::new();
    for _ in 0..OFFERED {
        let (sent, operation) = (Arc::clone(&sent), operation.clone());
        let mut connection = Connection::open(server.address).await?;
        tasks.spawn(async move {
            let mut offered = Offered { served: Vec::new(), refused: Vec::new() };
            loop {
                let due = first + Duration::from_secs_f64(sent.fetch_add(1, Ordering::Relaxed) as f64 / per_second);
                if due >= end || Instant::now() >= end {
                    return anyhow::Ok(offered);
                }
                tokio::time::sleep_until(due.into()).await;
                let status = operation.status(&mut connection).await?;
                let latency = due.elapsed();
                match status {
                    _ if due < begin => {}
                    503 => offered.refused.push(latency),
                    200 | 201 => offered.served.push(latency),
                    status => anyhow::bail!("the server responds {status}"),
                }
            }
        });
    }
    let mut all = Offered { served: Vec::new(), refused: Vec::new() };
    while let Some(offered) = tasks.join_next().await {
        let mut offered = offered??;
        all.served.append(&mut offered.served);
        all.refused.append(&mut offered.refused);
    }
    ensure!(!all.served.is_empty(), "nothing was served in {:?}", span.measured);
    all.served.sort_unstable();
    all.refused.sort_unstable();
    Ok(all)
}

/// The 99th percentile of sorted latencies, 0 without any.
fn p99(latencies: &[Duration]) -> Duration {
    latencies.get((latencies.len() * 99 / 100).min(latencies.len().saturating_sub(1))).copied().unwrap_or_default()
}

impl Operation {
    /// Sends a single request and returns the status of its response.
    async fn status(&self, connection: &mut Connection) -> anyhow::Result<u16> {
        let response = match self {
            Self::Get { target, headers } => connection.get(target, headers).await,
            Self::Post { target, headers, form } => connection.post(target, headers, form).await,
            Self::Push { .. }
            | Self::CodeFlow { .. }
            | Self::Refresh { .. }
            | Self::SignIn { .. }
            | Self::PasskeySignIn { .. } => anyhow::bail!("not a single request"),
        };
        Ok(response.context("a request at a fixed rate")?.status)
    }
}
