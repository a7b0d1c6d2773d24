//! The history of the tables: one file a step in `migrations/`, for both databases.
//!
//! The files are written for SQLite. PostgreSQL runs them with `BYTEA` for `BLOB` and without
//! `WITHOUT ROWID`; nothing else differs. Steps only add: a node of the version before still runs
//! beside this one (expand first, contract a version later).

use diesel::{RunQueryDsl, connection::SimpleConnection, insert_into, prelude::*};

use super::{Conn, Tx, on, schema::migrations};
use crate::fault::Fault;

/// One file of `migrations/`.
pub(super) struct Step {
    name: &'static str,
    sql: &'static str,
}

/// Every step, oldest first.
const STEPS: &[Step] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// Which steps were taken, by which version of Writ, and when.
const HISTORY: &str = "CREATE TABLE IF NOT EXISTS migrations \
     (name TEXT NOT NULL PRIMARY KEY, version TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// Takes every step that is missing. The caller's transaction holds a lock against other nodes.
///
/// # Errors
/// [`Fault::Startup`] if a newer version of Writ has changed the tables already, or a step fails.
pub(super) fn apply(tx: &mut Tx<'_>) -> Result<(), Fault> {
    on!(tx, |conn| conn.batch_execute(HISTORY))?;
    let applied = on!(tx, |conn| migrations::table
        .order(migrations::name)
        .select((migrations::name, migrations::version))
        .load::<(String, String)>(conn))?;
    if let Some((name, version)) = applied.iter().find(|(name, _)| STEPS.iter().all(|step| step.name != name)) {
        return Err(Fault::Startup(format!(
            "the database needs writ {version} or newer: that version made the step {name}, \
             which writ {} does not know",
            env!("CARGO_PKG_VERSION")
        )));
    }
    for step in STEPS.iter().filter(|step| applied.iter().all(|(name, _)| name != step.name)) {
        let sql = match &tx.conn {
            Conn::Sqlite(_) => step.sql.to_owned(),
            Conn::Postgres(_) => for_postgres(step.sql),
        };
        let row = (
            migrations::name.eq(step.name),
            migrations::version.eq(env!("CARGO_PKG_VERSION")),
            migrations::applied_at.eq(tx.now),
        );
        on!(tx, |conn| conn
            .batch_execute(&sql)
            .and_then(|()| insert_into(migrations::table).values(row).execute(conn)))
        .map_err(|error| Fault::Startup(format!("migration {}: {error}", step.name)))?;
    }
    Ok(())
}

fn for_postgres(sql: &str) -> String {
    sql.replace("BLOB", "BYTEA").replace(" WITHOUT ROWID", "")
}
