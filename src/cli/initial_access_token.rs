//! `writ initial-access-token create|list|delete`.

use anyhow::ensure;
use clap::{Args, Subcommand};
use serde_json::json;
use writ::{
    administration::{
        self,
        initial_access_tokens::{LIMITS, TokenInformation},
    },
    secret::Handle,
    store::{
        Id,
        initial_access_tokens::{self, InitialAccessToken},
    },
};

use super::{administrator::Administrator, output::OutputArgs, remote::Request, target::Target};

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

impl InitialAccessTokenCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Create { uses, days, output } => {
                target
                    .item(
                        output,
                        async |remote| {
                            let body = json!({ "uses": uses, "days": days });
                            remote.send(Request::new("initial-access-token.create").with(body)).await
                        },
                        async |administrator| create(administrator, uses, days).await,
                    )
                    .await
            }
            Self::List { output } => {
                target
                    .list(
                        output,
                        &["id", "uses_left", "expires_at"],
                        async |remote| remote.pages(Request::new("initial-access-token.list")).await,
                        async |administrator| {
                            let tokens = administrator.store.read(initial_access_tokens::list).await?;
                            Ok(tokens.into_iter().map(|token| TokenInformation::new(token, None)).collect())
                        },
                    )
                    .await
            }
            Self::Delete(DeleteArgs { id, output }) => {
                target
                    .done(
                        output,
                        &format!("Deleted initial access token {id}."),
                        async |remote| {
                            remote.send(Request::new("initial-access-token.delete").on(id.to_string())).await
                        },
                        async |administrator| {
                            let delete = administration::initial_access_tokens::delete;
                            let deleted = administrator.change(move |tx, actor| delete(tx, actor, id)).await?;
                            ensure!(deleted, "there is no initial access token {id}");
                            Ok(())
                        },
                    )
                    .await
            }
        }
    }
}

async fn create(administrator: &Administrator<'_>, uses: i32, days: i64) -> anyhow::Result<TokenInformation> {
    let handle = Handle::random();
    let (id, secret_hash) = (Id(handle.id), handle.secret.hash().0.to_vec());
    let token = administrator
        .change(move |tx, actor| {
            let (created_at, expires_at) = (tx.now, tx.now + days * DAY);
            let token = InitialAccessToken { id, secret_hash, uses_left: uses, created_at, expires_at };
            administration::initial_access_tokens::create(tx, actor, &token)?;
            Ok(token)
        })
        .await?;
    Ok(TokenInformation::new(token, Some(handle.expose())))
}
