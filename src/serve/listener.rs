//! Listening sockets: configured ones, and those from systemd.

use std::{
    fs::{self, Permissions},
    io,
    net::TcpListener,
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::Path,
};

use listenfd::ListenFd;

use crate::config::ListenAddress;

/// Group members may connect, so that a proxy of another user can.
const SOCKET_MODE: u32 = 0o660;

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// A TCP socket.
    Tcp(TcpListener),
    /// A Unix socket. The proxy terminates TLS.
    Unix(UnixListener),
}

impl Listener {
    /// Listens on `address`. The file of a server that has ended is replaced.
    ///
    /// # Errors
    /// The error of the system, such as an address in use.
    pub fn bind(address: &ListenAddress) -> io::Result<Self> {
        match address {
            ListenAddress::Tcp(address) => TcpListener::bind(address).map(Self::Tcp),
            ListenAddress::Unix(path) => {
                remove_unused(path)?;
                let listener = UnixListener::bind(path)?;
                fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
                Ok(Self::Unix(listener))
            }
        }
    }

    /// The sockets that systemd has opened. Empty without a socket unit.
    ///
    /// # Errors
    /// An error if one is neither a TCP nor a Unix stream socket.
    pub fn from_systemd() -> io::Result<Vec<Self>> {
        let mut given = ListenFd::from_env();
        let mut listeners = Vec::new();
        for index in 0..given.len() {
            if let Ok(Some(listener)) = given.take_tcp_listener(index) {
                listeners.push(Self::Tcp(listener));
            } else if let Some(listener) = given.take_unix_listener(index)? {
                listeners.push(Self::Unix(listener));
            }
        }
        Ok(listeners)
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

/// Removes a socket that no process listens on. Any other file stays, and binding then fails.
fn remove_unused(path: &Path) -> io::Result<()> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let is_unused = || UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    if is_socket && is_unused() { fs::remove_file(path) } else { Ok(()) }
}
