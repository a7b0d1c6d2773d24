//! A proxy in front of a server, faithful or with one fault.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, OnceLock},
    time::{Duration, UNIX_EPOCH},
};

use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// What the proxy does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It forwards it, and the response.
    Faithful,
    /// It forwards it with the address of the client.
    NamesClient,
    /// It forwards it in HTTP/1.0.
    ForwardsHttp10,
    /// It keeps the first response, and returns it from then on.
    Caches,
    /// It redirects it to itself.
    RedirectLoop,
    /// It redirects every other path to this one.
    RedirectTo(&'static str),
    /// It forwards it without this beginning of its path.
    StripPath(&'static str),
    /// It forwards only what is below this path, and responds 404 otherwise.
    OnlyBelow(&'static str),
    /// It keeps the response until the connection ends.
    HoldBack,
    /// It responds in HTTP/1.0.
    Http10,
    /// It responds with this document, as another server would.
    Fixed(&'static str, &'static str),
    /// It closes the connection.
    Close,
    /// It reads and says nothing.
    Silent,
}

/// A listening proxy, which runs on its own threads until the test ends.
pub(crate) struct Front {
    server: Arc<OnceLock<SocketAddr>>,
}

impl Front {
    /// Listens on `address` in plain http.
    pub(crate) fn start(address: SocketAddr, manner: Manner) -> Self {
        Self::listen(address, manner, None)
    }

    /// Listens on `address` with TLS, faithfully. The certificate is its own authority, is valid
    /// for `days` from now, and is written to `front.pem`.
    pub(crate) fn start_tls(address: SocketAddr, directory: &Path, names: &[&str], days: i64) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = rcgen::CertificateParams::new(names).expect("names");
        let now = UNIX_EPOCH + Duration::from_secs(writ::clock::Clock::default().now().unsigned_abs());
        let day = Duration::from_secs(86_400);
        parameters.not_before = (now - 60 * day).into();
        parameters.not_after = if days < 0 { (now - day).into() } else { (now + day * days as u32).into() };
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        std::fs::write(directory.join("front.pem"), certificate.pem()).expect("written");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a pair");
        Self::listen(address, Manner::Faithful, Some(TlsAcceptor::from(Arc::new(config))))
    }

    /// Where it forwards requests to.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        self.server.set(server).expect("set once");
    }

    fn listen(address: SocketAddr, manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let server = Arc::new(OnceLock::new());
        let (target, kept) = (Arc::clone(&server), Arc::<OnceLock<String>>::default());
        let listener = std::net::TcpListener::bind(address).expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a socket");
                loop {
                    let Ok((stream, _)) = listener.accept().await else { continue };
                    let Some(server) = target.get().copied() else { continue };
                    let (tls, kept) = (tls.clone(), Arc::clone(&kept));
                    tokio::spawn(async move {
                        match tls {
                            None => drop(pass(stream, server, manner, &kept).await),
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    drop(pass(stream, server, manner, &kept).await);
                                }
                            }
                        }
                    });
                }
            });
        });
        Self { server }
    }
}

/// Answers one request, then closes the connection.
async fn pass<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: S,
    server: SocketAddr,
    manner: Manner,
    kept: &OnceLock<String>,
) -> std::io::Result<()> {
    if manner == Manner::Silent {
        client.read_to_end(&mut Vec::new()).await?;
        return Ok(());
    }
    let head = match head(&mut client).await {
        Ok(head) => head,
        Err(_) => return client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await,
    };
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let empty = |status: &str, header: &str| format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n");
    let answer = match manner {
        Manner::Close => return Ok(()),
        Manner::RedirectLoop => empty("301 Moved Permanently", &format!("Location: {path}\r\n")),
        Manner::RedirectTo(target) if path != target => empty("302 Found", &format!("Location: {target}\r\n")),
        Manner::OnlyBelow(prefix) if !path.starts_with(prefix) => empty("404 Not Found", ""),
        Manner::Fixed(media_type, body) => {
            format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        }
        Manner::StripPath(prefix) => forward(server, &head.replacen(prefix, "", 1)).await?,
        Manner::NamesClient => forward(server, &head.replacen("\r\n", "\r\nX-Forwarded-For: 192.0.2.1\r\n", 1)).await?,
        Manner::ForwardsHttp10 => forward(server, &head.replacen("HTTP/1.1", "HTTP/1.0", 1)).await?,
        Manner::Caches if path == "/login" => match kept.get() {
            Some(response) => response.clone(),
            None => {
                let response = forward(server, &head).await?;
                kept.get_or_init(|| response).clone()
            }
        },
        Manner::Http10 => forward(server, &head).await?.replacen("HTTP/1.1", "HTTP/1.0", 1),
        _ => forward(server, &head).await?,
    };
    if manner == Manner::HoldBack {
        // The client gives up first.
        client.read_to_end(&mut Vec::new()).await?;
        return Ok(());
    }
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await?;
    Ok(())
}

/// The head of a request without a body.
async fn head<S: AsyncRead + Unpin>(client: &mut S) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match client.read_u8().await? {
            byte if byte.is_ascii() && byte != 0 => bytes.push(byte),
            // No HTTP, but TLS.
            _ => return Err(std::io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn forward(server: SocketAddr, head: &str) -> std::io::Result<String> {
    let mut upstream = TcpStream::connect(server).await?;
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    upstream.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    upstream.read_to_string(&mut answer).await?;
    Ok(answer)
}
