//! Delivers mails from the durable queue. One node delivers at a time.
//!
//! If a node fails between the response of the mail server and its record, the mail is sent twice
//! with the same `Message-ID`.

mod letters;

use std::sync::Arc;

use super::lanes::{self, Delivery};
use crate::{
    fault::Fault,
    mail::Undelivered,
    server::Server,
    store::{
        Id, Tx,
        mails::{self, Mail},
    },
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
            match letters::write(&server, mailer, &self).await? {
                Some(letter) => mailer.send(self.id, &self.recipient, &letter).await,
                None => Err(Undelivered { reason: "what it is about is gone".to_owned(), is_permanent: true }),
            }
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
