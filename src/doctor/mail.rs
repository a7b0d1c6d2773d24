//! Outgoing mail: its settings, and a connection without a message.

use super::{Finding, Section};
use crate::{config::Settings, mail::Mailer};

/// Whether the settings can be used. Nothing without mail, which is a choice.
pub(super) fn check_settings(settings: &Settings) -> Option<Finding> {
    let reason = Mailer::new(settings).err()?;
    Some(Finding::error(
        "mail_settings",
        Section::Mail,
        format!("mail: {reason}."),
        "Correct the certificates for TLS, such as outgoing.ca_file.",
    ))
}

/// Connects and authenticates, and sends no message.
pub(super) async fn check_connection(settings: &Settings) -> Vec<Finding> {
    let id = "mail";
    let Ok(Some(mailer)) = Mailer::new(settings) else { return Vec::new() };
    vec![match mailer.check().await {
        Ok(()) => Finding::ok(id, Section::Mail, "The mail server accepts connections of this server."),
        Err(undelivered) => Finding::error(
            id,
            Section::Mail,
            format!("Mails cannot be handed over: {}.", undelivered.reason.trim_end_matches('.')),
            "Correct mail.url, then try `writ mail test ADDRESS`.",
        ),
    }]
}
