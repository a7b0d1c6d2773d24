//! Direct writes to the database: grants in bulk, and single commits.

use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

/// Adds `count` redeemed grants of the user and the client of the newest grant, each with a
/// time-ordered id.
pub(crate) async fn add_grants(database_url: &str, count: u32) -> anyhow::Result<()> {
    match database_url.strip_prefix("sqlite:") {
        Some(path) => {
            let mut connection = SqliteConnection::establish(path)?;
            let id =
                "unhex(printf('%012x7%03x8%015x', 1000 * grants.created_at - 100 * n.i % 80000000, n.i % 4096, n.i))";
            let numbers = format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) {}",
                insert(id)
            );
            connection.batch_execute(&format!("{numbers}; PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;"))?;
        }
        None => {
            let client = connect(database_url).await?;
            let id = "decode(lpad(to_hex(1000 * grants.created_at - 100 * n.i % 80000000), 12, '0') || '7' || \
                      lpad(to_hex(n.i % 4096), 3, '0') || '8' || lpad(to_hex(n.i), 15, '0'), 'hex')";
            let numbers = format!("WITH n(i) AS (SELECT generate_series(1, {count})) {}", insert(id));
            client.batch_execute(&format!("{numbers}; ANALYZE grants;")).await.context("grants in bulk")?;
        }
    }
    Ok(())
}

/// Transactions of one small write per second on this SQLite file, when each waits for its own
/// commit.
pub(crate) fn commits_per_second(path: &str) -> anyhow::Result<f64> {
    let mut connection = SqliteConnection::establish(path)?;
    connection.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    let begun = Instant::now();
    let mut commits = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        connection.batch_execute("BEGIN IMMEDIATE; UPDATE revision SET number = number + 1; COMMIT;")?;
        commits += 1;
    }
    Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
}

fn insert(id: &str) -> String {
    let copied = "user_id, client_id, session_id, scope, audience, auth_time, created_at, code_hash, code_expires_at, \
                  redirect_uri, code_challenge, nonce, redeemed_at, last_used_at, expires_at, revoked_at, generation, \
                  predecessor, rotated_at, replays";
    format!(
        "INSERT INTO grants (id, {copied}) SELECT {id}, {copied} FROM n, \
         (SELECT * FROM grants ORDER BY id DESC LIMIT 1) AS grants"
    )
}

/// A connection whose driver runs by itself.
pub(crate) async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(driver);
    Ok(client)
}
