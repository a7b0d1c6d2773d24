//! The initial content of every test database: signing keys, two users, and a resource server with
//! three scopes.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use writ_core::{
    ClientMetadata, SigningAlg, StandardClaims, token::access_token::TokenProfile, vocabulary::scope::Risk,
};

use writ::{
    fault::Fault,
    keys::{MasterKey, signing_key::NewKey},
    password::Passwords,
    secret::Secret,
    store::{
        Store, Tx,
        clients::{self, Client},
        keys::{self, KeyRow, KeyState},
        resources::{self, Scope, ScopeText},
        users::{self, User},
    },
};

use super::{changed, database::TestDatabase, server::open};

/// The password of all users.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The audience of the resource server.
pub(crate) const TALK: &str = "https://talk.example";

/// The master key of every test server.
pub(crate) static MASTER_KEY: LazyLock<String> = LazyLock::new(|| Secret::random().expose());

/// Generated once for all tests, because RSA is slow: two keys per algorithm.
static KEYS: LazyLock<Vec<KeyRow>> = LazyLock::new(|| {
    let master_key = master_key();
    let now = writ::clock::Clock::default().now();
    let every = SigningAlg::ALL.into_iter().flat_map(|alg| [(alg, KeyState::Active), (alg, KeyState::Next)]);
    every
        .map(|(alg, state)| {
            let key = NewKey::generate(alg).expect("a key");
            KeyRow {
                sealed: master_key.seal(&key.kid, &key.pkcs8),
                public_jwk: serde_json::to_string(&key.public_jwk).expect("a JWK"),
                kid: key.kid,
                alg: alg.as_str().to_owned(),
                state,
                created_at: now,
                activated_at: (state == KeyState::Active).then_some(now),
                retired_at: None,
                archived: false,
            }
        })
        .collect()
});

static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| {
    let hashed = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let passwords = Passwords::start(1, 1).expect("a thread");
        runtime.block_on(passwords.hash(PASSWORD.to_owned().into(), None)).expect("the password is hashed")
    });
    hashed.join().expect("the password is hashed")
});

pub(crate) fn master_key() -> MasterKey {
    MasterKey::parse(&MASTER_KEY).expect("a master key")
}

/// The signing keys.
pub(crate) async fn keys(store: &Store) {
    let insert_all = |tx: &mut Tx<'_>| KEYS.iter().try_for_each(|row| keys::insert(tx, row).map(drop));
    store.write(insert_all).await.expect("keys");
}

/// Replaces a scope of Talk by another one of the same name, which the same clients may request.
pub(crate) fn create_scope_again(tx: &mut Tx<'_>, name: &str, risk: Risk) -> Result<(), Fault> {
    let registered = clients::list(tx)?;
    resources::delete_scope(tx, name)?;
    resources::insert_scope(tx, "talk", &scope(name, risk))?;
    register_again(tx, &registered)
}

/// Registers scopes again that a deletion removed from these clients.
pub(crate) fn register_again(tx: &mut Tx<'_>, registered: &[Client]) -> Result<(), Fault> {
    registered.iter().try_for_each(|client| clients::update(tx, &client.id, &client.metadata).map(drop))
}

/// A database with keys, users and Talk, and Talk's secret. Filled once and then copied. The
/// original remains on a PostgreSQL server, which `scripts/with-postgres` deletes.
pub(crate) async fn database() -> (TestDatabase, String) {
    static ORIGINAL: OnceCell<(TestDatabase, String)> = OnceCell::const_new();
    let fill = async || {
        let database = TestDatabase::create().await;
        let store = open(&database).await;
        keys(&store).await;
        let talk_secret = people_and_talk(&store).await;
        drop(store);
        database.settle();
        (database, talk_secret)
    };
    let (original, talk_secret) = ORIGINAL.get_or_init(fill).await;
    (TestDatabase::copy_of(original).await, talk_secret.clone())
}

/// Adds alice, minji and Talk, and returns Talk's secret.
async fn people_and_talk(store: &Store) -> String {
    let secret = Secret::random();
    let hash = secret.hash();
    store
        .write(move |tx| {
            users::insert(tx, &person("alice", "Alice Martin", tx.now))?;
            users::insert(tx, &person("minji", "김민지", tx.now))?;
            let names = BTreeMap::from([("en".to_owned(), "Talk".to_owned())]);
            resources::insert(tx, "talk", TALK, &names, Some(hash), TokenProfile::default())?;
            for (name, risk) in
                [("profile:read", Risk::Low), ("message:read", Risk::Elevated), ("message:send", Risk::High)]
            {
                resources::insert_scope(tx, "talk", &scope(name, risk))?;
            }
            Ok(())
        })
        .await
        .expect("seeded");
    secret.expose()
}

/// Registers a confidential web client with `changes`. Returns its metadata and its secret.
pub(crate) async fn client(store: &Store, id: &str, changes: Value) -> (ClientMetadata, Option<String>) {
    let metadata = client_metadata(&changes);
    let secret = metadata.has_secret().then(Secret::random);
    let (owned, stored, hash) = (id.to_owned(), metadata.clone(), secret.as_ref().map(Secret::hash));
    store.write(move |tx| clients::insert(tx, &owned, &stored, hash)).await.expect("registered");
    (metadata, secret.map(|secret| secret.expose()))
}

/// The metadata of a confidential web app with changes.
pub(crate) fn client_metadata(changes: &Value) -> ClientMetadata {
    let all = json!({
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example/callback"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "scope": "openid profile email offline_access profile:read message:read message:send",
        "required_scope": "profile:read",
    });
    let metadata: ClientMetadata = serde_json::from_value(changed(all, changes)).expect("client metadata");
    metadata.check(&[]).expect("client metadata");
    metadata
}

/// A scope with its sentences in English and Korean.
pub(crate) fn scope(name: &str, risk: Risk) -> Scope {
    let text = |language: &str| {
        let text = ScopeText {
            sentence: format!("{name} as a sentence in {language}"),
            consequence: format!("what {name} means in {language}"),
        };
        (language.to_owned(), text)
    };
    Scope {
        id: writ::store::Id::now_v7(),
        name: name.to_owned(),
        texts: BTreeMap::from([text("en"), text("ko")]),
        risk,
        is_default: risk.is_default(),
        open_to: None,
        acr: None,
    }
}

fn person(username: &str, name: &str, now: i64) -> User {
    let claims = StandardClaims { name: Some(name.to_owned()), ..StandardClaims::default() };
    User {
        email: Some(format!("{username}@example.com")),
        email_verified: true,
        claims: serde_json::to_string(&claims).expect("claims"),
        password_hash: Some(PASSWORD_HASH.clone()),
        created_at: now,
        updated_at: now,
        ..User::named(username)
    }
}
