//! Measures a release build of Writ against the ceiling of its own HTTP stack and writes
//! `docs/benchmarks.md`.
//!
//! Run `scripts/bench`, which builds both and starts PostgreSQL.

mod browser;
mod ceiling;
mod child;
mod compare;
mod http;
mod load;
mod operation;
mod overload;
mod passkey;
mod plan;
mod report;
mod rows;
mod site;
mod soak;

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
    /// Measure two binaries in turns and print what each operation costs.
    Compare {
        /// The `writ` binary of before.
        #[arg(long)]
        before: PathBuf,
        /// The `writ` binary of after.
        #[arg(long)]
        after: PathBuf,
        /// The URL of a PostgreSQL administrator. Without it only SQLite is measured.
        #[arg(long, env = "WRIT_TEST_DATABASE_URL")]
        postgres: Option<String>,
        /// Duration of each measurement in seconds.
        #[arg(long, default_value_t = 1.5)]
        seconds: f64,
        /// The measurements of each operation and binary. The cheapest counts.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// Measure only operations whose name contains this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Measure what is served, and how fast the rest is refused, at twice the capacity.
    Overload {
        /// The `writ` binary.
        #[arg(long)]
        writ: PathBuf,
        /// The URL of a PostgreSQL administrator. Without it only SQLite is measured.
        #[arg(long, env = "WRIT_TEST_DATABASE_URL")]
        postgres: Option<String>,
        /// Duration of each measurement in seconds.
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
    /// Serve mixed load and fail if memory grows.
    Soak {
        /// The `writ` binary.
        #[arg(long)]
        writ: PathBuf,
        /// The URL of a PostgreSQL administrator. Without it SQLite serves.
        #[arg(long, env = "WRIT_TEST_DATABASE_URL")]
        postgres: Option<String>,
        /// Duration in minutes.
        #[arg(long, default_value_t = 60)]
        minutes: u32,
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
            let found = runtime()?.block_on(plan::run(span(seconds)?, &writ.canonicalize()?, postgres.as_deref()))?;
            std::fs::write(&report, report::markdown(&found))?;
            Ok(())
        }
        Command::Compare { before, after, postgres, seconds, rounds, only } => {
            let binaries = [before.canonicalize()?, after.canonicalize()?];
            let compared = compare::run(span(seconds)?, rounds, &only, &binaries, postgres.as_deref());
            print!("{}", runtime()?.block_on(compared)?);
            Ok(())
        }
        Command::Overload { writ, postgres, seconds } => {
            let writ = writ.canonicalize()?;
            print!("{}", runtime()?.block_on(overload::run(span(seconds)?, &writ, postgres.as_deref()))?);
            Ok(())
        }
        Command::Soak { writ, postgres, minutes } => {
            runtime()?.block_on(soak::run(&writ.canonicalize()?, minutes, postgres.as_deref()))
        }
    }
}

fn span(seconds: f64) -> anyhow::Result<load::Span> {
    let measured = Duration::try_from_secs_f64(seconds)?;
    Ok(load::Span { warm_up: measured / 4, measured })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
