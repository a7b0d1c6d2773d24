//! A real server in this process, with a clock that the test controls.

use std::{net::TcpListener, sync::Arc, thread, time::Duration};

use actix_web::dev::ServerHandle;
use serde_json::{Value, json};
use writ::{
    clock::Clock,
    config::{DatabaseSettings, Settings},
    fault::Fault,
    keys::{MasterKeys, SharedSecrets},
    serve,
    server::Server,
    store::{
        Id, Store, Tx, clients,
        users::{self, User},
    },
};

use super::{App, Browser, database::TestDatabase, seed};

/// A node. Dropping it stops it.
pub(crate) struct TestServer {
    pub(crate) server: Arc<Server>,
    pub(crate) clock: Clock,
    /// Its URL, which is the issuer unless it is a second node.
    pub(crate) issuer: String,
    pub(crate) talk_secret: String,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
    pub(crate) database: Arc<TestDatabase>,
}

impl TestServer {
    /// A server with two users, a resource server and its three scopes.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// As `start`, with changed settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let (database, talk_secret) = seed::database().await;
        let mut node = Self::on(Arc::new(database), Clock::stopped(), seed::master_key().into(), change).await;
        node.talk_secret = talk_secret;
        node
    }

    /// Another node with the same database, clock and master key.
    pub(crate) async fn second_node(&self) -> Self {
        self.second_node_with(seed::master_key()).await
    }

    /// The same with master keys of the test's own.
    pub(crate) async fn second_node_with(&self, master_keys: impl Into<MasterKeys>) -> Self {
        self.another_node(self.clock.clone(), master_keys.into()).await
    }

    /// The same with a clock that is `seconds` ahead of that of this node.
    pub(crate) async fn second_node_off_by(&self, seconds: i64) -> Self {
        self.another_node(self.clock.off_by(seconds), seed::master_key().into()).await
    }

    /// The same with changed settings.
    pub(crate) async fn second_node_with_settings(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let settings = Settings::clone(&self.server.settings);
        let all = |own: &mut Settings| {
            *own = settings;
            change(own);
        };
        let mut node = Self::on(Arc::clone(&self.database), self.clock.clone(), seed::master_key().into(), all).await;
        node.talk_secret.clone_from(&self.talk_secret);
        node
    }

    async fn another_node(&self, clock: Clock, master_keys: MasterKeys) -> Self {
        let settings = Settings::clone(&self.server.settings);
        let mut node = Self::on(Arc::clone(&self.database), clock, master_keys, |own| *own = settings).await;
        node.talk_secret.clone_from(&self.talk_secret);
        node
    }

    async fn on(
        database: Arc<TestDatabase>,
        clock: Clock,
        master_keys: MasterKeys,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let mut settings = Settings::default();
        settings.server.issuer = address.parse().expect("an issuer");
        settings.server.workers = 2;
        settings.server.shutdown_timeout = 1;
        settings.database.url = database.url.clone();
        change(&mut settings);
        let server = Server::start(settings, master_keys, clock.clone()).await.expect("the server starts");
        let server = Arc::new(server);
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

    /// Registers a client. `metadata` overrides that of a confidential web app.
    pub(crate) async fn register(&self, id: &str, metadata: Value) -> App {
        let (metadata, secret) = seed::client(&self.server.store, id, metadata).await;
        self.server.refresh().await.expect("remembered");
        App::new(&self.issuer, id, secret, metadata.redirect_uris[0].as_str())
    }

    /// Replaces the metadata of a client.
    pub(crate) async fn change_client(&self, id: &'static str, metadata: Value) {
        let metadata = seed::client_metadata(&metadata);
        assert!(self.write(move |tx| clients::update(tx, id, &metadata)).await, "there is no client {id}");
        self.server.refresh().await.expect("remembered");
    }

    /// The confidential web app that most tests use.
    pub(crate) async fn shop(&self) -> App {
        self.register("shop", json!({})).await
    }

    /// A public native client.
    pub(crate) async fn native(&self) -> App {
        let metadata = json!({
            "client_name": "Pocket",
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": ["http://127.0.0.1/callback"],
        });
        self.register("pocket", metadata).await
    }

    /// Talk as an introspecting client.
    pub(crate) fn talk(&self) -> App {
        App::new(&self.issuer, "talk", Some(self.talk_secret.clone()), "")
    }

    /// A signed-out browser.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.issuer)
    }

    /// The metadata document.
    pub(crate) async fn metadata(&self) -> Value {
        let document = self.browser().get("/.well-known/openid-configuration").await;
        serde_json::from_str(&document.body).expect("JSON")
    }

    /// The user with this name.
    pub(crate) async fn user(&self, username: &'static str) -> User {
        let user = self.server.store.read(move |tx| users::find_by_login(tx, username)).await.expect("read");
        user.expect("the user exists")
    }

    /// The id of the user with this name.
    pub(crate) async fn user_id(&self, username: &'static str) -> Id {
        self.user(username).await.id
    }

    /// The secrets that its nodes share.
    pub(crate) async fn shared_secrets(&self) -> SharedSecrets {
        SharedSecrets::load(&self.server.store, &self.server.secrets.master_keys).await.expect("secrets")
    }

    /// The number of rows in a table, counted directly.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.database.count(table).await
    }

    /// Runs a unit of work that must succeed.
    pub(crate) async fn write<T, F>(&self, unit: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        self.server.store.write(unit).await.expect("written")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // Stops immediately. The thread's runtime executes it.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts two nodes at the same time, without HTTP and tasks, so that nothing changes the database
/// afterwards.
pub(crate) async fn start_two_at_once(database: &TestDatabase) -> [Server; 2] {
    let start = || {
        let mut settings = Settings::default();
        settings.database.url = database.url.clone();
        tokio::spawn(Server::start(settings, seed::master_key(), Clock::stopped()))
    };
    let (one, two) = tokio::join!(start(), start());
    [one, two].map(|node| node.expect("no panic").expect("the node starts"))
}

/// Opens a database without a server.
pub(crate) async fn open(database: &TestDatabase) -> Store {
    let settings = DatabaseSettings { url: database.url.clone(), pool_size: 2, startup_timeout: 0 };
    let opened = tokio::task::spawn_blocking(move || Store::open(&settings, Clock::default())).await;
    opened.expect("no panic").expect("the database opens")
}

/// Polls until true, for at most ten seconds, for changes that another node must notice.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within ten seconds");
}
