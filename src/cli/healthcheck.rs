//! `writ healthcheck`: checks the server, for images without a shell.

use anyhow::ensure;
use clap::Args;
use writ::{config::Settings, doctor};

use super::output;

#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    /// Check only that the process is alive (/healthz), not that the database is writable
    /// (/readyz).
    #[arg(long)]
    live: bool,
}

impl HealthcheckArgs {
    /// Sends a request to the first address of `server.listen`.
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let path = if self.live { "healthz" } else { "readyz" };
        let (url, status, text) = doctor::get_local(settings, path).await?;
        ensure!(status.is_success(), "{url}: {status}: {}", text.trim());
        output::line(text.trim())
    }
}
