//! Configuration: one struct per section, read in three layers.
//!
//! The built-in `config/default.toml` has every key. A TOML file overrides it, and environment
//! variables named `WRIT__SECTION__KEY` override both. Anything invalid stops the start with a
//! [`ConfigError`] that names the key and where it was set.

mod acme;
mod admin_api;
mod audit;
mod backup;
mod bounds;
mod branding;
mod claims;
mod color;
mod console;
mod contradictions;
mod database;
mod error;
mod identity_assertions;
mod keys;
mod layers;
mod listen;
mod log;
mod mail;
mod mcp;
mod metrics;
mod outgoing;
mod passkeys;
mod passwords;
mod postgres_url;
mod registration;
mod server;
mod sessions;
mod sign_up;
mod sweep;
mod telemetry;
mod terms;
mod throttle;
mod tls;
mod tokens;
mod upstream;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use acme::{AcmeChallenge, AcmeSettings, Contact, DirectoryUrl, HostName};
pub use admin_api::AdminApiSettings;
pub use audit::{AuditSettings, InvalidSyslogUrl, SinkSettings, SinkTarget, SyslogUrl};
pub use backup::BackupSettings;
pub use branding::BrandingSettings;
pub use claims::ClaimsSettings;
pub use color::{AccentColor, Color, InvalidColor};
pub use console::ConsoleSettings;
pub use contradictions::Contradiction;
pub use database::{DatabaseSettings, DatabaseUrl, InvalidDatabaseUrl};
pub use error::{ConfigError, Origin};
pub use identity_assertions::{IdentityAssertionsSettings, TrustedIssuer};
pub use keys::KeysSettings;
pub use listen::{InvalidListen, Listen, ListenAddress};
pub use log::{LogFormat, LogSettings};
pub use mail::{Encryption, MailSettings, MailUrl, Sender, SmtpUrl};
pub use mcp::McpSettings;
pub use metrics::MetricsSettings;
pub use outgoing::OutgoingSettings;
pub use passkeys::PasskeysSettings;
pub use passwords::PasswordsSettings;
pub use postgres_url::{PostgresUrl, Roots, Verification};
pub use registration::{RegistrationMode, RegistrationSettings};
pub use server::{InvalidIssuer, Issuer, ServerSettings};
pub use sessions::SessionsSettings;
pub use sign_up::{SignUpMode, SignUpSettings};
pub use sweep::SweepSettings;
pub use telemetry::{TelemetrySettings, is_collector};
pub use terms::TermsSettings;
pub use throttle::ThrottleSettings;
pub use tls::TlsSettings;
pub use tokens::TokensSettings;
pub use upstream::{AuthMethod, ClientSecret, ProviderSettings, SignedSecret, UpstreamSettings};

/// All settings, parsed. Relative paths are relative to the working directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The issuer and the socket.
    pub server: ServerSettings,
    /// TLS by the server itself.
    pub tls: TlsSettings,
    /// The certificate from an authority.
    pub acme: AcmeSettings,
    /// SQLite or PostgreSQL.
    pub database: DatabaseSettings,
    /// The master key and key rotation.
    pub keys: KeysSettings,
    /// Lifetimes and algorithms of tokens.
    pub tokens: TokensSettings,
    /// Lifetimes of sessions.
    pub sessions: SessionsSettings,
    /// The password policy and the limits on hashing.
    pub passwords: PasswordsSettings,
    /// The domain of passkeys.
    pub passkeys: PasskeysSettings,
    /// Who may create an account.
    pub sign_up: SignUpSettings,
    /// Claims of the operator's own.
    pub claims: ClaimsSettings,
    /// The terms that users accept.
    pub terms: TermsSettings,
    /// The other providers with which users sign in.
    pub upstream: UpstreamSettings,
    /// Rate limits for passwords.
    pub throttle: ThrottleSettings,
    /// The branding of the pages.
    pub branding: BrandingSettings,
    /// The log.
    pub log: LogSettings,
    /// Metrics for Prometheus.
    pub metrics: MetricsSettings,
    /// Traces and metrics for a collector of OpenTelemetry.
    pub telemetry: TelemetrySettings,
    /// Requests that the server makes.
    pub outgoing: OutgoingSettings,
    /// Self-registered clients and metadata documents.
    pub registration: RegistrationSettings,
    /// Clients of the Model Context Protocol.
    pub mcp: McpSettings,
    /// Enterprise-managed authorization.
    pub identity_assertions: IdentityAssertionsSettings,
    /// The administration API.
    pub admin_api: AdminApiSettings,
    /// The administration console.
    pub console: ConsoleSettings,
    /// Where the audit log is sent.
    pub audit: AuditSettings,
    /// Where backups are kept.
    pub backup: BackupSettings,
    /// Mails to users.
    pub mail: MailSettings,
    /// The deletion of expired rows.
    pub sweep: SweepSettings,
}

impl Settings {
    /// Reads the built-in defaults, then `file`, then the variables in `env` that start with
    /// `WRIT__`.
    ///
    /// # Errors
    /// [`ConfigError`] for the first key that is unknown, invalid, or contradicts another one.
    pub fn load(file: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut layers = layers::Layers::new();
        if let Some(path) = file {
            layers.add_file(path)?;
        }
        layers.add_environment(env)?;
        layers.into_settings()
    }

    /// Applies the settings that affect other sections.
    #[must_use]
    pub fn effective(mut self) -> Self {
        self.mcp.apply(&mut self.registration);
        self
    }

    /// Whether the server terminates TLS itself.
    pub fn terminates_tls(&self) -> bool {
        self.tls.certificate.is_some() || self.acme.challenge.is_some()
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
