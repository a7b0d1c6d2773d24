//! The manifest: what a backup contains, authenticated with the master key.

use std::{collections::BTreeMap, path::Path};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::{
    keys::MasterKeys,
    store::{backup::Contents, retention::SWEPT},
};

/// The format of this version.
const FORMAT: u32 = 1;

/// The statements about a backup. The order of the members is that of the authenticated text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of the folder.
    pub format: u32,
    /// When the copy was begun, in seconds since the epoch.
    pub created_at: i64,
    /// The version of Writ that made it.
    pub version: String,
    /// The issuer of the server.
    pub issuer: String,
    /// The fingerprint of the master key.
    pub master_key: String,
    /// The migrations of the tables.
    pub migrations: Vec<String>,
    /// The signing keys.
    pub keys: Vec<KeyEntry>,
    /// The rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// The copy, before it was encrypted. `None` for a manifest without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<Copied>,
    /// How the copy is encrypted. `None` if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// The HMAC of all other members.
    pub mac: String,
}

/// The copy of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copied {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// The encryption of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// The public keys of those who can read it.
    pub recipients: Vec<String>,
    /// The encrypted file.
    pub file: Copied,
}

/// A signing key in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub alg: String,
    /// Its state.
    pub state: String,
}

impl Manifest {
    pub(super) fn new(
        created_at: i64,
        issuer: &str,
        contents: &Contents,
        copy: Option<Copied>,
        encryption: Option<Encryption>,
        master_keys: &MasterKeys,
    ) -> Self {
        let key = |row: &crate::store::keys::KeyRow| KeyEntry {
            kid: row.kid.clone(),
            alg: row.alg.clone(),
            state: row.state.as_str().to_owned(),
        };
        let manifest = Self {
            format: FORMAT,
            created_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            issuer: issuer.to_owned(),
            master_key: master_keys.fingerprint(),
            migrations: contents.migrations.iter().map(|(name, _)| name.clone()).collect(),
            keys: contents.keys.iter().map(key).collect(),
            rows: contents.rows.clone(),
            copy,
            encryption,
            mac: String::new(),
        };
        let mac = hmac::sign(&master_keys.backup_key(), &manifest.text());
        Self { mac: BASE64_URL_SAFE_NO_PAD.encode(mac), ..manifest }
    }

    /// Parses the manifest at `path`, which may not be authentic.
    pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Self, BackupError> {
        let malformed = |reason| BackupError::Manifest { path: path.to_owned(), reason };
        let manifest: Self = serde_json::from_slice(text).map_err(|error| malformed(error.to_string()))?;
        match manifest.format {
            FORMAT => Ok(manifest),
            other => Err(malformed(format!(
                "format {other} needs another version of writ than {}",
                env!("CARGO_PKG_VERSION")
            ))),
        }
    }

    /// Checks that the manifest is as it was written, with the master key of that time.
    pub(super) fn authenticate(&self, master_keys: &MasterKeys) -> Result<(), BackupError> {
        if master_keys.is_new() {
            return Err(BackupError::NoMasterKey);
        }
        let given = master_keys.fingerprint();
        if given != self.master_key {
            return Err(BackupError::OtherMasterKey { needed: self.master_key.clone(), given });
        }
        let mac = BASE64_URL_SAFE_NO_PAD.decode(&self.mac).unwrap_or_default();
        hmac::verify(&master_keys.backup_key(), &self.text(), &mac)
            .map_err(|_| BackupError::Changed("the manifest is not authentic".to_owned()))
    }

    /// What a database lacks of this manifest, as sentences. Rows that expire may be fewer.
    pub(super) fn missing_in(&self, contents: &Contents) -> Vec<String> {
        let is_swept = |table: &String| SWEPT.iter().any(|swept| swept.table == table);
        let lacks = |name: &&String| contents.migrations.iter().all(|(applied, _)| applied != *name);
        let migrations = self.migrations.iter().filter(lacks).map(|name| format!("the migration {name} is missing"));
        let lost = |key: &&KeyEntry| contents.keys.iter().all(|row| row.kid != key.kid);
        let keys = self.keys.iter().filter(lost).map(|key| format!("the key {} is missing", key.kid));
        let rows = self.rows.iter().filter(|(table, _)| !is_swept(table)).filter_map(|(table, expected)| {
            let found = contents.rows.get(table).copied().unwrap_or_default();
            (found < *expected).then(|| format!("{table} has {found} rows instead of {expected}"))
        });
        migrations.chain(keys).chain(rows).collect()
    }

    /// The file.
    pub(super) fn json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a manifest is plain JSON")
    }

    /// The authenticated text.
    fn text(&self) -> Vec<u8> {
        let manifest = Self { mac: String::new(), ..self.clone() };
        serde_json::to_vec(&manifest).expect("a manifest is plain JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::MasterKey;

    fn contents(migrations: &[&str], rows: &[(&str, i64)]) -> Contents {
        Contents {
            migrations: migrations.iter().map(|name| ((*name).to_owned(), "0.1.0".to_owned())).collect(),
            rows: rows.iter().map(|(table, number)| ((*table).to_owned(), *number)).collect(),
            keys: Vec::new(),
        }
    }

    #[test]
    fn database_lacks_migrations_and_rows_unless_they_expire() {
        let before = contents(&["0001_first", "0002_next"], &[("users", 2), ("grants", 5)]);
        let manifest = Manifest::new(0, "https://id.example", &before, None, None, &MasterKey::random().into());
        assert_eq!(manifest.missing_in(&before), Vec::<String>::new());
        let later = contents(&["0001_first", "0002_next", "0003"], &[("users", 3), ("grants", 1)]);
        assert_eq!(manifest.missing_in(&later), Vec::<String>::new());
        let half = contents(&["0001_first"], &[("users", 1), ("grants", 5)]);
        let missing = ["the migration 0002_next is missing", "users has 1 rows instead of 2"];
        assert_eq!(manifest.missing_in(&half), missing);
    }
}
