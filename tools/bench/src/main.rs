//! Measures a release build of Writ against the ceiling of its own HTTP stack and writes
//! `docs/benchmarks.md`.
//!
//! Run `scripts/bench`, which builds both and starts PostgreSQL.

mod browser;
mod ceiling;
mod child;
mod http;
mod load;
mod operation;
mod plan;
mod report;
mod rows;
mod site;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure Writ.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure everything and write the report.
    Run {
        /// The `writ` binary.
        #[arg(long)]
        writ: PathBuf,
        /// The path of the report.
        #[arg(long)]
        report: PathBuf,
        /// The URL of a PostgreSQL administrator. Without it only SQLite is measured.
        #[arg(long, env = "WRIT_TEST_DATABASE_URL")]
        postgres: Option<String>,
        /// Duration of each measurement in seconds. A shorter one is sufficient for a first
        /// impression.
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
    /// Serve the ceiling until the process ends.
    Ceiling {
        /// The address and port.
        listen: SocketAddr,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Ceiling { listen } => ceiling::serve(listen),
        Command::Run { writ, report, postgres, seconds } => {
            let measured = Duration::try_from_secs_f64(seconds)?;
            let span = load::Span { warm_up: measured / 4, measured };
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            let found = runtime.block_on(plan::run(span, &writ.canonicalize()?, postgres.as_deref()))?;
            std::fs::write(&report, report::markdown(&found))?;
            Ok(())
        }
    }
}
