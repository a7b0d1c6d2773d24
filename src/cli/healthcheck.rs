//! `writ healthcheck`: checks the server, for images without a shell.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, ensure};
use clap::Args;
use writ::config::Settings;

use super::output;

/// Maximum duration of the check.
const WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    /// Check only that the process is alive (/healthz), not that the database is writable
    /// (/readyz).
    #[arg(long)]
    live: bool,
}

impl HealthcheckArgs {
    /// Sends a request to the server at `server.listen`.
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let mut address = settings.server.listen;
        if address.ip().is_unspecified() {
            address = SocketAddr::new(std::net::Ipv4Addr::LOCALHOST.into(), address.port());
        }
        let scheme = if settings.tls.certificate.is_some() { "https" } else { "http" };
        let path = if self.live { "healthz" } else { "readyz" };
        let url = format!("{scheme}://{address}/{path}");
        // The certificate is for the public name, which does not resolve to this address.
        let http = reqwest::Client::builder().timeout(WITHIN).danger_accept_invalid_certs(true).no_proxy().build()?;
        let response = http.get(&url).send().await.with_context(|| url.clone())?;
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        ensure!(status.is_success(), "{url}: {status}: {}", text.trim());
        output::line(text.trim())
    }
}
