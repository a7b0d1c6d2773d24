//! `[database]`: SQLite in a file, or PostgreSQL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// Where everything is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatabaseSettings {
    /// Which database.
    pub url: DatabaseUrl,
    /// Connections a node keeps open to PostgreSQL; SQLite needs none.
    #[serde(deserialize_with = "within::<1, 1000, _, _>")]
    pub pool_size: u32,
}

/// A database's address. `Debug` and `Serialize` never show its password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: a file, made at first start.
    Sqlite(PathBuf),
    /// `postgres://USER:PASSWORD@HOST:PORT/NAME?…`, whole.
    Postgres(String),
}

impl DatabaseUrl {
    /// The address with any password replaced by `***`.
    pub fn redacted(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(address) => redact_postgres(address),
        }
    }
}

/// PostgreSQL takes a password before the host and as a parameter.
fn redact_postgres(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else {
        return "postgres://***".to_owned();
    };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "postgres://***".to_owned();
    }
    if url.query_pairs().any(|(name, _)| name == "password") {
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != "password")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair("password", "***");
    }
    url.into()
}

/// The text is not a [`DatabaseUrl`]. It is not repeated, as it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`")]
pub struct InvalidDatabaseUrl;

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let is_a_file = !path.is_empty() && !path.starts_with(':') && !path.contains('?');
            return if is_a_file { Ok(Self::Sqlite(path.into())) } else { Err(InvalidDatabaseUrl) };
        }
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let parses = url::Url::parse(text).is_ok() && tokio_postgres::Config::from_str(text).is_ok();
        if is_url && parses { Ok(Self::Postgres(text.to_owned())) } else { Err(InvalidDatabaseUrl) }
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
    #[case("postgres://writ@db:port/writ")]
    #[case("writ.sqlite3")]
    fn what_is_not_a_database(#[case] text: &str) {
        assert_eq!(text.parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl));
        assert!(!InvalidDatabaseUrl.to_string().contains("hunter2"));
    }

    #[rstest]
    #[case("postgres://writ:hunter2@db/writ", "postgres://writ:***@db/writ")]
    #[case("postgres://writ@db/writ?sslmode=require", "postgres://writ@db/writ?sslmode=require")]
    #[case("postgres://db/writ?user=writ&password=hunter2", "postgres://db/writ?user=writ&password=***")]
    fn a_password_is_never_shown(#[case] text: &str, #[case] shown: &str) {
        let url: DatabaseUrl = text.parse().expect("a valid address");
        assert_eq!(url, DatabaseUrl::Postgres(text.to_owned()));
        assert_eq!(format!("{url:?}"), shown);
        assert_eq!(serde_json::to_value(&url).expect("a string"), shown);
    }
}
