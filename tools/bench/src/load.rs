//! Load: the same operation on many connections at once, for a bounded time or number.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{child::Server, http::Connection, operation::Operation};

/// The duration of a measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Time for connections and caches to warm up. It is not counted.
    pub(crate) warm_up: Duration,
    /// The counted time.
    pub(crate) measured: Duration,
}

/// The result of one measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) connections: usize,
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// The server's CPU time per operation.
    pub(crate) cpu: Duration,
    /// PostgreSQL's CPU time per operation.
    pub(crate) database_cpu: Duration,
}

/// Runs each of `operations` on its own connection and counts those that complete in the measured
/// time.
///
/// # Errors
/// An error for any unexpected response, because refusals are not measured.
pub(crate) async fn measure(span: Span, server: &Server, operations: Vec<Operation>) -> anyhow::Result<Figures> {
    let connections = operations.len();
    let begin = Instant::now() + span.warm_up;
    let end = begin + span.measured;
    let mut tasks = JoinSet::new();
    for mut operation in operations {
        let mut connection = Connection::open(server.address).await?;
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let sent = Instant::now();
                if sent >= end {
                    return anyhow::Ok(latencies);
                }
                operation.perform(&mut connection).await?;
                let answered = Instant::now();
                if answered >= begin && answered < end {
                    latencies.push(answered - sent);
                }
            }
        });
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = (server.cpu()?, server.database_cpu()?);
    tokio::time::sleep_until(end.into()).await;
    let (cpu, database_cpu) = (server.cpu()? - before.0, server.database_cpu()?.saturating_sub(before.1));
    let mut latencies = Vec::new();
    while let Some(of_one) = tasks.join_next().await {
        latencies.append(&mut of_one??);
    }
    anyhow::ensure!(!latencies.is_empty(), "nothing completed in {:?}", span.measured);
    latencies.sort_unstable();
    let count = latencies.len();
    let quantile = |q: f64| latencies[((count as f64 * q) as usize).min(count - 1)];
    Ok(Figures {
        connections,
        per_second: count as f64 / span.measured.as_secs_f64(),
        p50: quantile(0.50),
        p99: quantile(0.99),
        cpu: cpu.div_f64(count as f64),
        database_cpu: database_cpu.div_f64(count as f64),
    })
}

/// Runs the operations until `total` have completed.
pub(crate) async fn complete(server: &Server, operations: Vec<Operation>, total: u64) -> anyhow::Result<()> {
    let begun = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for mut operation in operations {
        let mut connection = Connection::open(server.address).await?;
        let begun = Arc::clone(&begun);
        tasks.spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < total {
                operation.perform(&mut connection).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Measures `operations` while `storm` runs uncounted.
pub(crate) async fn measure_during(
    span: Span,
    server: &Server,
    storm: Vec<Operation>,
    operations: Vec<Operation>,
) -> anyhow::Result<Figures> {
    let mut tasks = JoinSet::new();
    for mut operation in storm {
        let mut connection = Connection::open(server.address).await?;
        tasks.spawn(async move {
            loop {
                if let Err(error) = operation.perform(&mut connection).await {
                    return error;
                }
            }
        });
    }
    tokio::select! {
        figures = measure(span, server, operations) => figures,
        Some(ended) = tasks.join_next() => Err(ended?.context("the storm ended")),
    }
}
