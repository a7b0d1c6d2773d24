//! The master key is rotated under running nodes, and a foreign one is refused.

use std::sync::Arc;

use serde_json::json;
use writ::{
    clock::Clock,
    config::Settings,
    keys::{MasterKey, MasterKeys, master_keys::reseal, rotation},
    server::Server,
    store::{
        acme::{self, CertificateId},
        keys,
        keys::KeyState,
        revision, shared_secrets,
    },
};
use writ_core::SigningAlg;

use crate::support::{TestServer, seed};

const SCOPE: &str = "openid profile:read";

/// Copies of one new key.
fn new_key() -> impl Fn() -> MasterKey {
    let text = writ::secret::Secret::random().expose();
    move || MasterKey::parse(&text).expect("a master key")
}

/// The error with which a node with this key fails to start.
async fn refused_start(server: &TestServer, master_key: MasterKey) -> String {
    let settings = Settings::clone(&server.server.settings);
    let refused = Server::start(settings, master_key, Clock::stopped()).await;
    refused.err().expect("the start is refused").to_string()
}

#[tokio::test]
async fn rotated_master_key_reseals_everything_and_every_node_follows() {
    let old = TestServer::start().await;
    let new = new_key();
    let shop = old.register("shop", json!({ "subject_type": "pairwise" })).await;
    let tokens = shop.tokens(SCOPE).await;
    let both = old.second_node_with(MasterKeys::rotated(new(), seed::master_key())).await;

    // A node with both keys seals in a form that nodes with the old key can unseal.
    let pair = Arc::new(MasterKeys::rotated(new(), seed::master_key()));
    old.write(|tx| rotation::rotate(tx, SigningAlg::ES256, true)).await;
    rotation::fill(&both.server.store, &pair, KeyState::Next).await.expect("a next key");
    old.server.refresh().await.expect("the old node reads the new signing key");

    let id = CertificateId { directory: "https://acme.example".to_owned(), names: "id.example".to_owned() };
    let stored_id = id.clone();
    old.write(move |tx| {
        let sealed = |name: &str| seed::master_key().seal(name, b"a private key");
        let (directory, contact) = (stored_id.directory.clone(), String::new());
        let account = sealed(&acme::account_name(&directory));
        acme::put_account(tx, &acme::Account { directory, sealed: account, contact, created_at: tx.now })?;
        acme::begin(tx, &stored_id)?;
        let sealed = sealed(&stored_id.sealed_name());
        acme::succeeded(tx, &stored_id, 0, &acme::Issued { chain: String::new(), sealed, renew_at: tx.now })
    })
    .await;
    let acme_keys = old.count("acme_accounts").await + old.count("acme_certificates").await;
    let stored = old.count("keys").await + old.count("shared_secrets").await + acme_keys;
    let resealed = old.write(move |tx| reseal(tx, &pair)).await;
    assert_eq!(i64::try_from(resealed).expect("few"), stored);
    both.server.refresh().await.expect("the node with both keys follows");
    let after = both.second_node_with(new()).await;
    let opens = |name: &str, sealed: &[u8]| seed::master_key().unseal(name, sealed).is_some();
    let (keys, secrets) =
        old.server.store.read(|tx| Ok((keys::list(tx)?, shared_secrets::list(tx)?))).await.expect("read");
    assert!(keys.iter().all(|row| !opens(&row.kid, &row.sealed)));
    assert!(secrets.iter().all(|row| !opens(&row.purpose, &row.sealed)));
    let (accounts, certificates) =
        old.server.store.read(|tx| Ok((acme::accounts(tx)?, acme::certificates(tx)?))).await.expect("read");
    assert!(accounts.iter().all(|row| !opens(&acme::account_name(&row.directory), &row.sealed)));
    assert!(certificates.iter().all(|row| !opens(&id.sealed_name(), row.sealed.as_deref().expect("a key"))));

    // Issued tokens stay valid, and subjects stay the same.
    for node in [&both, &after] {
        let shop = shop.at(&node.issuer);
        let again = shop.refresh(tokens.text("refresh_token")).await.ok();
        assert_eq!(again.claims("id_token")["sub"], tokens.claims("id_token")["sub"]);
        assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json["active"], true);
        // A page of one node is submitted to another.
        let login = old.browser();
        let page = login.get("/login").await;
        assert_eq!(login.at(&node.issuer).post_password(&page, "alice", seed::PASSWORD).await.status, 303);
    }
    assert!(refused_start(&old, seed::master_key()).await.contains("another master key"));
}

#[tokio::test]
async fn start_with_a_foreign_master_key_writes_nothing() {
    let server = TestServer::start().await;
    // The state that an earlier version left.
    server.database.execute("DELETE FROM migrations WHERE name = '0321_shared_secrets'").await;
    server.database.execute("DROP TABLE shared_secrets").await;
    let counts = async || (server.count("migrations").await, server.count("keys").await);
    let revision = async || server.server.store.read(revision::current).await.expect("read");
    let before = (counts().await, revision().await);
    let missing = server.database.folder.join("missing.key");
    for master_key in [MasterKey::random(), MasterKey::load(&missing).expect("a new key")] {
        assert!(refused_start(&server, master_key).await.contains("another master key"));
        assert_eq!((counts().await, revision().await), before);
        assert!(!missing.exists());
    }
    // The right one migrates and derives the secrets of the earlier version.
    let right = server.second_node().await;
    let browser = server.browser();
    let page = browser.get("/login").await;
    assert_eq!(browser.at(&right.issuer).post_password(&page, "alice", seed::PASSWORD).await.status, 303);
}
