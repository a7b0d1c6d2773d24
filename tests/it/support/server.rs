//! A real server in this process, with a clock that the test moves.

use std::{collections::BTreeMap, net::TcpListener, sync::Arc, thread};

use actix_web::dev::ServerHandle;
use serde_json::json;
use writ::{
    clock::Clock,
    config::Settings,
    keys::MasterKey,
    protocol::{ClientMetadata, StandardClaims, scope::Risk},
    secret::Secret,
    serve,
    server::Server,
    store::{
        Id, clients, resources,
        resources::{Scope, ScopeText},
        users,
        users::User,
    },
};

use super::{App, Browser, database::TestDatabase};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The audience of the resource server that every test server has.
pub(crate) const TALK: &str = "https://talk.example";

/// One node. Dropped, it stops.
pub(crate) struct TestServer {
    pub(crate) server: Arc<Server>,
    pub(crate) clock: Clock,
    pub(crate) issuer: String,
    pub(crate) talk_secret: String,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
    database: Arc<TestDatabase>,
}

impl TestServer {
    /// A server with two people, a resource server and its three scopes.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with settings of the test's own.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let mut node = Self::node(database, Clock::default(), change).await;
        node.talk_secret = node.seed().await;
        node
    }

    /// Another node on the same database, with the same clock and master key.
    pub(crate) async fn second_node(&self) -> Self {
        let issuer = self.server.settings.server.issuer.clone();
        let mut node = Self::node(Arc::clone(&self.database), self.clock.clone(), |settings| {
            settings.server.issuer = issuer;
        })
        .await;
        node.talk_secret.clone_from(&self.talk_secret);
        node
    }

    async fn node(database: Arc<TestDatabase>, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let mut settings = Settings::default();
        settings.server.issuer = address.parse().expect("an issuer");
        settings.server.workers = 2;
        settings.server.shutdown_timeout = 1;
        settings.database.url = database.url.clone();
        settings.database.pool_size = 8;
        change(&mut settings);
        let master_key = MasterKey::load(None, &database.folder.join("master.key")).expect("a master key");
        let server = Arc::new(Server::start(settings, master_key, clock.clone()).await.expect("the server starts"));
        let (sender, handle) = std::sync::mpsc::channel();
        let running = Arc::clone(&server);
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let tasks = writ::tasks::start(&running);
                let http = serve::serve(running, listener).expect("the server listens");
                sender.send(http.handle()).expect("the test waits");
                http.await.expect("the server runs");
                tasks.iter().for_each(tokio::task::JoinHandle::abort);
            });
        });
        Self {
            server,
            clock,
            issuer: address,
            talk_secret: String::new(),
            handle: handle.recv().expect("the server listens"),
            thread: Some(thread),
            database,
        }
    }

    async fn seed(&self) -> String {
        let password_hash =
            self.server.passwords.hash(PASSWORD.to_owned().into()).await.expect("the password is hashed");
        let secret = Secret::random();
        let hash = secret.hash();
        self.server
            .store
            .write(move |tx| {
                for (username, name) in [("alice", "Alice Martin"), ("minji", "김민지")] {
                    let claims = StandardClaims { name: Some(name.to_owned()), ..StandardClaims::default() };
                    let user = User {
                        id: Id::now_v7(),
                        username: username.to_owned(),
                        email: Some(format!("{username}@example.com")),
                        email_verified: true,
                        claims: serde_json::to_string(&claims).expect("claims"),
                        password_hash: Some(password_hash.clone()),
                        disabled_at: None,
                        created_at: tx.now,
                        updated_at: tx.now,
                    };
                    users::insert(tx, &user)?;
                }
                let names = BTreeMap::from([("en".to_owned(), "Talk".to_owned())]);
                resources::insert(tx, "talk", TALK, &names, Some(hash))?;
                for (name, risk) in
                    [("profile:read", Risk::Low), ("message:read", Risk::Elevated), ("message:send", Risk::High)]
                {
                    resources::insert_scope(tx, "talk", &scope(name, risk))?;
                }
                Ok(())
            })
            .await
            .expect("seeded");
        self.server.refresh().await.expect("remembered");
        secret.reveal()
    }

    /// Registers a client; members of `metadata` go over those of a confidential web app.
    pub(crate) async fn register(&self, id: &str, metadata: serde_json::Value) -> App {
        let mut all = json!({
            "client_name": "Shop",
            "redirect_uris": ["https://shop.example/callback"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "scope": "openid profile email offline_access profile:read message:read message:send",
            "required_scope": "profile:read",
        });
        for (name, value) in metadata.as_object().expect("an object") {
            all[name] = value.clone();
        }
        let metadata: ClientMetadata = serde_json::from_value(all).expect("client metadata");
        metadata.check().expect("client metadata");
        let secret = (!metadata.is_public()).then(Secret::random);
        let hash = secret.as_ref().map(Secret::hash);
        let (owned, stored) = (id.to_owned(), metadata.clone());
        self.server.store.write(move |tx| clients::insert(tx, &owned, &stored, hash)).await.expect("registered");
        self.server.refresh().await.expect("remembered");
        App::new(&self.issuer, id, secret.map(|secret| secret.reveal()), metadata.redirect_uris[0].as_str())
    }

    /// The confidential web app that most tests use.
    pub(crate) async fn shop(&self) -> App {
        self.register("shop", json!({})).await
    }

    /// A browser in which nobody has signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.issuer)
    }

    /// The id of a person.
    pub(crate) async fn user_id(&self, username: &'static str) -> Id {
        let user = self.server.store.read(move |tx| users::find_by_login(tx, username)).await.expect("read");
        user.expect("the person exists").id
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // Told to stop at once; the thread's own runtime carries it out.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn scope(name: &str, risk: Risk) -> Scope {
    let text = |language: &str| {
        let text = ScopeText {
            sentence: format!("{name} as a sentence in {language}"),
            consequence: format!("what {name} means in {language}"),
        };
        (language.to_owned(), text)
    };
    Scope { name: name.to_owned(), texts: BTreeMap::from([text("en"), text("ko")]), risk }
}
