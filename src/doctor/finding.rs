//! A finding: how bad it is, its cause, and the way out.

use serde::{Serialize, Serializer};
use strum::{EnumIter, IntoStaticStr};

/// Where the documentation is published.
const DOCUMENTATION: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs");

/// How bad a finding is, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Severity {
    /// Nothing is wrong.
    Ok,
    /// It works, and needs attention.
    Warning,
    /// Something does not work.
    Error,
}

/// The section of the documentation that explains a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum Section {
    /// Settings and their layers.
    Configuration,
    /// A server with its certificate and master key.
    OneNode,
    /// A certificate from an authority.
    Acme,
    /// Plain http.
    WithoutTls,
    /// PostgreSQL.
    SeveralNodes,
    /// What a proxy must pass on.
    Proxies,
    /// Commands for clients and keys.
    DayToDay,
    /// Where the audit log is sent.
    AuditSinks,
    /// Copies of the database.
    Backups,
    /// Causes and remedies.
    WhenSomethingFails,
    /// Traces and metrics for a collector.
    Telemetry,
    /// Outgoing mail.
    Mail,
    /// PKCE and nonce.
    Binding,
    /// Other providers with which users sign in.
    Providers,
    /// Passwords that appear in leaks.
    Passwords,
}

impl Section {
    /// The page and the anchor.
    fn path(self) -> &'static str {
        match self {
            Self::Configuration => "operations.md#configuration",
            Self::OneNode => "operations.md#one-node",
            Self::Acme => "operations.md#a-certificate-by-acme",
            Self::WithoutTls => "operations.md#a-test-network-without-tls",
            Self::SeveralNodes => "operations.md#several-nodes",
            Self::Proxies => "operations.md#proxies-and-connections",
            Self::DayToDay => "operations.md#day-to-day",
            Self::AuditSinks => "operations.md#sinks-of-the-audit-log",
            Self::Backups => "operations.md#backups",
            Self::WhenSomethingFails => "operations.md#when-something-fails",
            Self::Telemetry => "operations.md#telemetry",
            Self::Mail => "operations.md#mail",
            Self::Passwords => "operations.md#leaked-passwords",
            Self::Providers => "identity-providers.md#set-one-up",
            Self::Binding => "connect/README.md#what-writ-expects-of-a-client",
        }
    }

    /// The URL of the section.
    pub fn url(self) -> String {
        format!("{DOCUMENTATION}/{}", self.path())
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The permanent id of the check, for monitors.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence with the cause, or with what is right.
    pub cause: String,
    /// One sentence with the way out. `None` if nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The section of the documentation.
    #[serde(serialize_with = "as_url")]
    pub docs: Section,
}

impl Finding {
    /// Nothing is wrong.
    pub fn ok(id: &'static str, docs: Section, sentence: impl Into<String>) -> Self {
        Self { id, severity: Severity::Ok, cause: sentence.into(), remedy: None, docs }
    }

    /// Something needs attention.
    pub fn warning(id: &'static str, docs: Section, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { id, severity: Severity::Warning, cause: cause.into(), remedy: Some(remedy.into()), docs }
    }

    /// Something does not work.
    pub fn error(id: &'static str, docs: Section, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { id, severity: Severity::Error, cause: cause.into(), remedy: Some(remedy.into()), docs }
    }
}

/// The severity of the worst finding.
pub fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok)
}

fn as_url<S: Serializer>(section: &Section, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&section.url())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn section_of_each_finding_exists_in_the_documentation() {
        for section in Section::iter() {
            let (page, anchor) = section.path().split_once('#').expect("an anchor");
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
            let text = std::fs::read_to_string(&path).expect("a page");
            let slug = |heading: &str| heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            assert!(text.lines().any(|line| line.starts_with('#') && slug(line) == anchor), "{}", section.path());
        }
    }

    #[test]
    fn worst_finding_decides() {
        let ok = Finding::ok("a", Section::Mail, "Fine.");
        let warning = Finding::warning("b", Section::Mail, "Late.", "Hurry.");
        let error = Finding::error("c", Section::Mail, "Broken.", "Repair it.");
        assert_eq!(worst(&[]), Severity::Ok);
        assert_eq!(worst(&[ok.clone(), warning.clone(), ok.clone()]), Severity::Warning);
        assert_eq!(worst(&[warning, error, ok]), Severity::Error);
    }
}
