//! A TCP proxy in front of PostgreSQL that loses connections as networks do.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What happens to the current connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    /// No data passes any more, without a notification (NAT, firewall, partition).
    Silence,
    /// Both sides see the end of the connection.
    Cut,
}

/// Listens until the runtime of the test ends.
pub(crate) struct Proxy {
    address: SocketAddr,
    fate: watch::Sender<Fate>,
    accepts: Arc<AtomicBool>,
}

impl Proxy {
    /// A proxy in front of `server`.
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (fate, orders) = watch::channel(Fate::Pass);
        let accepts = Arc::new(AtomicBool::new(true));
        let accepting = Arc::clone(&accepts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if accepting.load(Ordering::Relaxed) {
                    let mut orders = orders.clone();
                    orders.mark_unchanged();
                    tokio::spawn(pass(client, server, orders));
                }
            }
        });
        Self { address, fate, accepts }
    }

    /// `url` with this proxy instead of `server`.
    pub(crate) fn url(&self, url: &str, server: SocketAddr) -> String {
        url.replace(&server.to_string(), &self.address.to_string())
    }

    /// Silences the current connections. New ones work.
    pub(crate) fn silence(&self) {
        self.fate.send_replace(Fate::Silence);
    }

    /// Closes the current connections, and new ones at once.
    pub(crate) fn close(&self) {
        self.accepts.store(false, Ordering::Relaxed);
        self.fate.send_replace(Fate::Cut);
    }

    /// Lets new connections work again.
    pub(crate) fn open(&self) {
        self.accepts.store(true, Ordering::Relaxed);
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, mut orders: watch::Receiver<Fate>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        changed = orders.changed() => {
            if changed.is_ok() && *orders.borrow() == Fate::Silence {
                std::future::pending::<()>().await;
            }
        }
    }
}
