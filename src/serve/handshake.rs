//! TLS handshakes, among them those with which an authority checks a name.

use std::{io, sync::Arc};

use rustls::{ServerConfig, server::Acceptor};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor, server::TlsStream};

use crate::{acme::challenge, server::Server, store::acme};

/// Accepts handshakes.
pub(super) struct Handshake {
    config: Arc<ServerConfig>,
    /// `None` if no authority checks names by handshakes.
    challenged: Option<Arc<Server>>,
}

impl Handshake {
    pub(super) fn new(config: ServerConfig, server: &Arc<Server>) -> Self {
        let is_challenged = server.authority.as_ref().is_some_and(|authority| authority.answers_in_handshakes());
        Self { config: Arc::new(config), challenged: is_challenged.then(|| Arc::clone(server)) }
    }

    /// Accepts a handshake. One of an authority is completed and ends the connection
    /// ([RFC 8737 §3](https://www.rfc-editor.org/rfc/rfc8737#section-3)).
    ///
    /// # Errors
    /// The reason to close the connection.
    pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        let Some(server) = &self.challenged else {
            return TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await;
        };
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let hello = start.client_hello();
        if !challenge::is_asked(&hello) {
            return start.into_stream(Arc::clone(&self.config)).await;
        }
        let name = hello.server_name().unwrap_or_default().to_ascii_lowercase();
        if !server.authority.as_ref().is_some_and(|authority| authority.is_name(&name)) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let found = server.store.read(move |tx| acme::challenge_by_name(tx, &name)).await;
        let found = found.inspect_err(|fault| tracing::error!(%fault, "a challenge of the authority was not answered"));
        let Some(challenge) = found.map_err(io::Error::other)? else {
            tracing::info!("a challenge of an authority was refused: no order is open");
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        let config = challenge::server_config(&challenge)
            .inspect_err(|error| tracing::error!(%error, "a challenge of the authority was not answered"))
            .map_err(io::Error::other)?;
        let mut stream = start.into_stream(Arc::new(config)).await?;
        tracing::info!(name = challenge.name, "a challenge of the authority was answered");
        stream.shutdown().await?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}
