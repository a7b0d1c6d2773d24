//! The list of leaked passwords.

use std::sync::Arc;

use super::{Finding, Section};
use crate::{breached::Breached, config::Settings, fetch::Fetcher};

/// Whether the list can be used. Nothing without one, which is a choice.
pub(super) fn check_list(settings: &Settings) -> Option<Finding> {
    let path = settings.passwords.breached_file.as_ref()?;
    let section = Section::Passwords;
    // Without authorities, the mail settings are reported.
    let fetcher = Arc::new(Fetcher::new(&settings.outgoing).ok()?);
    Some(match Breached::open(&settings.passwords, fetcher) {
        Ok(_) => Finding::ok("breached_passwords", section, "The list of leaked passwords can be read."),
        Err(error) => Finding::error(
            "breached_passwords",
            section,
            format!("passwords.breached_file: {error}."),
            format!("Make it with `writ passwords import-breached FILE --to {}`.", path.display()),
        ),
    })
}
