//! Delivers mails from the durable queue. One node delivers at a time.
//!
//! If a node fails between the response of the mail server and its record, the mail is sent twice
//! with the same `Message-ID`.

use std::{str::FromStr, sync::Arc};

use super::lanes::{self, Delivery};
use crate::{
    fault::Fault,
    mail::{
        Letter, Mailer, Undelivered,
        link::{self, Purpose},
    },
    server::Server,
    store::{
        Id, Tx,
        mails::{self, Kind, Mail},
        users,
    },
    web::locale::Locale,
};

/// Duration of the lease in seconds, which exceeds `mail.timeout`.
const LEASE_SECONDS: i64 = 120;

/// Runs until aborted. Without mail, the queue waits for a node that has it.
pub async fn run(server: Arc<Server>) {
    if server.mailer.is_some() {
        lanes::run::<Mail>(server, LEASE_SECONDS).await;
    }
}

impl Delivery for Mail {
    const LEASE: &'static str = "deliver_mail";

    fn id(&self) -> Id {
        self.id
    }

    fn lane(&self) -> &str {
        &self.lane
    }

    fn list_due(tx: &mut Tx<'_>, limit: i64, except: &[String]) -> Result<Vec<Self>, Fault> {
        mails::list_due(tx, limit, except)
    }

    async fn deliver(self, server: Arc<Server>) -> Result<(), Fault> {
        let Some(mailer) = &server.mailer else { return Ok(()) };
        let sent = if self.expires_at <= server.clock.now() {
            Err(Undelivered { reason: "the mail has expired".to_owned(), is_permanent: true })
        } else {
            let letter = letter(&server, mailer, &self).await?;
            mailer.send(self.id, &self.recipient, &letter).await
        };
        let (id, kind, lane) = (self.id, self.kind.clone(), self.lane.clone());
        let is_delivered = sent.is_ok();
        let outcome = match &sent {
            Ok(outcome) => outcome.clone(),
            Err(undelivered) => undelivered.reason.clone(),
        };
        let next_attempt_at = server
            .store
            .write(move |tx| match &sent {
                Ok(outcome) => mails::delivered(tx, &self, outcome).map(|()| None),
                Err(undelivered) => mails::failed(tx, &self, &undelivered.reason, undelivered.is_permanent),
            })
            .await?;
        tracing::info!(mail = %id, kind, lane, outcome, is_delivered, next_attempt_at, "mail delivery");
        Ok(())
    }
}

/// The text of a queued mail.
async fn letter(server: &Server, mailer: &Mailer, mail: &Mail) -> Result<Letter, Fault> {
    let locale = Locale::negotiate([mail.language.as_str()]);
    match Kind::from_str(&mail.kind) {
        Ok(Kind::Test) => Ok(mailer.letter(locale, "mail-test-subject").says(locale.text("mail-test-text"))),
        Ok(Kind::Recovery) => {
            let username = username(server, mail).await?;
            let ends =
                locale.text_with("mail-link-ends", &[("duration", locale.duration(mail.expires_at - mail.created_at))]);
            Ok(mailer
                .letter(locale, "mail-recovery-subject")
                .says(locale.text_with("mail-recovery-text", &[("username", username)]))
                .leads_to(locale.text("mail-recovery-action"), link_url(server, mail, Purpose::Recovery)?)
                .notes(ends)
                .notes(locale.text("mail-recovery-ignore")))
        }
        Err(_) => Err(Fault::Corrupt(format!("kind of mail {}: {}", mail.id, mail.kind))),
    }
}

/// The username of the account that a mail is about.
async fn username(server: &Server, mail: &Mail) -> Result<String, Fault> {
    let user_id = mail.user_id.ok_or_else(|| Fault::Corrupt(format!("mail {} has no user", mail.id)))?;
    let user = server.store.read(move |tx| users::find(tx, user_id)).await?;
    Ok(user.map(|user| user.username).unwrap_or_default())
}

/// The URL of the link in a mail.
fn link_url(server: &Server, mail: &Mail, purpose: Purpose) -> Result<String, Fault> {
    let id = mail.link_id.ok_or_else(|| Fault::Corrupt(format!("mail {} has no link", mail.id)))?;
    Ok(link::url(&server.settings.server.issuer, &server.front.form_key, purpose, id))
}
