//! The sinks of the audit log: whether they get it.

use super::{Finding, Section, Severity, Subject};
use crate::store::{
    Store,
    audit_sinks::{self, Progress},
};

const ID: &str = "audit_sinks";
/// The age of an entry, in seconds, from which a sink should have it.
const LATE: i64 = 600;

/// Whether each sink gets the audit log in time. Nothing without sinks.
pub(super) async fn check(subject: &Subject<'_>, store: &Store) -> Vec<Finding> {
    let names: Vec<String> = subject.settings.audit.sinks.iter().map(|sink| sink.name.clone()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let configured = names.clone();
    match store.read(move |tx| audit_sinks::progress(tx, &names)).await {
        Ok(mut progress) => {
            progress.retain(|progress| configured.contains(&progress.sink.name));
            judge(&progress, subject.clock.now())
        }
        Err(fault) => vec![Finding::error(
            ID,
            Section::AuditSinks,
            format!("The progress of the sinks cannot be read: {fault}."),
            "Make the database available.",
        )],
    }
}

fn judge(progress: &[Progress], now: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Progress { sink, behind, oldest_at } in progress {
        let is_late = oldest_at.is_some_and(|at| now - at > LATE);
        let name = &sink.name;
        if let Some(reason) = sink.last_error.as_deref().filter(|_| *behind > 0) {
            let cause = format!("The sink {name} of the audit log lacks {behind} entries: {reason}.");
            let remedy = "Make the sink available, or correct audit.sinks. The entries are kept and sent afterwards.";
            let severity = if is_late { Severity::Error } else { Severity::Warning };
            findings.push(Finding { severity, ..Finding::warning(ID, Section::AuditSinks, cause, remedy) });
        } else if is_late {
            let cause = format!("The sink {name} of the audit log lacks {behind} entries, and no server sends them.");
            let remedy = "Start a server with this sink in its configuration, and whose clock is right.";
            findings.push(Finding::warning(ID, Section::AuditSinks, cause, remedy));
        }
    }
    match findings.is_empty() {
        true => vec![Finding::ok(ID, Section::AuditSinks, "The sinks of the audit log have all entries.")],
        false => findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit_sinks::Sink;

    #[test]
    fn sink_that_lacks_entries_is_named_with_its_reason() {
        let now = 2_000_000_000;
        let progress = |behind, age: Option<i64>, last_error: Option<&str>| Progress {
            sink: Sink {
                name: "siem".to_owned(),
                sequence: 7,
                delivered_at: None,
                attempts: 1,
                next_attempt_at: now,
                last_error: last_error.map(str::to_owned),
            },
            behind,
            oldest_at: age.map(|age| now - age),
        };
        for (progress, severity, part) in [
            (progress(0, None, None), Severity::Ok, "have all entries"),
            (progress(2, Some(5), None), Severity::Ok, "have all entries"),
            (
                progress(2, Some(5), Some("HTTP 500")),
                Severity::Warning,
                "siem of the audit log lacks 2 entries: HTTP 500.",
            ),
            (progress(2, Some(700), Some("HTTP 500")), Severity::Error, "HTTP 500"),
            (progress(2, Some(700), None), Severity::Warning, "no server sends them"),
        ] {
            let findings = judge(std::slice::from_ref(&progress), now);
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].severity, severity, "{progress:?}");
            assert!(findings[0].cause.contains(part), "{}", findings[0].cause);
        }
    }
}
