//! What an examination needs to know about the database itself.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Bool, Text},
};

use super::{Conn, Fault, Tx, migrations};

/// The state of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// A SQLite file.
    Sqlite {
        /// `wal` unless the file system does not support it.
        journal_mode: String,
    },
    /// A PostgreSQL database.
    Postgres(PostgresFacts),
}

/// The state of a PostgreSQL database, as this user sees it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct PostgresFacts {
    /// The connections that this user may open: the server's without those in reserve, and at most
    /// the limits of the database and of the role.
    #[diesel(sql_type = BigInt)]
    pub available: i64,
    /// The connections of other programs.
    #[diesel(sql_type = BigInt)]
    pub others: i64,
    /// Whether a commit waits until it is on disk.
    #[diesel(sql_type = Bool)]
    pub is_durable: bool,
    /// The isolation level of this connection's transactions.
    #[diesel(sql_type = Text)]
    pub isolation: String,
    /// Whether this user may create tables, which migrations do.
    #[diesel(sql_type = Bool)]
    pub may_migrate: bool,
    /// The tables that this user may not read and write, separated by commas.
    #[diesel(sql_type = Text)]
    pub forbidden: String,
}

const POSTGRES: &str = "\
    SELECT LEAST(\
      current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint\
        - COALESCE(current_setting('reserved_connections', true), '0')::bigint, \
      (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database()), \
      (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user))::bigint AS available, \
    (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
      AND (datname, application_name) IS DISTINCT FROM (current_database(), \
        current_setting('application_name')))::bigint AS others, \
    current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AS is_durable, \
    current_setting('transaction_isolation') AS isolation, \
    COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_migrate, \
    COALESCE((SELECT string_agg(name, ', ') FROM unnest($1) AS name WHERE NOT (\
      has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT') AND \
      has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE'))), '') AS forbidden";

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

#[derive(QueryableByName)]
struct QuickCheck {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

/// The state of the database.
///
/// # Errors
/// A fault of the store.
pub fn facts(tx: &mut Tx<'_>) -> Result<Facts, Fault> {
    Ok(match &mut tx.conn {
        Conn::Sqlite(conn) => {
            let JournalMode { journal_mode } = sql_query("PRAGMA journal_mode").get_result(&mut **conn)?;
            Facts::Sqlite { journal_mode }
        }
        Conn::Postgres(conn) => {
            let query = sql_query(POSTGRES).bind::<Array<Text>, _>(migrations::tables());
            Facts::Postgres(query.get_result(&mut **conn)?)
        }
    })
}

/// The first damage that SQLite finds in its file. `None` if the file is whole, and for PostgreSQL.
/// Reads the whole file.
///
/// # Errors
/// A fault of the store.
pub fn damage(tx: &mut Tx<'_>) -> Result<Option<String>, Fault> {
    let Conn::Sqlite(conn) = &mut tx.conn else { return Ok(None) };
    let QuickCheck { quick_check } = sql_query("PRAGMA quick_check(1)").get_result(&mut **conn)?;
    Ok((quick_check != "ok").then_some(quick_check))
}
