//! How much is in the tables, for those who watch them.

use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text},
};

use super::{
    Conn, Fault, Tx, migrations, on,
    schema::{logout_deliveries, mails},
};

/// What waits in the queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queues {
    /// Mails that are due or wait for their next attempt.
    pub mails: i64,
    /// Logout tokens that are due or wait for their next attempt.
    pub logouts: i64,
}

/// The lengths of the queues, by the indexes of what is due.
///
/// # Errors
/// A fault of the store.
pub fn queues(tx: &mut Tx<'_>) -> Result<Queues, Fault> {
    let mails = mails::table.filter(mails::next_attempt_at.is_not_null()).count();
    let logouts = logout_deliveries::table.filter(logout_deliveries::next_attempt_at.is_not_null()).count();
    Ok(Queues { mails: on!(tx, |conn| mails.get_result(conn))?, logouts: on!(tx, |conn| logouts.get_result(conn))? })
}

#[derive(QueryableByName)]
struct Estimate {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

const ESTIMATES: &str = "SELECT relname::text AS name, GREATEST(reltuples, 0)::bigint AS rows FROM pg_class \
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname = ANY($1)";

/// The rows of each table: counted in SQLite, as last estimated by PostgreSQL, where counting takes
/// long.
///
/// # Errors
/// A fault of the store.
pub fn rows(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, Fault> {
    match &mut tx.conn {
        Conn::Postgres(conn) => {
            let query = sql_query(ESTIMATES).bind::<Array<Text>, _>(migrations::tables());
            let estimates: Vec<Estimate> = query.load(&mut **conn)?;
            Ok(estimates.into_iter().map(|Estimate { name, rows }| (name, rows)).collect())
        }
        Conn::Sqlite(_) => {
            migrations::tables().into_iter().map(|table| Ok((table.to_owned(), count(tx, table)?))).collect()
        }
    }
}

/// The rows of a table, counted.
///
/// # Errors
/// A fault of the store.
pub(super) fn count(tx: &mut Tx<'_>, table: &str) -> Result<i64, Fault> {
    let count = diesel::dsl::sql::<BigInt>(&format!("SELECT COUNT(*) FROM {table}"));
    Ok(on!(tx, |conn| count.get_result(conn))?)
}
