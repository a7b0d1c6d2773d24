//! Two binaries under the same load, in turns, so that disturbances of the machine meet both.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    child::Server,
    load::{Figures, Span, measure},
    operation::Operation,
    plan::{CODE_FLOW, Databases, PASSKEY, PUSH, REFRESH, TemporaryDirectory},
    report::micros,
    site::{Registered, Site},
};

const CONNECTIONS: usize = 16;

/// The cheapest measurement of an operation with each binary.
struct Row {
    name: &'static str,
    before: Figures,
    after: Figures,
}

/// Measures each operation whose name contains `only` `rounds` times with each binary, before and
/// after, and returns a table in Markdown for each database.
pub(crate) async fn run(
    span: Span,
    rounds: u32,
    only: &str,
    [before, after]: &[PathBuf; 2],
    postgres: Option<&str>,
) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut databases = vec![("SQLite", Databases::Sqlite)];
    databases.extend(postgres.map(|admin| ("PostgreSQL", Databases::Postgres(admin))));
    for (database, empty) in databases {
        let before = Side::start(before, "before", &empty).await?;
        let after = Side::start(after, "after", &empty).await?;
        let mut rows: Vec<Row> = Vec::new();
        for round in 0..rounds {
            for ((name, first), (_, second)) in before.operations().await?.into_iter().zip(after.operations().await?) {
                if !name.contains(only) {
                    continue;
                }
                // The second measurement finds a database with more to clean up.
                let (first, second) = if round % 2 == 0 {
                    let first = measure(span, &before.server, first).await?;
                    (first, measure(span, &after.server, second).await?)
                } else {
                    let second = measure(span, &after.server, second).await?;
                    (measure(span, &before.server, first).await?, second)
                };
                eprintln!("{database}, {name}: {}, {}", cost(&first), cost(&second));
                match rows.iter_mut().find(|row| row.name == name) {
                    Some(row) => {
                        row.before = cheaper(row.before, first);
                        row.after = cheaper(row.after, second);
                    }
                    None => rows.push(Row { name, before: first, after: second }),
                }
            }
        }
        before.server.stop().await?;
        after.server.stop().await?;
        write_table(&mut text, database, &rows);
    }
    Ok(text)
}

fn write_table(text: &mut String, database: &str, rows: &[Row]) {
    let _ = writeln!(
        text,
        "| {database}, {CONNECTIONS} connections, CPU µs of server + database | before | after | ratio |\n\
         |---|--:|--:|--:|"
    );
    for Row { name, before, after } in rows {
        let ratio = total(after).as_secs_f64() / total(before).as_secs_f64();
        let _ = writeln!(text, "| {name} | {} | {} | {ratio:.2} |", cost(before), cost(after));
    }
    text.push('\n');
}

/// A running binary with a database of its own.
struct Side {
    server: Server,
    registered: Registered,
    _directory: TemporaryDirectory,
}

impl Side {
    async fn start(writ: &Path, name: &str, empty: &Databases<'_>) -> anyhow::Result<Self> {
        let directory = TemporaryDirectory::new(name)?;
        let site = Site::new(writ, &directory.0, &empty.fresh(name).await?)?;
        let server = site.start().await?;
        let registered = site.register(&server).await?;
        Ok(Self { server, registered, _directory: directory })
    }

    /// What each connection does, by name.
    async fn operations(&self) -> anyhow::Result<Vec<(&'static str, Vec<Operation>)>> {
        let Self { server, registered, .. } = self;
        let on_each = |operation| vec![operation; CONNECTIONS];
        let mut operations = vec![("JWKS", on_each(registered.jwks()))];
        let signed = registered.client_credentials().take(1);
        operations.extend(signed.map(|(_, operation)| ("client_credentials, ES256", on_each(operation))));
        operations.extend([
            (CODE_FLOW, on_each(registered.code_flow())),
            ("code flow of one user and client", on_each(registered.code_flow_at_the_bound())),
            (REFRESH, registered.refresh(server, CONNECTIONS).await?),
            ("introspection", on_each(registered.introspection(server).await?)),
            ("userinfo", on_each(registered.userinfo(server).await?)),
            (PUSH, on_each(registered.push())),
            ("sign-in", on_each(registered.sign_in())),
        ]);
        operations.extend(registered.passkey_sign_in().map(|operation| (PASSKEY, on_each(operation))));
        Ok(operations)
    }
}

fn cheaper(one: Figures, other: Figures) -> Figures {
    if total(&other) < total(&one) { other } else { one }
}

fn total(figures: &Figures) -> Duration {
    figures.cpu + figures.database_cpu
}

fn cost(figures: &Figures) -> String {
    match figures.database_cpu {
        Duration::ZERO => format!("{:.0}", micros(figures.cpu)),
        database => format!("{:.0} + {:.0}", micros(figures.cpu), micros(database)),
    }
}
