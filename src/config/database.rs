//! `[database]`: SQLite in a file, or PostgreSQL.

use std::{fmt, path::PathBuf, str::FromStr, thread::available_parallelism};

use serde::{Deserialize, Serialize};

use super::{PostgresUrl, bounds::within};

/// The database connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatabaseSettings {
    /// The database.
    pub url: DatabaseUrl,
    /// Connections per node to PostgreSQL, 0 for [`DatabaseSettings::connections`]' choice. SQLite
    /// ignores it.
    #[serde(deserialize_with = "within::<0, 1000, _, _>")]
    pub pool_size: u32,
    /// How long a starting node waits for PostgreSQL to become available, in seconds.
    #[serde(deserialize_with = "within::<0, 3600, _, _>")]
    pub startup_timeout: u64,
}

impl DatabaseSettings {
    /// Connections per node to PostgreSQL: as set, else two for each processor and four at least.
    /// More do not carry more where the database is near, but evict each other from its caches.
    pub fn connections(&self) -> u32 {
        match self.pool_size {
            0 => available_parallelism()
                .ok()
                .and_then(|cores| u32::try_from(cores.get()).ok())
                .map_or(4, |cores| (2 * cores).max(4)),
            set => set,
        }
    }
}

/// A database URL. `Debug` and `Serialize` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: a file.
    Sqlite(PathBuf),
    /// `postgres://USER:PASSWORD@HOST:PORT/NAME?…`.
    Postgres(Box<PostgresUrl>),
}

impl DatabaseUrl {
    /// The URL with `***` instead of the password.
    pub fn redacted(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.redacted(),
        }
    }
}

/// Why a text is not a [`DatabaseUrl`]. The text is not repeated, because it may contain a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    /// The text has neither form.
    #[error("expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`")]
    Form,
    /// The PostgreSQL URL cannot be used, with the reason.
    #[error("not a usable PostgreSQL URL: {0}")]
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let is_a_file = !path.is_empty() && !path.starts_with(':') && !path.contains('?');
            return if is_a_file { Ok(Self::Sqlite(path.into())) } else { Err(InvalidDatabaseUrl::Form) };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = text.parse().map_err(InvalidDatabaseUrl::Postgres)?;
            return Ok(Self::Postgres(Box::new(url)));
        }
        Err(InvalidDatabaseUrl::Form)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("sqlite:data/writ.sqlite3", "data/writ.sqlite3")]
    #[case("sqlite:///var/lib/writ/writ.sqlite3", "/var/lib/writ/writ.sqlite3")]
    #[case("sqlite:/var/lib/writ.sqlite3", "/var/lib/writ.sqlite3")]
    fn sqlite_is_a_path(#[case] text: &str, #[case] path: &str) {
        assert_eq!(text.parse(), Ok(DatabaseUrl::Sqlite(path.into())));
    }

    #[rstest]
    #[case("")]
    #[case("sqlite:")]
    #[case("sqlite::memory:")]
    #[case("sqlite:writ.sqlite3?mode=ro")]
    #[case("mysql://root:hunter2@db/writ")]
    #[case("postgres:writ")]
    #[case("writ.sqlite3")]
    fn another_form_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl::Form));
    }

    #[test]
    fn serialized_url_has_no_password() {
        let url: DatabaseUrl = "postgres://writ:hunter2@db/writ".parse().expect("a URL");
        assert_eq!(serde_json::to_value(&url).expect("a string"), "postgres://writ:***@db/writ");
    }
}
