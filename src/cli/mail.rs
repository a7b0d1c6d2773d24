//! `writ mail test|list|retry`: outgoing mail.

use anyhow::{Context, anyhow, ensure};
use clap::Subcommand;
use serde::Serialize;
use writ::{
    administration,
    mail::Mailer,
    store::{
        Id,
        mails::{self, Mail},
    },
    web::locale::Locale,
};
use writ_core::vocabulary::login_name;

use super::{administrator::Administrator, output::OutputArgs};

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Send a mail at once and print the response of the mail server. It is not queued.
    Test {
        /// The address to send to.
        address: String,
        /// The language of the mail.
        #[arg(long, default_value = "en")]
        language: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List mails with their result, newest first: queued, delivered or dead.
    List {
        /// Maximum number of mails.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Make mails due that were not delivered and have not expired: dead ones, and those that wait
    /// for their next attempt.
    Retry {
        /// The id of a mail, as listed. Without it, all such mails.
        id: Option<uuid::Uuid>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// A mail in the list.
#[derive(Serialize)]
struct Row {
    id: Id,
    kind: String,
    recipient: String,
    state: &'static str,
    created_at: i64,
    attempts: i32,
    next_attempt_at: Option<i64>,
    delivered_at: Option<i64>,
    expires_at: i64,
    last_outcome: Option<String>,
}

impl From<Mail> for Row {
    fn from(mail: Mail) -> Self {
        Self {
            state: match (mail.delivered_at, mail.next_attempt_at) {
                (Some(_), _) => "delivered",
                (None, Some(_)) => "queued",
                (None, None) => "dead",
            },
            id: mail.id,
            kind: mail.kind,
            recipient: mail.recipient,
            created_at: mail.created_at,
            attempts: mail.attempts,
            next_attempt_at: mail.next_attempt_at,
            delivered_at: mail.delivered_at,
            expires_at: mail.expires_at,
            last_outcome: mail.last_outcome,
        }
    }
}

impl MailCommand {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Administrator { store, settings, .. } = administrator;
        match self {
            Self::Test { address, language, output } => {
                let address = login_name::email(&address).context("expected an e-mail address")?;
                let locale = Locale::lookup(&language).with_context(|| format!("there are no texts in {language}"))?;
                let mailer = Mailer::new(settings).map_err(|error| anyhow!("mail: {error}"))?;
                let mailer = mailer.context("there is no mail: set mail.url and mail.from")?;
                let letter = mailer.letter(locale, "mail-test-subject").says(locale.text("mail-test-text"));
                let sent = mailer.send(Id::now_v7(), &address, &letter).await;
                let response = sent.map_err(|undelivered| anyhow!("not delivered: {}", undelivered.reason))?;
                output.done(&format!("Sent to {address}: {response}"))
            }
            Self::List { limit, output } => {
                let rows: Vec<Row> =
                    store.read(move |tx| mails::list(tx, limit)).await?.into_iter().map(Row::from).collect();
                let columns =
                    ["id", "kind", "recipient", "state", "created_at", "attempts", "next_attempt_at", "last_outcome"];
                output.list(&columns, &rows)
            }
            Self::Retry { id, output } => {
                let retried =
                    administrator.change(move |tx, actor| administration::mails::retry(tx, actor, id.map(Id))).await;
                let count = retried?;
                ensure!(id.is_none() || count == 1, "there is no such mail, or it was delivered or has expired");
                output.done(&format!("Made {count} mails due."))
            }
        }
    }
}
