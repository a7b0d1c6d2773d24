//! `writ serve`.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use anyhow::Context;
use listenfd::ListenFd;
use writ::{
    clock::Clock,
    config::Settings,
    fault::Fault,
    logging,
    serve::{self, Listener},
    server::Server,
};

use super::key::load_master_keys;

/// Serves until SIGTERM or Ctrl-C.
pub(super) fn run(settings: Settings) -> anyhow::Result<()> {
    logging::start(&settings.log)?;
    actix_web::rt::System::new().block_on(async {
        let master_keys = load_master_keys(&settings)?;
        let listener = listener(settings.server.listen)?;
        let database = settings.database.url.redacted();
        let server = Server::start(settings, master_keys, Clock::default()).await.map_err(|fault| match fault {
            // The message already names the setting.
            Fault::Startup(reason) => anyhow::Error::msg(reason),
            other => anyhow::Error::from(other).context(format!("cannot start with {database}")),
        })?;
        tracing::info!(issuer = server.issuer(), ?listener, database, "serving");
        if server.front.unencrypted {
            tracing::warn!("server.issuer is plain http: others on the network can read passwords and tokens");
        }
        serve::run(Arc::new(server), listener).await?;
        tracing::info!("stopped");
        Ok(())
    })
}

/// The socket from systemd, or a new one.
fn listener(address: SocketAddr) -> anyhow::Result<Listener> {
    let mut given = ListenFd::from_env();
    if given.len() > 0 {
        return match given.take_tcp_listener(0) {
            Ok(Some(listener)) => Ok(Listener::Tcp(listener)),
            _ => {
                let listener = given.take_unix_listener(0).context("the socket of systemd")?;
                Ok(Listener::Unix(listener.context("the socket of systemd is in use")?))
            }
        };
    }
    let listener = TcpListener::bind(address).with_context(|| format!("server.listen: cannot listen on {address}"))?;
    Ok(Listener::Tcp(listener))
}
