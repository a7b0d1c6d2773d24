//! What is wrong with an installation: checks from the side of its clients, its database and its
//! operator.
//!
//! Each check gathers facts within a bounded time, and a pure function judges them. A check that
//! cannot run is a finding as well, so one fault never hides another. Nothing is changed.

mod audit_sinks;
mod backups;
mod certificate;
mod clients;
mod clock;
mod database;
mod finding;
mod growth;
mod http;
mod issuer;
mod keys;
mod mail;
mod passwords;
mod proxy;
mod published;
mod renewal;
mod telemetry;
mod tls_failure;
mod upstream;

use std::{future::Future, sync::Arc, time::Duration};

use url::Url;

use self::database::Opened;
pub use self::{
    finding::{Finding, Section, Severity, worst},
    http::get_local,
};
use crate::{
    clock::Clock,
    config::Settings,
    keys::{MasterKeyError, MasterKeys},
};

/// Maximum time of a single check.
const CHECK_WITHIN: Duration = Duration::from_secs(20);

/// What is examined.
pub struct Subject<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// The master keys, or why they cannot be read.
    pub master_keys: Result<Arc<MasterKeys>, MasterKeyError>,
    /// The clock of this machine.
    pub clock: Clock,
}

/// Checks the configuration, the files that it names, and the database.
pub async fn examine_offline(subject: &Subject<'_>) -> Vec<Finding> {
    offline(subject).await.findings
}

/// Checks everything: as [`examine_offline`], and the running server, the mail server and the
/// clients. `url` replaces the issuer as the address of the server.
pub async fn examine(subject: &Subject<'_>, url: Option<&Url>) -> Vec<Finding> {
    let Opened { mut findings, store } = offline(subject).await;
    findings.extend(within("issuer", Section::Proxies, issuer::check(subject, url)).await);
    if url.is_none() {
        findings.extend(within("proxy", Section::Proxies, proxy::check(subject)).await);
    }
    findings.extend(within("certificate", Section::OneNode, certificate::check_served(subject, url)).await);
    findings.extend(within("mail", Section::Mail, mail::check_connection(subject.settings)).await);
    findings.extend(within("breached_passwords_service", Section::Passwords, passwords::check_service(subject)).await);
    findings.extend(within("backups", Section::Backups, backups::check(subject)).await);
    let Some(store) = store else { return findings };
    let section = Section::WhenSomethingFails;
    findings.extend(within("published_keys", Section::Proxies, published::check(subject, url, &store)).await);
    findings.extend(within("certificate_renewal", Section::Acme, renewal::check(subject, &store)).await);
    findings.extend(within("database_clock", section, clock::check_database(&store)).await);
    findings.extend(within("database_integrity", section, database::check_integrity(&store)).await);
    findings.extend(within("signing_keys", Section::DayToDay, keys::check_due(subject, &store)).await);
    findings.extend(within("expired_rows", section, growth::check(subject, &store)).await);
    findings.extend(within("audit_sinks", Section::AuditSinks, audit_sinks::check(subject, &store)).await);
    findings.extend(within("client_binding", Section::Binding, clients::check_binding(&store)).await);
    findings.extend(within("redirect_uris", Section::DayToDay, clients::check_hosts(&store)).await);
    findings
}

async fn offline(subject: &Subject<'_>) -> Opened {
    let mut findings = vec![issuer::is_encrypted(subject.settings)];
    findings.extend(certificate::check_files(subject));
    findings.extend(renewal::check_settings(subject));
    findings.extend(telemetry::check_settings(subject.settings));
    findings.extend(mail::check_settings(subject.settings));
    findings.extend(passwords::check_settings(subject.settings));
    findings.extend(upstream::check_secrets(subject.settings));
    findings.extend(keys::check_master_key(&subject.master_keys));
    let Opened { findings: of_database, store } = database::open(subject).await;
    findings.extend(of_database);
    Opened { findings, store }
}

/// The findings of a check, or one that says that it took too long.
async fn within(id: &'static str, section: Section, check: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    tokio::time::timeout(CHECK_WITHIN, check).await.unwrap_or_else(|_| {
        let cause = format!("This check did not end within {} s.", CHECK_WITHIN.as_secs());
        vec![Finding::warning(id, section, cause, "Run it again when the machine and the network are less busy.")]
    })
}
