//! `writ serve`.

use std::{net::TcpListener, sync::Arc};

use anyhow::Context;
use writ::{
    clock::Clock,
    config::Settings,
    keys::{MasterKey, master_key},
    logging, serve,
    server::Server,
};

/// Serves until a signal: SIGTERM and SIGINT stop accepting and finish what runs.
pub(super) fn run(settings: Settings) -> anyhow::Result<()> {
    logging::start(&settings.log)?;
    let environment = std::env::var(master_key::ENVIRONMENT_VARIABLE).ok();
    let master_key = MasterKey::load(environment.as_deref(), &settings.keys.master_key_file)?;
    let listen = settings.server.listen;
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    actix_web::rt::System::new().block_on(async {
        let server = Arc::new(Server::start(settings, master_key, Clock::default()).await?);
        tracing::info!(issuer = server.issuer(), %listen, "serving");
        serve::run(server, listener).await?;
        tracing::info!("stopped");
        Ok(())
    })
}
