//! `writ healthcheck`: for images without a shell.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, ensure};
use clap::Args;
use writ::config::Settings;

use super::output;

/// How long the server may take.
const WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    /// Ask only whether the process responds (/healthz), not whether the database can be written to
    /// (/readyz).
    #[arg(long)]
    live: bool,
}

impl HealthcheckArgs {
    /// Asks the server on this machine, by `server.listen`.
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let mut address = settings.server.listen;
        if address.ip().is_unspecified() {
            address = SocketAddr::new(std::net::Ipv4Addr::LOCALHOST.into(), address.port());
        }
        let scheme = if settings.tls.certificate.is_some() { "https" } else { "http" };
        let path = if self.live { "healthz" } else { "readyz" };
        let url = format!("{scheme}://{address}/{path}");
        // Its certificate is for its public name, which does not lead here.
        let http = reqwest::Client::builder().timeout(WITHIN).danger_accept_invalid_certs(true).no_proxy().build()?;
        let response = http.get(&url).send().await.with_context(|| url.clone())?;
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        ensure!(status.is_success(), "{url}: {status}: {}", text.trim());
        output::line(text.trim())
    }
}
