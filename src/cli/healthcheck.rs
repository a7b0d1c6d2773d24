//! `writ healthcheck`: checks the server, for images without a shell.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Args;
use writ::config::{ListenAddress, Settings};

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
    /// Sends a request to the first address of `server.listen`.
    pub(super) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        // The certificate is for the public name, which does not resolve to this address.
        let http = reqwest::Client::builder().timeout(WITHIN).danger_accept_invalid_certs(true).no_proxy();
        let (http, origin) = match &settings.server.listen.addresses()[0] {
            ListenAddress::Unix(path) => (http.unix_socket(path.as_path()), "http://localhost".to_owned()),
            ListenAddress::Tcp(address) => {
                let mut address = *address;
                match address.ip() {
                    IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
                    IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
                    _ => {}
                }
                let scheme = if settings.tls.certificate.is_some() { "https" } else { "http" };
                (http, format!("{scheme}://{address}"))
            }
        };
        let path = if self.live { "healthz" } else { "readyz" };
        let url = format!("{origin}/{path}");
        let response = http.build()?.get(&url).send().await.with_context(|| url.clone())?;
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        ensure!(status.is_success(), "{url}: {status}: {}", text.trim());
        output::line(text.trim())
    }
}
