//! `writ key list|rotate`.

use anyhow::ensure;
use clap::{Args, Subcommand};
use serde_json::json;
use writ::{
    administration::{self, keys::KeyInformation},
    config::Settings,
    keys::{
        MasterKeyError, MasterKeys,
        rotation::{self, Rotation},
    },
};
use writ_core::SigningAlg;

use writ::store::{
    Store,
    keys::{self, KeyState},
};

use super::{
    administrator::Administrator,
    output::OutputArgs,
    remote::{Request, items},
    target::Target,
};

const COLUMNS: [&str; 7] = ["kid", "alg", "state", "created_at", "activated_at", "retired_at", "archived"];

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// List all published keys.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Retire the active keys, activate the next keys, and publish new next keys.
    Rotate(RotateArgs),
    /// Delete a key at once, so that all tokens signed with it are refused. Resource servers notice
    /// when they fetch the keys again.
    Revoke(RevokeArgs),
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// Rotate only this algorithm: RS256, ES256 or EdDSA.
    #[arg(long)]
    alg: Option<SigningAlg>,
    /// Rotate even if resource servers may not have fetched the next key yet, because a key has
    /// leaked.
    #[arg(long)]
    at_once: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    /// The `kid`, as listed. A base64url thumbprint may begin with a hyphen.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    output: OutputArgs,
}

impl KeyCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::List { output } => {
                target
                    .list(
                        output,
                        &COLUMNS,
                        async |remote| remote.pages(Request::new("key.list")).await,
                        async |administrator| list(administrator.store).await,
                    )
                    .await
            }
            Self::Rotate(RotateArgs { alg, at_once, output }) => {
                target
                    .list(
                        output,
                        &COLUMNS,
                        async |remote| {
                            ensure!(!at_once, "--at-once needs the database: run the command there, without --server");
                            let body = alg.map_or_else(|| json!({}), |alg| json!({ "alg": alg }));
                            remote.send(Request::new("key.rotate").with(body)).await.map(items)
                        },
                        async |administrator| rotate(administrator, alg, at_once).await,
                    )
                    .await
            }
            Self::Revoke(arguments) => arguments.run(target.database()?).await,
        }
    }
}

/// Loads the master keys from the same place as the server.
pub(super) fn load_master_keys(settings: &Settings) -> anyhow::Result<MasterKeys> {
    Ok(read_master_keys(settings)?)
}

/// As [`load_master_keys`], with the reason as a type.
pub(super) fn read_master_keys(settings: &Settings) -> Result<MasterKeys, MasterKeyError> {
    MasterKeys::load(|name| std::env::var(name).ok(), &settings.keys)
}

async fn list(store: &Store) -> anyhow::Result<Vec<KeyInformation>> {
    let keys = store.read(keys::list).await?;
    Ok(keys.into_iter().map(KeyInformation::from).collect())
}

impl RevokeArgs {
    async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Administrator { store, settings, .. } = administrator;
        let (master_keys, _) = rotation::establish(store, load_master_keys(settings)?).await?;
        rotation::fill(store, &master_keys, KeyState::Next).await?;
        let kid = self.kid.clone();
        let revoked = administrator.change(move |tx, actor| administration::keys::revoke(tx, actor, &kid)).await?;
        ensure!(revoked, "there is no key {}", self.kid);
        rotation::fill(store, &master_keys, KeyState::Next).await?;
        self.output.list(&COLUMNS, &list(store).await?)
    }
}

async fn rotate(
    administrator: &Administrator<'_>,
    only: Option<SigningAlg>,
    at_once: bool,
) -> anyhow::Result<Vec<KeyInformation>> {
    let Administrator { store, settings, .. } = administrator;
    let (master_keys, _) = rotation::establish(store, load_master_keys(settings)?).await?;
    rotation::fill(store, &master_keys, KeyState::Next).await?;
    let mut refused = Vec::new();
    for alg in SigningAlg::ALL.into_iter().filter(|alg| only.is_none_or(|only| only == *alg)) {
        let rotated =
            administrator.change(move |tx, actor| administration::keys::rotate(tx, actor, alg, at_once)).await?;
        if let Rotation::TooEarly { wait } = rotated {
            refused.push(format!(
                "the next key of {alg} was published too recently: wait {wait} s, or verifiers may not know it yet"
            ));
        }
    }
    rotation::fill(store, &master_keys, KeyState::Next).await?;
    ensure!(refused.is_empty(), "{}", refused.join("; "));
    list(store).await
}
