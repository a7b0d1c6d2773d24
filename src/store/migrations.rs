//! Migrations: one file per step in `migrations/`, for both databases.
//!
//! The files are written for SQLite. PostgreSQL runs them with `BYTEA` instead of `BLOB` and
//! without `WITHOUT ROWID`. Steps only add, so a node of the previous version keeps working (expand
//! first, contract one version later).

use diesel::{connection::SimpleConnection, insert_into, prelude::*, sql_types::BigInt};

use super::{Check, Conn, Tx, on, schema::migrations};
use crate::fault::Fault;

/// One file of `migrations/`.
pub(super) struct Step {
    name: &'static str,
    sql: &'static str,
}

/// Every step, oldest first.
const STEPS: &[Step] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The applied steps, with the version of Writ and the time.
const HISTORY: &str = "CREATE TABLE IF NOT EXISTS migrations \
     (name TEXT NOT NULL PRIMARY KEY, version TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// A step that has not been applied.
#[derive(Debug)]
pub struct Pending {
    /// Its name.
    pub name: &'static str,
    /// The existing tables that it changes, with their row counts. They are locked while it runs.
    pub changes: Vec<(&'static str, i64)>,
}

/// The steps that [`apply`] would apply.
///
/// # Errors
/// As for [`apply`].
pub(super) fn pending(tx: &mut Tx<'_>) -> Result<Vec<Pending>, Fault> {
    let missing = missing(tx)?;
    let is_new = missing.len() == STEPS.len();
    let mut pending = Vec::new();
    for step in missing {
        let mut changes = Vec::new();
        for table in if is_new { Vec::new() } else { step.changed_tables() } {
            let count = diesel::dsl::sql::<BigInt>(&format!("SELECT COUNT(*) FROM {table}"));
            changes.push((table, on!(tx, |conn| count.get_result(conn))?));
        }
        pending.push(Pending { name: step.name, changes });
    }
    Ok(pending)
}

/// Applies all missing steps. The caller's transaction holds a lock against other nodes.
///
/// # Errors
/// [`Fault::Startup`] if a newer version of Writ has changed the tables, or if a step fails.
pub(super) fn apply(tx: &mut Tx<'_>, check: &Check<'_>) -> Result<(), Fault> {
    let missing = missing(tx)?;
    if missing.len() < STEPS.len() {
        check(tx)?;
    }
    for step in missing {
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

fn missing(tx: &mut Tx<'_>) -> Result<Vec<&'static Step>, Fault> {
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
    Ok(STEPS.iter().filter(|step| applied.iter().all(|(name, _)| name != step.name)).collect())
}

impl Step {
    /// The existing tables that this step alters or adds an index to.
    fn changed_tables(&self) -> Vec<&'static str> {
        let words: Vec<&str> = self.sql.split_whitespace().collect();
        let after = |pattern: &[&str]| -> Vec<&'static str> {
            let fits = |window: &&[&str]| window.iter().zip(pattern).all(|(word, part)| *part == "*" || word == part);
            words.windows(pattern.len() + 1).filter(fits).map(|window| window[pattern.len()]).collect()
        };
        let created = after(&["CREATE", "TABLE"]);
        let mut changed = [after(&["ALTER", "TABLE"]), after(&["INDEX", "*", "ON"])].concat();
        changed.retain(|table| !created.contains(table));
        changed.sort_unstable();
        changed.dedup();
        changed
    }
}

fn for_postgres(sql: &str) -> String {
    sql.replace("BLOB", "BYTEA").replace(" WITHOUT ROWID", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_lists_tables_it_alters_or_indexes_and_not_those_it_creates() {
        let sql = "CREATE TABLE mail (id BLOB NOT NULL);\nCREATE INDEX mail_id ON mail (id);\n\
                   ALTER TABLE users ADD COLUMN locale TEXT;\nCREATE UNIQUE INDEX grants_x ON grants (id);";
        assert_eq!(Step { name: "0002_mail", sql }.changed_tables(), ["grants", "users"]);
    }

    #[test]
    fn statement_for_postgres_has_its_own_binary_type_and_row_ids() {
        assert_eq!(for_postgres("CREATE TABLE t (id BLOB) WITHOUT ROWID;"), "CREATE TABLE t (id BYTEA);");
    }
}
