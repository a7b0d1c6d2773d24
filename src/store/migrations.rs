//! Brings the tables up to date, one process at a time.

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Fault, postgres::PgConnection};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that other users of the same database are unlikely to lock.
const ADVISORY_LOCK: i64 = 0x5752_4954;

/// All pending migrations in one transaction that holds SQLite's write lock.
pub(super) fn migrate_sqlite(conn: &mut SqliteConnection) -> Result<(), Fault> {
    conn.immediate_transaction(|conn| conn.run_pending_migrations(SQLITE).map(drop).map_err(failed))
}

/// All pending migrations in one transaction that holds an advisory lock.
pub(super) fn migrate_postgres(conn: &mut PgConnection) -> Result<(), Fault> {
    conn.transaction(|conn| {
        sql_query(format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).execute(conn)?;
        conn.run_pending_migrations(POSTGRES).map(drop).map_err(failed)
    })
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Fault {
    Fault::Connection(format!("migration: {error}"))
}
