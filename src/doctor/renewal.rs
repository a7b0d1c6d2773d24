//! The certificate from an authority: the settings, and how its renewals went.

use super::{Finding, Section, Subject};
use crate::{
    acme::Authority,
    store::{
        Store,
        acme::{self, Certificate},
    },
};

const ID: &str = "certificate_renewal";
/// Seconds after which a renewal that was not tried is overdue.
const OVERDUE: i64 = 3600;

/// Whether the files of `[acme]` can be used.
pub(super) fn check_settings(subject: &Subject<'_>) -> Option<Finding> {
    let reason = Authority::new(subject.settings).err()?;
    Some(Finding::error(ID, Section::Acme, format!("{reason}."), "Correct the file, or the setting that names it."))
}

/// Whether there is a certificate, and whether it is renewed.
pub(super) async fn check(subject: &Subject<'_>, store: &Store) -> Vec<Finding> {
    let Ok(Some(authority)) = Authority::new(subject.settings) else { return Vec::new() };
    let id = authority.certificate_id();
    match store.read(move |tx| acme::certificate(tx, &id)).await {
        Ok(row) => vec![judge(row.as_ref(), subject.clock.now())],
        // A fault of the database is a finding of its own.
        Err(_) => Vec::new(),
    }
}

fn judge(row: Option<&Certificate>, now: i64) -> Finding {
    let remedy = "Remove the cause. Then send SIGHUP to a server, or wait for the next attempt.";
    match row {
        None => {
            Finding::warning(ID, Section::Acme, "No certificate was ordered yet.", "Start the server, which orders it.")
        }
        Some(row @ Certificate { last_error: Some(error), chain, .. }) => {
            let (attempts, minutes) = (row.attempts, (row.next_attempt_at - now).max(0) / 60);
            let cause =
                format!("Order {attempts} of a certificate failed. The next one is due in {minutes} min: {error}.");
            match chain {
                None => Finding::error(ID, Section::Acme, cause, remedy),
                Some(_) => Finding::warning(ID, Section::Acme, cause, remedy),
            }
        }
        Some(Certificate { chain: None, .. }) => {
            Finding::warning(ID, Section::Acme, "The first order of a certificate has not ended.", remedy)
        }
        Some(row) if row.renew_at < now - OVERDUE => {
            let cause = "The renewal of the certificate is overdue.";
            Finding::warning(ID, Section::Acme, cause, "Start a server, and look into its log.")
        }
        Some(row) => {
            let days = (row.renew_at - now).max(0) / 86_400;
            Finding::ok(ID, Section::Acme, format!("The certificate is renewed in {days} days."))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::Severity, *};

    #[rstest]
    #[case::never_ordered(None, Severity::Warning, "No certificate was ordered")]
    #[case::first_order(Some((false, None)), Severity::Warning, "has not ended")]
    #[case::no_certificate(Some((false, Some("id.example: refused"))), Severity::Error, "Order 2 of a certificate failed. The next one is due in 10 min: id.example: refused.")]
    #[case::not_renewed(Some((true, Some("id.example: refused"))), Severity::Warning, "id.example: refused")]
    #[case::renewed(Some((true, None)), Severity::Ok, "renewed in 30 days")]
    fn renewal_is_judged_by_its_last_order(
        #[case] row: Option<(bool, Option<&str>)>,
        #[case] severity: Severity,
        #[case] part: &str,
    ) {
        let row = row.map(|(has_certificate, error)| certificate(1000 + 30 * 86_400, has_certificate, error));
        let finding = judge(row.as_ref(), 1000);
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
    }

    #[test]
    fn renewal_that_was_not_tried_for_an_hour_is_overdue() {
        for (renew_at, severity) in [(0, Severity::Warning), (10_000 - OVERDUE, Severity::Ok)] {
            assert_eq!(judge(Some(&certificate(renew_at, true, None)), 10_000).severity, severity, "{renew_at}");
        }
    }

    fn certificate(renew_at: i64, has_certificate: bool, error: Option<&str>) -> Certificate {
        Certificate {
            directory: "https://acme.example/directory".to_owned(),
            names: "id.example".to_owned(),
            chain: has_certificate.then(String::new),
            sealed: None,
            number: 0,
            renew_at,
            ask_at: 0,
            attempts: 2,
            next_attempt_at: 1600,
            last_error: error.map(str::to_owned),
        }
    }
}
