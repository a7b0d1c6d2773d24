//! `writ man`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;

use super::output;

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write the page of every command to this directory instead, such as `writ-client-create.1`.
    #[arg(long, value_name = "DIRECTORY")]
    all: Option<PathBuf>,
}

impl ManArgs {
    /// Prints or writes the manual pages of `command`.
    pub(super) fn run(self, command: Command) -> anyhow::Result<()> {
        match self.all {
            Some(directory) => {
                clap_mangen::generate_to(command, &directory).with_context(|| directory.display().to_string())
            }
            None => {
                let mut page = Vec::new();
                Man::new(command).render(&mut page)?;
                output::text(String::from_utf8(page)?)
            }
        }
    }
}
