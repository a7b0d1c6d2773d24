//! Certificates from an authority: which connections get the response to a challenge. The authority
//! itself is in `acme/pebble.rs`.

mod pebble;

use std::{
    io::{ErrorKind, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use writ::store::acme::{Challenge, add_challenge};
use x509_cert::der::{Decode, asn1::OctetString, oid::ObjectIdentifier};

use crate::{
    node::{Node, free_address, until, whole_answer},
    workplace::Workplace,
};

const NAME: &str = "id.writ.test";
const TOKEN: &str = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
const KEY_AUTHORIZATION: &str = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.thumbprint";
/// `id-pe-acmeIdentifier` ([RFC 8737 §6.1](https://www.rfc-editor.org/rfc/rfc8737#section-6.1)).
const ACME_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.31");
/// An authority that does not respond.
const NO_AUTHORITY: &str = "https://127.0.0.1:9/directory";

/// The variables of a server whose certificate comes from an authority.
fn variables<'a>(challenge: &'a str, directory_url: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("WRIT__SERVER__ISSUER", "https://id.writ.test"),
        ("WRIT__ACME__CHALLENGE", challenge),
        ("WRIT__ACME__DIRECTORY_URL", directory_url),
        ("WRIT__ACME__TERMS_OF_SERVICE_AGREED", "true"),
        ("WRIT__ACME__CONTACT", "operator@writ.test"),
    ]
}

/// Stores a challenge, as the node that orders does.
fn publish(workplace: &Workplace, token: &str, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let names = [token, name, KEY_AUTHORIZATION].map(str::to_owned);
    let unit = move |tx: &mut writ::store::Tx<'_>| {
        let [token, name, key_authorization] = names.clone();
        add_challenge(tx, &Challenge { token, name, key_authorization, expires_at: tx.now + 600 })
    };
    runtime.block_on(workplace.store().write(unit)).expect("stored");
}

/// Accepts any certificate, as an authority does.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The certificate that a handshake for `name` with these protocols ends with. `None` if it fails.
fn handshake(node: &Node, name: &'static str, protocols: &[&[u8]]) -> Option<CertificateDer<'static>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from(name).expect("a name");
    let mut connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut stream = TcpStream::connect(node.address).expect("a connection");
    while connection.is_handshaking() {
        match connection.complete_io(&mut stream) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    Some(connection.peer_certificates()?.first()?.clone().into_owned())
}

/// The hash that a certificate proves, if it is one for a challenge.
fn proof(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let certificate = x509_cert::Certificate::from_der(certificate).expect("a certificate");
    let extensions = certificate.tbs_certificate.extensions.unwrap_or_default();
    let extension = extensions.iter().find(|extension| extension.extn_id == ACME_IDENTIFIER)?;
    assert!(extension.critical);
    Some(OctetString::from_der(extension.extn_value.as_bytes()).expect("a hash").as_bytes().to_vec())
}

#[test]
fn challenge_is_answered_in_the_handshake_of_an_authority_only() {
    let workplace = Workplace::new();
    let node = Node::start(&workplace, &variables("tls-alpn-01", NO_AUTHORITY));
    assert!(handshake(&node, NAME, &[b"acme-tls/1"]).is_none(), "there is no challenge yet");
    publish(&workplace, TOKEN, NAME);
    publish(&workplace, "another", "other.writ.test");
    let certificate = handshake(&node, NAME, &[b"acme-tls/1"]).expect("the response");
    assert_eq!(proof(&certificate), Some(writ::secret::sha256(KEY_AUTHORIZATION)));
    assert!(handshake(&node, "other.writ.test", &[b"acme-tls/1"]).is_none(), "the name of another server");
    // There is no certificate for others yet.
    let others: [&[&[u8]]; 4] = [&[b"http/1.1"], &[b"http/1.1", b"acme-tls/1"], &[b"acme-tls/1", b"http/1.1"], &[]];
    for protocols in others {
        assert!(handshake(&node, NAME, protocols).is_none(), "{protocols:?}");
    }
}

fn request(address: SocketAddr, method: &str, target: &str) -> String {
    let head = format!("{method} {target} HTTP/1.1\r\nHost: id.writ.test\r\nConnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(head.as_bytes()).expect("sent");
    whole_answer(stream)
}

#[test]
fn connections_over_plain_http_are_bounded_per_network() {
    let workplace = Workplace::new();
    let plain = free_address();
    let listen = plain.to_string();
    let mut variables = variables("http-01", NO_AUTHORITY);
    variables.extend([("WRIT__ACME__HTTP_LISTEN", &*listen), ("WRIT__SERVER__MAX_CONNECTIONS_PER_NETWORK", "2")]);
    let _node = Node::start(&workplace, &variables);
    assert!(request(plain, "GET", "/").contains("308"));
    let idle = [(); 2].map(|()| TcpStream::connect(plain).expect("a connection"));
    until("a third connection is closed", || request(plain, "GET", "/").is_empty());
    drop(idle);
    until("the next one is served", || request(plain, "GET", "/").contains("308"));
}

#[test]
fn challenge_is_answered_over_plain_http_and_all_else_leads_to_the_issuer() {
    let workplace = Workplace::new();
    let plain = free_address();
    let listen = plain.to_string();
    let mut variables = variables("http-01", NO_AUTHORITY);
    variables.push(("WRIT__ACME__HTTP_LISTEN", &listen));
    let node = Node::start(&workplace, &variables);
    publish(&workplace, TOKEN, NAME);
    let request = |method: &str, target: &str| request(plain, method, target);
    let path = "/.well-known/acme-challenge/";
    let answer = request("GET", &format!("{path}{TOKEN}"));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(KEY_AUTHORIZATION), "{answer}");
    for token in ["unknown", "a%00", "a%2Fb"] {
        let answer = request("GET", &format!("{path}{token}"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    let answer = request("GET", "/authorize?client_id=a");
    assert!(
        answer.contains("308") && answer.contains("location: https://id.writ.test/authorize?client_id=a\r\n"),
        "{answer}"
    );
    let answer = request("POST", "/token");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    // A challenge over http is not answered in handshakes.
    assert!(handshake(&node, NAME, &[b"acme-tls/1"]).is_none());
}
