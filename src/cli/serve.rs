//! `writ serve`.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use writ::clock::Clock;
use writ::config::Settings;
use writ::server::Server;
use writ::{logging, serve};

use super::key::load_master_key;

/// Serves until SIGTERM or Ctrl-C.
pub(super) fn run(settings: Settings) -> anyhow::Result<()> {
    logging::start(&settings.log)?;
    actix_web::rt::System::new().block_on(async {
        let master_key = load_master_key(&settings)?;
        if !settings.tokens.require_pkce {
            tracing::warn!("tokens.require_pkce is off: confidential clients may leave out code_challenge and nonce");
        }
        let listen = settings.server.listen;
        let listener =
            TcpListener::bind(listen).with_context(|| format!("server.listen: cannot listen on {listen}"))?;
        let database = settings.database.url.redacted();
        let server = Server::start(settings, master_key, Clock::default())
            .await
            .with_context(|| format!("cannot start with {database}"))?;
        tracing::info!(issuer = server.issuer(), %listen, database, "serving");
        serve::run(Arc::new(server), listener).await?;
        tracing::info!("stopped");
        Ok(())
    })
}
