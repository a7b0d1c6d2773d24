//! `writ completions SHELL`.

use clap::{Args, Command};
use clap_complete::Shell;

use super::output;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell that completes.
    shell: Shell,
}

impl CompletionsArgs {
    /// Prints the script that completes `command`.
    pub(super) fn run(self, mut command: Command) -> anyhow::Result<()> {
        // Into memory first: `generate` panics when it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "writ", &mut script);
        output::text(String::from_utf8(script)?)
    }
}
