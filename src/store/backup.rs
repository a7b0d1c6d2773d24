//! Copies of a SQLite database, taken while servers use it.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{
    Fault, Tx, inspection,
    keys::{self, KeyRow},
    migrations, postgres, sqlite,
};
use crate::config::DatabaseUrl;

/// Characters with a meaning in the URI of a SQLite file.
const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// Tables whose rows are new knowledge, with the time of each row.
const DATED: [(&str, &str); 7] = [
    ("users", "created_at"),
    ("clients", "created_at"),
    ("consents", "updated_at"),
    ("grants", "created_at"),
    ("sessions", "auth_time"),
    ("security_events", "created_at"),
    ("audit_log", "created_at"),
];

/// What a copy contains.
pub struct Contents {
    /// The applied migrations, each with the version of Writ that made it.
    pub migrations: Vec<(String, String)>,
    /// The rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// The signing keys.
    pub keys: Vec<KeyRow>,
}

/// Copies the database at `path` into the new file `copy`, as of one moment. Servers keep working.
/// Blocks.
///
/// # Errors
/// A fault of either file.
pub fn copy(path: &Path, copy: &Path) -> Result<(), Fault> {
    let failed = |error: std::io::Error| Fault::Unavailable(format!("{}: {error}", copy.display()));
    // SQLite accepts an empty file, and keeps its mode.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(copy).map_err(failed)?;
    let target = copy.to_str().ok_or_else(|| Fault::Unavailable(format!("{} is not UTF-8", copy.display())))?;
    sql_query("VACUUM INTO ?").bind::<Text, _>(target).execute(&mut sqlite::connect(path)?)?;
    File::open(copy).and_then(|file| file.sync_all()).map_err(failed)
}

/// Reads a copy without changing it, and checks that it is whole. Blocks.
///
/// # Errors
/// [`Fault::Corrupt`] if it is damaged, or a fault of the file.
pub fn read(copy: &Path) -> Result<Contents, Fault> {
    let path = std::path::absolute(copy).map_err(|error| Fault::Unavailable(error.to_string()))?;
    let uri = format!("file:{}?immutable=1", utf8_percent_encode(&path.to_string_lossy(), PATH));
    let mut conn = SqliteConnection::establish(&uri)
        .map_err(|error| Fault::Unavailable(format!("{}: {error}", copy.display())))?;
    let tx = &mut Tx::on_sqlite(&mut conn, 0);
    match inspection::damage(tx)? {
        None => contents(tx),
        Some(damage) => Err(Fault::Corrupt(damage)),
    }
}

/// Reads the configured database as of one moment, without a time limit. Blocks.
///
/// # Errors
/// A fault of the database.
pub fn contents_of(database: &DatabaseUrl) -> Result<Contents, Fault> {
    match database {
        DatabaseUrl::Postgres(url) => postgres::snapshot(url, contents),
        DatabaseUrl::Sqlite(path) => {
            let mut conn = sqlite::connect(path)?;
            conn.transaction(|conn| contents(&mut Tx::on_sqlite(conn, 0)))
        }
    }
}

fn contents(tx: &mut Tx<'_>) -> Result<Contents, Fault> {
    let migrations = migrations::applied(tx)?;
    let is_applied = |table: &&str| migrations.iter().any(|(name, _)| migrations::creates(name, table));
    let mut rows = BTreeMap::new();
    for table in migrations::tables().into_iter().filter(is_applied) {
        rows.insert(table.to_owned(), super::gauges::count(tx, table)?);
    }
    Ok(Contents { migrations, rows, keys: keys::list(tx)? })
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many rows of the database at `path` are newer than `time`, by table. Blocks.
///
/// # Errors
/// A fault of the file.
pub fn newer_rows(path: &Path, time: i64) -> Result<Vec<(&'static str, i64)>, Fault> {
    let mut conn = sqlite::connect(path)?;
    let mut newer = Vec::new();
    for (table, column) in DATED {
        let query = sql_query(format!("SELECT COUNT(*) AS number FROM {table} WHERE {column} > ?"));
        let Count { number } = query.bind::<BigInt, _>(time).get_result(&mut conn)?;
        newer.push((table, number));
    }
    newer.retain(|(_, number)| *number > 0);
    Ok(newer)
}

/// A database file that no other process can open until this is dropped.
pub struct Exclusive {
    _conn: SqliteConnection,
}

/// Takes the database at `path` for this process alone, and empties its log into it. `None` if
/// another process uses it. Blocks.
///
/// # Errors
/// A fault of the file, such as one that is damaged.
pub fn take(path: &Path) -> Result<Option<Exclusive>, Fault> {
    let mut conn = sqlite::connect(path)?;
    // A mode without a log needs the file for itself, which every open connection prevents.
    let taken =
        conn.batch_execute("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE");
    match taken {
        Ok(()) => {}
        Err(error) if sqlite::is_locked(&error) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let tx = &mut Tx::on_sqlite(&mut conn, 0);
    let inspection::Facts::Sqlite { journal_mode } = inspection::facts(tx)? else { return Ok(None) };
    if journal_mode != "delete" {
        return Ok(None);
    }
    match conn.batch_execute("BEGIN EXCLUSIVE") {
        Ok(()) => Ok(Some(Exclusive { _conn: conn })),
        Err(error) if sqlite::is_locked(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
