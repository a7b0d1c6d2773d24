//! Configuration: one struct a section, read in three layers.
//!
//! The built-in `config/default.toml` holds every key; a TOML file goes over it, and
//! environment variables named `WRIT__SECTION__KEY` go over both. Whatever is not
//! understood stops the start with a [`ConfigError`] that names the key and its place.

mod bounds;
mod branding;
mod color;
mod contradictions;
mod database;
mod error;
mod keys;
mod layers;
mod log;
mod mcp;
mod outgoing;
mod passwords;
mod postgres_url;
mod registration;
mod server;
mod sessions;
mod sweep;
mod throttle;
mod tls;
mod tokens;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use branding::BrandingSettings;
pub use color::{AccentColor, Color, InvalidColor};
pub use contradictions::Contradiction;
pub use database::{DatabaseSettings, DatabaseUrl, InvalidDatabaseUrl};
pub use error::{ConfigError, Origin};
pub use keys::KeysSettings;
pub use log::{LogFormat, LogSettings};
pub use mcp::McpSettings;
pub use outgoing::OutgoingSettings;
pub use passwords::PasswordsSettings;
pub use postgres_url::{PostgresUrl, Roots, Verification};
pub use registration::{RegistrationMode, RegistrationSettings};
pub use server::{InvalidIssuer, Issuer, ServerSettings};
pub use sessions::SessionsSettings;
pub use sweep::SweepSettings;
pub use throttle::ThrottleSettings;
pub use tls::TlsSettings;
pub use tokens::TokensSettings;

/// Every setting, parsed. Relative paths are relative to the working directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The issuer and the socket.
    pub server: ServerSettings,
    /// TLS by the server itself.
    pub tls: TlsSettings,
    /// SQLite or PostgreSQL.
    pub database: DatabaseSettings,
    /// The master key and key rotation.
    pub keys: KeysSettings,
    /// Lifetimes and algorithms of what is handed out.
    pub tokens: TokensSettings,
    /// Lifetimes of what a browser holds.
    pub sessions: SessionsSettings,
    /// The rule for passwords and the bounds on hashing.
    pub passwords: PasswordsSettings,
    /// How often a password may be tried.
    pub throttle: ThrottleSettings,
    /// What people see on every page.
    pub branding: BrandingSettings,
    /// The log.
    pub log: LogSettings,
    /// What the server calls by itself.
    pub outgoing: OutgoingSettings,
    /// Clients that no administrator registers.
    pub registration: RegistrationSettings,
    /// Clients of the Model Context Protocol.
    pub mcp: McpSettings,
    /// The removal of what has expired.
    pub sweep: SweepSettings,
}

impl Settings {
    /// Reads the built-in defaults, then `file`, then the variables among `env` whose
    /// name begins with `WRIT__`.
    ///
    /// # Errors
    /// [`ConfigError`], at the first key that is unknown, ill-typed or at odds with another.
    pub fn load(file: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut layers = layers::Layers::new();
        if let Some(path) = file {
            layers.add_file(path)?;
        }
        layers.add_environment(env)?;
        layers.into_settings()
    }

    /// The settings with what one switch sets in other sections.
    #[must_use]
    pub fn effective(mut self) -> Self {
        self.mcp.apply(&mut self.registration);
        self
    }

    /// The effective settings as TOML, without any password.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("settings are plain tables of plain values")
    }
}

impl Default for Settings {
    /// The built-in defaults.
    fn default() -> Self {
        layers::defaults().try_into().expect("config/default.toml is valid")
    }
}

#[cfg(test)]
mod tests;
