//! A sink that is a syslog server: a message for each entry, in the format of
//! [RFC 5424](https://www.rfc-editor.org/rfc/rfc5424).

use std::{io::ErrorKind, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket, UnixDatagram, lookup_host},
};
use tokio_rustls::TlsConnector;

use super::entry::Entry;
use crate::config::SyslogUrl;

/// Facility 13, log audit, and severity 6, informational
/// ([RFC 5424 §6.2.1](https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1)).
const PRIORITY: u8 = 13 * 8 + 6;
/// Maximum length of a message in a datagram. Longer ones are sent without what was changed.
const LONGEST_DATAGRAM: usize = 8192;
/// How long the end of a stream is waited for, which shows that everything was received.
const ENDS_WITHIN: Duration = Duration::from_secs(5);
/// Maximum time in which the server's TCP acknowledges what was sent, in milliseconds. It is less
/// than [`ENDS_WITHIN`], so that nothing is left in our own buffers when that has passed.
#[cfg(target_os = "linux")]
const ACKNOWLEDGED_MILLISECONDS: u32 = 3000;

/// Sends entries.
pub(super) async fn send(url: &SyslogUrl, ca_file: Option<&Path>, host: &str, entries: &[Entry]) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    match url {
        SyslogUrl::Unix(path) => {
            let socket = UnixDatagram::unbound().map_err(failed)?;
            socket.connect(path).map_err(failed)?;
            for entry in entries {
                socket.send(datagram(host, entry).as_bytes()).await.map_err(failed)?;
            }
            Ok(())
        }
        SyslogUrl::Udp(server, port) => {
            let address = lookup_host((server.as_str(), *port)).await.map_err(failed)?.next();
            let address = address.ok_or("the host has no address")?;
            let own: SocketAddr = if address.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
            let socket = UdpSocket::bind(own).await.map_err(failed)?;
            socket.connect(address).await.map_err(failed)?;
            for entry in entries {
                socket.send(datagram(host, entry).as_bytes()).await.map_err(failed)?;
            }
            Ok(())
        }
        SyslogUrl::Tcp(server, port) => {
            let stream = connect(server, *port).await.map_err(failed)?;
            write(stream, host, entries).await.map_err(failed)
        }
        SyslogUrl::Tls(server, port) => {
            let name = ServerName::try_from(server.clone()).map_err(|error| error.to_string())?;
            let ca_file = ca_file.map(Path::to_owned);
            // Reading the authorities of the system takes a while.
            let config = tokio::task::spawn_blocking(move || client_config(ca_file.as_deref()));
            let config = config.await.map_err(|error| error.to_string())??;
            let stream = connect(server, *port).await.map_err(failed)?;
            let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(failed)?;
            write(stream, host, entries).await.map_err(failed)
        }
    }
}

/// A connection that breaks if the server does not take what is sent. A write alone only means that
/// our own kernel has it.
async fn connect(server: &str, port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect((server, port)).await?;
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(&stream, ACKNOWLEDGED_MILLISECONDS)?;
    Ok(stream)
}

/// Writes messages, each after its length, and waits until the server closes the connection: only
/// then is it known that nothing was lost on the way.
async fn write(mut stream: impl AsyncRead + AsyncWrite + Unpin, host: &str, entries: &[Entry]) -> std::io::Result<()> {
    for entry in entries {
        let message = message(host, entry, &entry.json);
        stream.write_all(format!("{} {message}", message.len()).as_bytes()).await?;
    }
    stream.flush().await?;
    stream.shutdown().await?;
    let mut rest = [0; 256];
    let end = async {
        loop {
            match stream.read(&mut rest).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                // TLS without an alert at its end.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    };
    // Some servers never close. Their TCP has acknowledged everything by then.
    tokio::time::timeout(ENDS_WITHIN, end).await.unwrap_or(Ok(()))
}

fn datagram(host: &str, entry: &Entry) -> String {
    let whole = message(host, entry, &entry.json);
    if whole.len() <= LONGEST_DATAGRAM { whole } else { message(host, entry, &entry.short_json) }
}

/// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.
fn message(host: &str, entry: &Entry, json: &str) -> String {
    let id: String = entry.action.chars().filter(char::is_ascii_graphic).take(32).collect();
    let (host, id) = (or_nil(host), or_nil(&id));
    format!("<{PRIORITY}>1 {} {host} writ - {id} - {}", entry.time, ascii(json))
}

fn or_nil(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// JSON with escapes for everything that is not ASCII, so that its encoding is no question.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii_graphic() || c == ' ' {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped += &format!("\\u{unit:04x}");
            }
        }
    }
    escaped
}

/// Trusts the authorities of the system, and those of `outgoing.ca_file`.
fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = certificates.map_err(|error| format!("outgoing.ca_file: {}: {error}", path.display()))?;
        roots.add_parsable_certificates(certificates);
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(json: &str) -> Entry {
        Entry {
            sequence: 1,
            time: "2026-11-29T20:00:00Z".to_owned(),
            action: "client.update".to_owned(),
            json: json.to_owned(),
            short_json: "{}".to_owned(),
        }
    }

    #[test]
    fn message_is_that_of_rfc_5424_in_ascii_on_one_line() {
        let entry = entry("{\"actor\":\"민아 😀\u{7f}\"}");
        assert_eq!(
            datagram("id.example.com", &entry),
            "<110>1 2026-11-29T20:00:00Z id.example.com writ - client.update - \
             {\"actor\":\"\\ubbfc\\uc544 \\ud83d\\ude00\\u007f\"}"
        );
    }

    #[test]
    fn long_datagram_leaves_out_what_was_changed() {
        let entry = entry(&"x".repeat(LONGEST_DATAGRAM));
        assert!(datagram("", &entry).ends_with("writ - client.update - {}"));
    }
}
