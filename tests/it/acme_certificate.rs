//! The stored certificate of an authority ([`writ::acme`]). Orders are tested with Pebble, in
//! `tests/command/acme`.

use writ::{
    acme::Authority,
    config::{AcmeChallenge, Settings},
    store::acme::{self, Issued},
    tls::Certificates,
};

use crate::support::{TestServer, seed};

#[tokio::test]
async fn stored_certificate_that_cannot_be_used_counts_as_none() {
    let server = TestServer::start().await;
    let mut settings = Settings::clone(&server.server.settings);
    settings.acme.challenge = Some(AcmeChallenge::TlsAlpn01);
    let authority = Authority::new(&settings).expect("settings").expect("an authority");
    let (id, renew_at) = (authority.certificate_id(), server.clock.now() + 1000);
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let store = async |number: i64, chain: String| {
        let (id, key) = (id.clone(), key.clone());
        let sealed = seed::master_key().seal(&id.sealed_name(), key.as_bytes());
        server.write(move |tx| acme::succeeded(tx, &id, number, &Issued { chain, sealed, renew_at })).await;
    };
    let adopt = async || {
        let (server, certificates) = (&server.server, Certificates::expected());
        let adopted = authority.adopt(&server.store, &server.secrets.master_keys, &certificates).await;
        let row = adopted.expect("no fault").expect("a row");
        (row.number, row.chain.is_some(), row.renew_at)
    };
    let counted = id.clone();
    server.write(move |tx| acme::begin(tx, &counted)).await;
    store(0, "no PEM".to_owned()).await;
    assert_eq!(adopt().await, (1, false, 0), "another one is ordered");
    // An order that began before the last certificate replaces nothing.
    store(0, chain.clone()).await;
    assert_eq!(adopt().await, (1, false, 0));
    store(1, chain).await;
    assert_eq!(adopt().await, (2, true, renew_at));
}
