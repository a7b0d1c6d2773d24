//! `writ serve`.

use std::sync::Arc;

use anyhow::Context;
use writ::{
    administration::administrators,
    clock::Clock,
    config::{Listen, Settings},
    fault::Fault,
    logging::{self, Telemetry},
    serve::{self, Listener},
    server::Server,
};

use super::key::load_master_keys;

/// Serves until SIGTERM or Ctrl-C.
pub(super) fn run(settings: Settings) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let telemetry = Telemetry::start(&settings.telemetry)?.map(Arc::new);
        logging::start(&settings.log, telemetry.as_deref())?;
        let master_keys = load_master_keys(&settings)?;
        let listeners = listeners(&settings.server.listen)?;
        let database = settings.database.url.redacted();
        let server = Server::start(settings, master_keys, Clock::default()).await.map_err(|fault| match fault {
            // The message already names the setting.
            Fault::Startup(reason) => anyhow::Error::msg(reason),
            other => anyhow::Error::from(other).context(format!("cannot start with {database}")),
        })?;
        tracing::info!(issuer = server.issuer(), ?listeners, database, "serving");
        if server.front.unencrypted {
            tracing::warn!("server.issuer is plain http: others on the network can read passwords and tokens");
        }
        warn_without_administrator(&server).await;
        let server = Arc::new(server);
        #[cfg(feature = "otlp")]
        if let Some(telemetry) = &telemetry {
            actix_web::rt::spawn(serve::send_metrics(Arc::clone(&server), Arc::clone(telemetry)));
        }
        serve::run(server, listeners).await?;
        if let Some(telemetry) = telemetry {
            telemetry.stop().await;
        }
        tracing::info!("stopped");
        Ok(())
    })
}

/// The console has no page for its first administrator: a link on the command line makes one.
async fn warn_without_administrator(server: &Server) {
    let console = server.settings.console.clone();
    if !console.enabled {
        return;
    }
    match server.store.read(move |tx| administrators::list(tx, &console.group)).await {
        Ok(administrators) if administrators.is_empty() => {
            tracing::warn!("the console has no administrator: run `writ admin recover`");
        }
        Ok(_) => {}
        Err(fault) => tracing::warn!(%fault, "the administrators of the console cannot be read"),
    }
}

/// The sockets from systemd, or new ones.
fn listeners(listen: &Listen) -> anyhow::Result<Vec<Listener>> {
    let given = Listener::from_systemd().context("the sockets of systemd")?;
    if !given.is_empty() {
        return Ok(given);
    }
    let bind = |address| Listener::bind(address).with_context(|| format!("server.listen: cannot listen on {address}"));
    listen.addresses().iter().map(bind).collect()
}
