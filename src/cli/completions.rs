//! `writ completions SHELL`.

use clap::{Args, Command};
use clap_complete::Shell;

use super::output;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

impl CompletionsArgs {
    /// Prints the completion script of `command`.
    pub(super) fn run(self, mut command: Command) -> anyhow::Result<()> {
        // Generated in memory first, because `generate` panics on a write error.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "writ", &mut script);
        output::text(String::from_utf8(script)?)
    }
}
