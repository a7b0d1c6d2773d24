//! Certificates: their expiry and their chain, in the files of the configuration and as served.

mod served;

use std::collections::BTreeSet;

use rustls_pki_types::CertificateDer;
use url::Url;
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
};

use super::{Finding, Section, Subject};
use crate::tls::{Certificates, Validity};

const DAY: i64 = 86_400;

/// What matters of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    subject: Vec<u8>,
    issuer: Vec<u8>,
    not_before: i64,
    not_after: i64,
}

/// Judges the certificate files. Nothing without them.
pub(super) fn check_files(subject: &Subject<'_>) -> Vec<Finding> {
    let id = "certificate_files";
    match Certificates::load(&subject.settings.tls) {
        Ok(None) => Vec::new(),
        Err(error) => {
            let remedy = "Correct tls.certificate and tls.private_key: PEM files that belong together.";
            vec![Finding::error(id, Section::OneNode, format!("TLS cannot be used: {error}."), remedy)]
        }
        Ok(Some(certificates)) => judge(id, &links(&certificates.chain()), &authorities(), subject.clock.of_machine()),
    }
}

/// Judges the certificate that the server at the issuer presents. A failed handshake is reported by
/// the check of the issuer.
pub(super) async fn check_served(subject: &Subject<'_>, url: Option<&Url>) -> Vec<Finding> {
    let issuer = subject.settings.server.issuer.join("/");
    let Some(url) = url.cloned().or_else(|| issuer.parse().ok()).filter(|url| url.scheme() == "https") else {
        return Vec::new();
    };
    match served::chain(&url).await {
        Some(chain) => judge("certificate", &links(&chain), &authorities(), subject.clock.of_machine()),
        None => Vec::new(),
    }
}

fn links(chain: &[CertificateDer<'_>]) -> Vec<Link> {
    let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let link = |certificate: &CertificateDer<'_>| {
        let body = Certificate::from_der(certificate).ok()?.tbs_certificate;
        Some(Link {
            subject: body.subject.to_der().ok()?,
            issuer: body.issuer.to_der().ok()?,
            not_before: seconds(body.validity.not_before),
            not_after: seconds(body.validity.not_after),
        })
    };
    chain.iter().filter_map(link).collect()
}

/// The names of the authorities that this machine trusts.
fn authorities() -> BTreeSet<Vec<u8>> {
    links(&rustls_native_certs::load_native_certs().certs).into_iter().map(|root| root.subject).collect()
}

fn judge(id: &'static str, chain: &[Link], authorities: &BTreeSet<Vec<u8>>, now: i64) -> Vec<Finding> {
    let [own, rest @ ..] = chain else { return Vec::new() };
    let mut findings = vec![judge_expiry(id, own, now)];
    findings.extend(judge_chain(id, own, rest, authorities));
    findings
}

fn judge_expiry(id: &'static str, own: &Link, now: i64) -> Finding {
    let section = Section::OneNode;
    let left = own.not_after - now;
    let soon = Validity { not_before: own.not_before, not_after: own.not_after }.soon();
    let days = left / DAY;
    match left {
        left if left < 0 => Finding::error(id, section, "The certificate has expired.", "Renew the certificate."),
        _ if now < own.not_before => Finding::error(
            id,
            section,
            "The certificate is not valid yet.",
            "Correct the clock of this machine, or get another certificate.",
        ),
        left if left < soon => Finding::warning(
            id,
            section,
            format!("The certificate expires in {days} days."),
            "Renew the certificate, and find out why this did not happen by itself.",
        ),
        _ => Finding::ok(id, section, format!("The certificate is valid for {days} more days.")),
    }
}

/// Whether each certificate is followed by that of its issuer, up to an authority.
fn judge_chain(id: &'static str, own: &Link, rest: &[Link], authorities: &BTreeSet<Vec<u8>>) -> Option<Finding> {
    let section = Section::OneNode;
    let chain: Vec<&Link> = std::iter::once(own).chain(rest).collect();
    if chain.windows(2).any(|pair| pair[0].issuer != pair[1].subject) {
        return Some(Finding::warning(
            id,
            section,
            "A certificate of the chain is not followed by that of its issuer, which some clients refuse.",
            "Put the server's certificate first, then the intermediate ones in order.",
        ));
    }
    let last = chain.last()?;
    if last.issuer == last.subject || authorities.contains(&last.issuer) {
        return None;
    }
    Some(Finding::warning(
        id,
        section,
        "The chain ends below an authority that this machine does not know: an intermediate certificate may be missing.",
        "Serve the full chain, or install a private authority on all machines that call this server.",
    ))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::Severity, *};

    fn link(subject: &str, issuer: &str, days: i64) -> Link {
        Link { subject: subject.into(), issuer: issuer.into(), not_before: 0, not_after: days * DAY }
    }

    #[rstest]
    #[case(90, 10, Severity::Ok, "valid for 80 more days")]
    #[case(90, 80, Severity::Warning, "expires in 10 days")]
    #[case(6, 3, Severity::Ok, "valid for 3 more days")]
    #[case(6, 5, Severity::Warning, "expires in 1 days")]
    #[case(90, 91, Severity::Error, "has expired")]
    #[case(90, -1, Severity::Error, "not valid yet")]
    fn certificate_is_judged_by_what_is_left_of_its_life(
        #[case] days: i64,
        #[case] today: i64,
        #[case] severity: Severity,
        #[case] part: &str,
    ) {
        let finding = judge_expiry("certificate", &link("own", "ca", days), today * DAY);
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
    }

    #[rstest]
    #[case(&[("own", "middle"), ("middle", "root")], None)]
    #[case(&[("own", "root")], None)]
    #[case(&[("own", "own")], None)]
    #[case(&[("own", "middle")], Some("may be missing"))]
    #[case(&[("own", "middle"), ("root", "root"), ("middle", "root")], Some("not followed"))]
    fn chain_leads_to_an_authority(#[case] names: &[(&str, &str)], #[case] part: Option<&str>) {
        let chain: Vec<Link> = names.iter().map(|(subject, issuer)| link(subject, issuer, 90)).collect();
        let authorities = BTreeSet::from([b"root".to_vec()]);
        let finding = judge_chain("certificate", &chain[0], &chain[1..], &authorities);
        assert_eq!(finding.is_some(), part.is_some());
        assert!(finding.is_none_or(|finding| finding.cause.contains(part.unwrap_or_default())));
    }
}
