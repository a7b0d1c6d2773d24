//! `writ initial-access-token create|list|delete`.

use anyhow::ensure;
use clap::{Args, Subcommand};
use serde::Serialize;
use writ::{
    administration::{self, initial_access_tokens::LIMITS},
    secret::Handle,
    store::{
        Id,
        initial_access_tokens::{self, InitialAccessToken},
    },
};

use super::{administrator::Administrator, output::OutputArgs};

/// Seconds per day.
const DAY: i64 = 86_400;

#[derive(Debug, Subcommand)]
pub(super) enum InitialAccessTokenCommand {
    /// Create a token with which clients can register themselves, and show it once.
    Create {
        /// The number of clients that can register with it.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(i64::from(*LIMITS.uses.start())..=i64::from(*LIMITS.uses.end())))]
        uses: i32,
        /// The number of days for which it is valid.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i64).range(LIMITS.days))]
        days: i64,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List all tokens that have not expired.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Delete a token. Clients that registered with it are kept.
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    /// The id, as listed.
    id: Id,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Serialize)]
struct Token {
    id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_access_token: Option<String>,
    uses_left: i32,
    expires_at: i64,
}

impl InitialAccessTokenCommand {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        match self {
            Self::Create { uses, days, output } => {
                let handle = Handle::random();
                let (id, secret_hash) = (Id(handle.id), handle.secret.hash().0.to_vec());
                let expires_at = administrator
                    .change(move |tx, actor| {
                        let (created_at, expires_at) = (tx.now, tx.now + days * DAY);
                        let token = InitialAccessToken { id, secret_hash, uses_left: uses, created_at, expires_at };
                        administration::initial_access_tokens::create(tx, actor, &token)?;
                        Ok(expires_at)
                    })
                    .await?;
                let initial_access_token = Some(handle.expose());
                output.item(&Token { id, initial_access_token, uses_left: uses, expires_at })
            }
            Self::List { output } => {
                let tokens = administrator.store.read(initial_access_tokens::list).await?;
                let rows: Vec<Token> = tokens
                    .into_iter()
                    .map(|token| Token {
                        id: token.id,
                        initial_access_token: None,
                        uses_left: token.uses_left,
                        expires_at: token.expires_at,
                    })
                    .collect();
                output.list(&["id", "uses_left", "expires_at"], &rows)
            }
            Self::Delete(DeleteArgs { id, output }) => {
                let deleted = administrator
                    .change(move |tx, actor| administration::initial_access_tokens::delete(tx, actor, id))
                    .await?;
                ensure!(deleted, "there is no initial access token {id}");
                output.done(&format!("Deleted initial access token {id}."))
            }
        }
    }
}
