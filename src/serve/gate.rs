//! What happens to a connection before its first request: the PROXY protocol, the limits per
//! network, and TLS.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
    time::Duration,
};

use actix_http::{Protocol, error::DispatchError};
use actix_server::ServerBuilder;
use actix_service::{ServiceFactory, ServiceFactoryExt, fn_service};
use ipnet::IpNet;
use proxy_header::{ParseConfig, io::ProxiedStream};
use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::{
    Listener,
    connection::{Connection, Stream},
    connections::Connections,
    handshake::Handshake,
};
use crate::config::ServerSettings;

/// Maximum time for a PROXY header, and for a TLS handshake.
const WITHIN: Duration = Duration::from_secs(10);
/// Maximum time for which the client accepts no data, or does not confirm it.
#[cfg(target_os = "linux")]
const UNREAD_MILLISECONDS: u32 = 60_000;
const PROXY_HEADER: ParseConfig = ParseConfig { include_tlvs: false, allow_v1: true, allow_v2: true };

/// The input of actix-web for a new connection.
pub(super) type Opened = (Connection, Protocol, Option<SocketAddr>);

/// Opens connections.
pub(super) struct Gate {
    /// The limits per network.
    pub(super) connections: Arc<Connections>,
    /// The networks whose connections start with a PROXY header.
    pub(super) proxy_protocol: Vec<IpNet>,
    /// The proxies that forward requests of many clients, and are not limited.
    pub(super) trusted_proxies: Vec<IpNet>,
    /// TLS, if the server terminates it.
    pub(super) tls: Option<Handshake>,
    /// Maximum time without progress.
    pub(super) progress_within: Duration,
}

impl Gate {
    /// A gate without TLS for at most `total` connections.
    pub(super) fn new(settings: &ServerSettings, total: usize, progress_within: Duration) -> Self {
        Self {
            connections: Arc::new(Connections::new(settings.max_connections_per_network, total)),
            proxy_protocol: settings.proxy_protocol.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            tls: None,
            progress_within,
        }
    }

    /// Opens a TCP connection.
    ///
    /// # Errors
    /// The reason to close it: a missing PROXY header, a full network, or a failed TLS handshake.
    pub(super) async fn open(&self, stream: TcpStream) -> io::Result<Opened> {
        stream.set_nodelay(true)?;
        // A response may fit into the buffers of the kernel, which then wait for the client.
        #[cfg(target_os = "linux")]
        rustix::net::sockopt::set_tcp_user_timeout(&stream, UNREAD_MILLISECONDS)?;
        let proxy = stream.peer_addr()?;
        let (stream, peer) = match contains(&self.proxy_protocol, proxy.ip()) {
            true => proxied(stream, proxy).await?,
            false => (ProxiedStream::unproxied(stream), proxy),
        };
        let permit = match contains(&self.trusted_proxies, peer.ip()) {
            true => None,
            false => Some(self.connections.admit(peer.ip()).ok_or(io::ErrorKind::ConnectionRefused)?),
        };
        let stream: Box<dyn Stream> = match &self.tls {
            Some(handshake) => Box::new(timeout(WITHIN, handshake.accept(stream)).await??),
            None => Box::new(stream),
        };
        Ok((Connection::new(stream, self.progress_within, permit), Protocol::Http1, Some(peer)))
    }

    /// Opens a connection of a Unix socket. Its peer is a proxy on this machine.
    pub(super) fn open_unix(&self, stream: UnixStream) -> Opened {
        (Connection::new(Box::new(stream), self.progress_within, None), Protocol::Http1, None)
    }
}

/// Accepts the connections of a listener through the gate.
pub(super) fn accept<S>(
    http: ServerBuilder,
    listener: Listener,
    gate: &Arc<Gate>,
    service: impl Fn() -> S + Clone + Send + 'static,
) -> io::Result<ServerBuilder>
where
    S: ServiceFactory<Opened, Config = (), Response = (), Error = DispatchError, InitError = ()> + 'static,
{
    let gate = Arc::clone(gate);
    match listener {
        Listener::Tcp(listener) => http.listen("tcp", listener, move || {
            let gate = Arc::clone(&gate);
            fn_service(move |stream: TcpStream| {
                let gate = Arc::clone(&gate);
                async move { gate.open(stream).await.map_err(DispatchError::Io) }
            })
            .and_then(service())
        }),
        Listener::Unix(listener) => http.listen_uds("unix", listener, move || {
            let gate = Arc::clone(&gate);
            fn_service(move |stream: UnixStream| {
                let opened = gate.open_unix(stream);
                async move { Ok::<_, DispatchError>(opened) }
            })
            .and_then(service())
        }),
    }
}

fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address.to_canonical()))
}

/// Reads the PROXY header, with the address of the client. The proxy's own health checks have none.
async fn proxied(stream: TcpStream, proxy: SocketAddr) -> io::Result<(ProxiedStream<TcpStream>, SocketAddr)> {
    static REPORTED: Once = Once::new();
    let header = timeout(WITHIN, ProxiedStream::create_from_tokio(stream, PROXY_HEADER)).await;
    let stream = header.map_err(io::Error::from).flatten().inspect_err(|error| {
        REPORTED.call_once(|| {
            tracing::warn!(%proxy, %error, "a connection of server.proxy_protocol has no PROXY header");
        });
    })?;
    let peer = stream.proxy_header().proxied_address().map_or(proxy, |address| address.source);
    Ok((stream, peer))
}
