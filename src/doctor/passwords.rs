//! The list of leaked passwords, and the service for them.

use std::sync::Arc;

use super::{Finding, Section, Subject};
use crate::{
    breached::{Breached, Unusable},
    config::Settings,
    fetch::Fetcher,
};

/// The id of the findings about the service.
const SERVICE: &str = "breached_passwords_service";

/// Whether the list and the URL of the service can be used. Nothing without them, which is a
/// choice.
pub(super) fn check_settings(settings: &Settings) -> Option<Finding> {
    let passwords = &settings.passwords;
    if passwords.breached_file.is_none() && passwords.breached_range_url.is_none() {
        return None;
    }
    let (id, section) = ("breached_passwords", Section::Passwords);
    Some(match open(settings)? {
        Ok(_) if passwords.breached_file.is_none() => return None,
        Ok(_) => Finding::ok(id, section, "The list of leaked passwords can be read."),
        Err(unusable @ Unusable::List(_)) => {
            let path = passwords.breached_file.as_deref().unwrap_or_else(|| "PATH".as_ref()).display();
            let remedy = format!("Make it with `writ passwords import-breached FILE --to {path}`.");
            Finding::error(id, section, format!("{unusable}."), remedy)
        }
        Err(unusable @ Unusable::Service(_)) => {
            let remedy = "Name a service at a public address, such as https://api.pwnedpasswords.com/range/.";
            Finding::error(SERVICE, section, format!("{unusable}."), remedy)
        }
    })
}

/// Fetches one range.
pub(super) async fn check_service(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(Ok(breached)) = open(subject.settings) else { return Vec::new() };
    let finding = match breached.try_service(subject.clock.now()).await {
        None => return Vec::new(),
        Some(Ok(())) => Finding::ok(SERVICE, Section::Passwords, "The service for leaked passwords returns hashes."),
        Some(Err(useless)) => Finding::error(
            SERVICE,
            Section::Passwords,
            format!("The service for leaked passwords is of no use: {useless}. Leaked passwords are accepted."),
            "Correct passwords.breached_range_url, or let this machine connect to it.",
        ),
    };
    vec![finding]
}

/// `None` without authorities, for which the mail settings are reported.
fn open(settings: &Settings) -> Option<Result<Breached, Unusable>> {
    let fetcher = Arc::new(Fetcher::new(&settings.outgoing).ok()?);
    Some(Breached::open(&settings.passwords, fetcher))
}
