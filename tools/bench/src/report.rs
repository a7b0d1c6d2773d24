//! The report as a table.

use std::{fmt::Write, time::Duration};

use crate::plan::{Basis, CODE_FLOW, Found, Installation, Pair, REFRESH, Row};

const IDLE_RSS: f64 = 40.0;
const LOADED_RSS: f64 = 80.0;
const START: Duration = Duration::from_millis(200);
const GROWTH: f64 = 1.2;
const STORM: f64 = 3.0;
const SHARED: f64 = 3.0;

/// The whole report, as Markdown.
pub(crate) fn markdown(found: &Found) -> String {
    let mut text = format!(
        "# Benchmarks\n\n\
         Written by `scripts/bench` in {:.0} minutes, with binaries of the profile `{}`, on {}. \
         The load average was {} before it began.\n\n\
         Every operation is sent by a load generator on the same machine over connections kept alive, for {} seconds \
         after a warm-up, and every answer is checked. CPU is the server's, user and system, divided by the \
         operations. The ceiling is the same HTTP stack with nothing behind it: a fixed answer, and a fixed answer \
         after one ES256 signature with a cached key. A ratio is CPU divided by the ceiling's CPU at as many \
         connections; a password hash alone takes {:.1} ms of CPU. Introspection and userinfo are \
         asked about one token again and again.\n\n## Ceiling\n\n",
        found.took.as_secs_f64() / 60.0,
        found.profile,
        machine(),
        found.load_before,
        found.span.measured.as_secs_f64(),
        millis(found.hash),
    );
    table(&mut text, found, [&found.fixed, &found.signed]);
    for installation in &found.installations {
        write_installation(&mut text, found, installation);
    }
    text
}

fn write_installation(text: &mut String, found: &Found, installation: &Installation) {
    let Installation { database, rows, idle_rss, loaded_rss, start, growth, storm, lone_commits } = installation;
    let _ = write!(text, "\n## {database}\n\n");
    table(text, found, rows);
    let _ = write!(text, "\n| {database} | measured | target |\n|---|--:|---|\n");
    let mut line = |name: &str, measured: String, target: String, met: bool| {
        let _ = writeln!(text, "| {name} | {measured} | {target}{} |", missed(met));
    };
    line("memory, idle", format!("{idle_rss:.0} MB"), format!("≤ {IDLE_RSS} MB"), *idle_rss <= IDLE_RSS);
    line(
        "memory after 100 000 grants",
        format!("{loaded_rss:.0} MB"),
        format!("≤ {LOADED_RSS} MB"),
        *loaded_rss <= LOADED_RSS,
    );
    line(
        "start to first answer, 1 million grants",
        format!("{:.0} ms", millis(*start)),
        format!("≤ {:.0} ms", millis(START)),
        *start <= START,
    );
    for Pair { name, before, after } in growth {
        let ratio = after.as_secs_f64() / before.as_secs_f64();
        let measured = format!("{:.0} → {:.0} µs ({ratio:.2} ×)", micros(*before), micros(*after));
        let name = format!("CPU of {name}, a thousand → a million grants");
        line(&name, measured, format!("≤ {GROWTH} ×"), ratio <= GROWTH);
    }
    for Pair { name, before, after } in storm {
        let ratio = after.as_secs_f64() / before.as_secs_f64();
        let measured = format!("{:.2} → {:.2} ms ({ratio:.1} ×)", millis(*before), millis(*after));
        let name = format!("p99 of {name} at 4 connections, calm → 16 browsers signing in");
        line(&name, measured, format!("≤ {STORM} ×"), ratio <= STORM);
    }
    // A code flow commits twice: the code, and its redemption.
    for (name, commits) in [(CODE_FLOW, 2.0), (REFRESH, 1.0)] {
        let busiest = rows.iter().find(|row| row.name == name).and_then(|row| row.figures.last());
        if let (Some(alone), Some(busiest)) = (lone_commits, busiest) {
            let ratio = busiest.per_second * commits / alone;
            let measured = format!("{alone:.0} → {:.0} a second ({ratio:.1} ×)", busiest.per_second * commits);
            let name = format!("commits of {name}, one each → shared by {} connections", busiest.connections);
            line(&name, measured, format!("≥ {SHARED} ×"), ratio >= SHARED);
        }
    }
}

fn table<'a>(text: &mut String, found: &Found, rows: impl IntoIterator<Item = &'a Row>) {
    text.push_str(
        "| operation | connections | a second | p50 ms | p99 ms | CPU µs | PostgreSQL's µs | ratio | target |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        for (index, figures) in row.figures.iter().enumerate() {
            let (ratio, target) = row.target.map_or_else(Default::default, |target| {
                let (basis, of) = match target.of {
                    Basis::Fixed => (found.fixed.figures[index].cpu, "fixed answer"),
                    Basis::Signed => (found.signed.figures[index].cpu, "ES256 signature"),
                    Basis::Hash => (found.hash, "password hash"),
                    Basis::Millisecond => (Duration::from_millis(1), "ms"),
                };
                let ratio = figures.cpu.as_secs_f64() / basis.as_secs_f64();
                (format!("{ratio:.2}"), format!("≤ {} × {of}{}", target.times, missed(ratio <= target.times)))
            });
            let _ = writeln!(
                text,
                "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {ratio} | {target} |",
                row.name,
                figures.connections,
                figures.per_second,
                millis(figures.p50),
                millis(figures.p99),
                micros(figures.cpu),
                micros(figures.database_cpu),
            );
        }
    }
}

fn missed(met: bool) -> &'static str {
    if met { "" } else { " **missed**" }
}

pub(crate) fn millis(duration: Duration) -> f64 {
    1e3 * duration.as_secs_f64()
}

pub(crate) fn micros(duration: Duration) -> f64 {
    1e6 * duration.as_secs_f64()
}

/// The processor, the cores and the system.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("an unknown value", |(_, value)| value.trim()).to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{cores} cores of {}, {} of memory, Linux {}",
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
    )
}
