//! Migrations: one file per step in `migrations/`, for both databases.
//!
//! The files are written for SQLite. PostgreSQL runs them with `BYTEA` instead of `BLOB` and
//! without `WITHOUT ROWID`. Steps only add, so a node of the previous version keeps working (expand
//! first, contract one version later).

use std::collections::BTreeMap;

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
    /// The existing tables that it locks while it runs.
    pub locks: Vec<Lock>,
}

/// The lock of a step on an existing table.
#[derive(Debug, PartialEq, Eq)]
pub struct Lock {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: i64,
    /// About how long it is locked, in seconds. 0 if only its definition changes.
    pub seconds: i64,
}

/// What a step does to an existing table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// It changes the definition, whatever the number of rows.
    Definition,
    /// It builds an index.
    Index,
    /// It writes rows.
    Rows,
}

impl Work {
    /// The rows that it processes in a second, on a small machine under load.
    fn rows_per_second(self) -> Option<i64> {
        match self {
            Self::Definition => None,
            Self::Index => Some(250_000),
            Self::Rows => Some(16_000),
        }
    }
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
        let mut locks = Vec::new();
        for (table, work) in if is_new { Vec::new() } else { step.changed_tables() } {
            let count = diesel::dsl::sql::<BigInt>(&format!("SELECT COUNT(*) FROM {table}"));
            let rows: i64 = on!(tx, |conn| count.get_result(conn))?;
            let seconds = work.rows_per_second().map_or(0, |speed| (rows / speed).max(1));
            locks.push(Lock { table, rows, seconds });
        }
        pending.push(Pending { name: step.name, locks });
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
    let applied = applied(tx)?;
    check_known(&applied)?;
    Ok(STEPS.iter().filter(|step| applied.iter().all(|(name, _)| name != step.name)).collect())
}

/// The applied steps, each with the version of Writ that made it.
///
/// # Errors
/// A fault of the store.
pub(super) fn applied(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, Fault> {
    Ok(on!(tx, |conn| migrations::table
        .order(migrations::name)
        .select((migrations::name, migrations::version))
        .load(conn))?)
}

/// Checks that no newer version of Writ has changed the tables.
///
/// # Errors
/// [`Fault::Startup`] with the version that is needed.
pub fn check_known(applied: &[(String, String)]) -> Result<(), Fault> {
    match applied.iter().find(|(name, _)| STEPS.iter().all(|step| step.name != name)) {
        None => Ok(()),
        Some((name, version)) => Err(Fault::Startup(format!(
            "the database needs writ {version} or newer: that version made the step {name}, \
             which writ {} does not know",
            env!("CARGO_PKG_VERSION")
        ))),
    }
}

/// Whether the step `name` creates `table`.
pub(super) fn creates(name: &str, table: &str) -> bool {
    STEPS.iter().any(|step| step.name == name && step.created_tables().contains(&table))
}

/// Every table that the steps create.
pub(super) fn tables() -> Vec<&'static str> {
    STEPS.iter().flat_map(Step::created_tables).collect()
}

impl Step {
    fn created_tables(&self) -> Vec<&'static str> {
        let words: Vec<&str> = self.sql.split_whitespace().collect();
        words.windows(3).filter(|window| window[..2] == ["CREATE", "TABLE"]).map(|window| window[2]).collect()
    }

    /// The existing tables that this step changes, each with the slowest work on it.
    fn changed_tables(&self) -> Vec<(&'static str, Work)> {
        let words: Vec<&str> = self.sql.split_whitespace().collect();
        let after = |pattern: &[&str]| -> Vec<&'static str> {
            let fits = |window: &&[&str]| window.iter().zip(pattern).all(|(word, part)| *part == "*" || word == part);
            words.windows(pattern.len() + 1).filter(fits).map(|window| window[pattern.len()]).collect()
        };
        let created = self.created_tables();
        let statements: [(&[&str], Work); 5] = [
            (&["UPDATE"], Work::Rows),
            (&["DELETE", "FROM"], Work::Rows),
            (&["INSERT", "INTO"], Work::Rows),
            (&["INDEX", "*", "ON"], Work::Index),
            (&["ALTER", "TABLE"], Work::Definition),
        ];
        let each = |(pattern, work): (&[&str], Work)| after(pattern).into_iter().map(move |table| (table, work));
        let mut changed = BTreeMap::new();
        for (table, work) in statements.into_iter().flat_map(each).filter(|(table, _)| !created.contains(table)) {
            let slowest = changed.entry(table).or_insert(work);
            *slowest = work.max(*slowest);
        }
        changed.into_iter().collect()
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
                   ALTER TABLE users ADD COLUMN locale TEXT;\nCREATE UNIQUE INDEX grants_x ON grants (id);\n\
                   ALTER TABLE grants ADD COLUMN x TEXT;\nUPDATE clients SET x = 1;\nINSERT INTO mail VALUES (1);";
        let changed = [("clients", Work::Rows), ("grants", Work::Index), ("users", Work::Definition)];
        assert_eq!(Step { name: "0002_mail", sql }.changed_tables(), changed);
    }

    #[test]
    fn tables_of_the_steps_are_those_of_the_schema() {
        let schema = include_str!("schema.rs");
        assert!(tables().len() > 20);
        for table in tables() {
            assert!(schema.contains(&format!("{table} (")), "{table}");
        }
    }

    #[test]
    fn statement_for_postgres_has_its_own_binary_type_and_row_ids() {
        assert_eq!(for_postgres("CREATE TABLE t (id BLOB) WITHOUT ROWID;"), "CREATE TABLE t (id BYTEA);");
    }
}
