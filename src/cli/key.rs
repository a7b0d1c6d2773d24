//! `writ key list|rotate`.

use anyhow::ensure;
use clap::{Args, Subcommand};
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

use super::{administrator::Administrator, output::OutputArgs};

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
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        match self {
            Self::List { output } => list(administrator.store, output).await,
            Self::Rotate(arguments) => arguments.run(administrator).await,
            Self::Revoke(arguments) => arguments.run(administrator).await,
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

async fn list(store: &Store, output: OutputArgs) -> anyhow::Result<()> {
    let keys = store.read(keys::list).await?;
    let rows: Vec<KeyInformation> = keys.into_iter().map(KeyInformation::from).collect();
    output.list(&["kid", "alg", "state", "created_at", "activated_at", "retired_at", "archived"], &rows)
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
        list(store, self.output).await
    }
}

impl RotateArgs {
    async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Administrator { store, settings, .. } = administrator;
        let (master_keys, _) = rotation::establish(store, load_master_keys(settings)?).await?;
        rotation::fill(store, &master_keys, KeyState::Next).await?;
        let mut refused = Vec::new();
        for alg in SigningAlg::ALL.into_iter().filter(|alg| self.alg.is_none_or(|only| only == *alg)) {
            let rotated = administrator
                .change(move |tx, actor| administration::keys::rotate(tx, actor, alg, self.at_once))
                .await?;
            if let Rotation::TooEarly { wait } = rotated {
                refused.push(format!(
                    "the next key of {alg} was published too recently: wait {wait} s, or verifiers may not know it yet"
                ));
            }
        }
        rotation::fill(store, &master_keys, KeyState::Next).await?;
        ensure!(refused.is_empty(), "{}", refused.join("; "));
        list(store, self.output).await
    }
}
