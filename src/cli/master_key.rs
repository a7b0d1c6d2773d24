//! `writ master-key rotate`.

use std::sync::Arc;

use anyhow::ensure;
use clap::Subcommand;
use writ::{
    administration,
    keys::{SharedSecrets, rotation},
    store::keys,
};

use super::{administrator::Administrator, key::load_master_keys, output};

#[derive(Debug, Subcommand)]
pub(super) enum MasterKeyCommand {
    /// Seal everything that the master key protects with the new one. Give every server both keys
    /// first: the new one as keys.master_key_file, the old one as keys.previous_master_key_file.
    /// Remove the old one afterwards.
    Rotate,
}

impl MasterKeyCommand {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Self::Rotate = self;
        let store = administrator.store;
        let master_keys = load_master_keys(administrator.settings)?;
        ensure!(
            master_keys.has_previous(),
            "keys.previous_master_key_file: name the key that is in use, and the new one as keys.master_key_file"
        );
        // A new file is only written if the previous key unseals this database.
        rotation::check_opens(&store.read(keys::list).await?, &master_keys)?;
        let master_keys = Arc::new(master_keys.saved()?);
        let secrets = SharedSecrets::load(store, &master_keys).await?;
        let actor = administrator.actor_with(&secrets);
        let changed = store.write(move |tx| administration::keys::reseal(tx, &actor, &master_keys)).await?;
        output::line(format_args!("Sealed {changed} values under the new master key."))
    }
}
