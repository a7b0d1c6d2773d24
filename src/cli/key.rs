//! `writ key list|rotate`.

use clap::Subcommand;
use serde::Serialize;
use writ::store::{Store, keys};

use super::output::OutputArgs;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// List every key that is published.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Serialize)]
struct Key {
    kid: String,
    alg: String,
    state: String,
    created_at: i64,
    activated_at: Option<i64>,
    retired_at: Option<i64>,
}

impl KeyCommand {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        match self {
            Self::List { output } => {
                let keys = store.read(keys::list).await?;
                let rows: Vec<Key> = keys
                    .into_iter()
                    .map(|key| Key {
                        kid: key.kid,
                        alg: key.alg,
                        state: key.state,
                        created_at: key.created_at,
                        activated_at: key.activated_at,
                        retired_at: key.retired_at,
                    })
                    .collect();
                output.list(&["kid", "alg", "state", "created_at", "activated_at", "retired_at"], &rows)
            }
        }
    }
}
