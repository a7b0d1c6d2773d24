//! The administrator at the command line: makes changes, and confirms those that end something.

use std::{
    fmt::Display,
    io::{self, IsTerminal},
};

use anyhow::{Context, bail};
use clap::Args;
use writ::{
    administration::Actor,
    config::Settings,
    fault::Fault,
    keys::{SharedSecrets, rotation},
    store::{Store, Tx, usage::Usage},
};

use super::{key::load_master_keys, output};

/// The administrator, with the database of the configuration.
pub(super) struct Administrator<'a> {
    pub(super) store: &'a Store,
    pub(super) settings: &'a Settings,
    pub(super) reason: Option<String>,
}

impl Administrator<'_> {
    /// Makes a change, which needs the master key of the server.
    pub(super) async fn change<T, F>(&self, change: F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<T, Fault> + Clone + Send + 'static,
    {
        let actor = self.actor().await?;
        Ok(self.store.write(move |tx| change(tx, &actor)).await?)
    }

    /// The actor in the audit log.
    async fn actor(&self) -> anyhow::Result<Actor> {
        Ok(self.actor_with(&self.secrets().await?))
    }

    /// As [`Self::actor`], with secrets that are unsealed.
    pub(super) fn actor_with(&self, secrets: &SharedSecrets) -> Actor {
        Actor::at_command_line(user_of_system(), self.reason.clone(), secrets)
    }

    /// The shared secrets of the servers.
    pub(super) async fn secrets(&self) -> anyhow::Result<SharedSecrets> {
        let unlocked = rotation::unlock(self.store, load_master_keys(self.settings)?).await;
        Ok(unlocked.context("a change needs the master key of the server")?.1)
    }
}

/// Whether a change failed because something with the same unique value exists.
pub(super) fn is_taken(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(Fault::is_unique_violation)
}

/// The name of the user, or of the one who became it by sudo.
fn user_of_system() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|name| !name.is_empty());
    let name = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(variable);
    name.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

/// The confirmation of a change that ends something.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ConfirmArgs {
    /// Do not ask, even if something ends or is lost.
    #[arg(long)]
    yes: bool,
}

impl ConfirmArgs {
    /// Asks if `change` affects live grants. `change` is the start of a sentence.
    pub(super) fn ask(self, change: &str, usage: Usage) -> anyhow::Result<()> {
        if usage.grants == 0 {
            return Ok(());
        }
        self.confirm(format_args!("{change} {usage}."))
    }

    /// Prints a warning, and asks whether to go on.
    pub(super) fn confirm(self, warning: impl Display) -> anyhow::Result<()> {
        output::error_line(warning);
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            bail!("nothing was changed: repeat the command with --yes");
        }
        output::error_line("Continue? [y/N]");
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        match line.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => bail!("nothing was changed"),
        }
    }
}
