//! A mail server that accepts, delays, refuses or hangs.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// What it does with the next mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behavior {
    Accept,
    /// 451 after RCPT (RFC 6647).
    Greylist,
    /// 550 after RCPT.
    Refuse,
    /// Accepts connections and never sends a byte.
    Hang,
}

/// Listens on its own port and stores every mail. It runs on the runtime of the test.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

struct State {
    behavior: Mutex<Behavior>,
    mails: Mutex<Vec<String>>,
    connections: Mutex<usize>,
    /// The credentials of AUTH PLAIN in base64, if it requires them.
    credentials: Option<String>,
    tls: Option<TlsAcceptor>,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        Self::listen(None, None).await
    }

    /// With a user and password, and a certificate for STARTTLS, which it then requires.
    pub(crate) async fn listen(credentials: Option<String>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            behavior: Mutex::new(Behavior::Accept),
            mails: Mutex::default(),
            connections: Mutex::default(),
            credentials,
            tls,
        });
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *served.connections.lock().expect("no panic") += 1;
                tokio::spawn(Arc::clone(&served).serve(stream));
            }
        });
        Self { address, state }
    }

    /// A new certificate for `localhost` in PEM, and an acceptor with it.
    pub(crate) fn certificate() -> (String, TlsAcceptor) {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .expect("a TLS configuration");
        (certified.cert.pem(), TlsAcceptor::from(Arc::new(config)))
    }

    pub(crate) fn behave(&self, behavior: Behavior) {
        *self.state.behavior.lock().expect("no panic") = behavior;
    }

    /// The mails accepted so far.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.state.mails.lock().expect("no panic").clone()
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        *self.state.connections.lock().expect("no panic")
    }
}

impl State {
    fn behavior(&self) -> Behavior {
        *self.behavior.lock().expect("no panic")
    }

    async fn serve(self: Arc<Self>, stream: TcpStream) {
        if self.behavior() == Behavior::Hang {
            std::future::pending::<()>().await;
        }
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 mail.test ESMTP\r\n").await.expect("written");
        if self.converse(&mut stream, self.tls.is_some()).await {
            let tls = self.tls.as_ref().expect("STARTTLS was offered");
            let Ok(stream) = tls.accept(stream.into_inner()).await else { return };
            self.converse(&mut BufReader::new(stream), false).await;
        }
    }

    /// Answers commands until the end. `true` after STARTTLS.
    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>, offers_tls: bool) -> bool {
        let mut is_authenticated = self.credentials.is_none();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                return false;
            }
            let reply = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" if offers_tls => "250-mail.test\r\n250-8BITMIME\r\n250 STARTTLS",
                "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN",
                "STAR" => {
                    stream.write_all(b"220 go ahead\r\n").await.expect("written");
                    return true;
                }
                "AUTH" => {
                    is_authenticated =
                        Some(line.trim().rsplit(' ').next().unwrap_or_default()) == self.credentials.as_deref();
                    if is_authenticated { "235 welcome" } else { "535 5.7.8 wrong credentials" }
                }
                "MAIL" if offers_tls => "530 5.7.0 Must issue a STARTTLS command first",
                "MAIL" if !is_authenticated => "530 5.7.0 authentication required",
                "RCPT" if self.behavior() == Behavior::Greylist => "451 4.7.1 try again later",
                "RCPT" if self.behavior() == Behavior::Refuse => "550 5.1.1 no such mailbox",
                "DATA" => {
                    stream.write_all(b"354 go ahead\r\n").await.expect("written");
                    let mail = read_mail(stream).await;
                    self.mails.lock().expect("no panic").push(mail);
                    "250 2.0.0 accepted"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            if stream.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
                return false;
            }
        }
    }
}

async fn read_mail<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    let mut mail = String::new();
    while !mail.ends_with("\r\n.\r\n") {
        if stream.read_line(&mut mail).await.unwrap_or_default() == 0 {
            break;
        }
    }
    mail
}
