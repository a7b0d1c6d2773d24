//! The demonstration: Writ with an app, an API and a mailbox, as four HTTP servers in one process.
//!
//! [`shop`] is a third-party app with "Log in with Talk", and [`talk`] is the API that it calls.
//! They communicate only over HTTP, and use nothing of Writ except the verifier crate. [`mailbox`]
//! shows the mails that Writ sends.

mod language;
pub mod mailbox;
mod seed;
pub mod shop;
pub mod talk;

use std::{
    fmt, io,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
};

use actix_web::dev::ServerHandle;
use anyhow::Context;
use tempfile::TempDir;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use writ_verifier::Verifier;

use mailbox::Mailbox;
pub use seed::{DemoUser, USERS};
use shop::Shop;
use talk::Talk;

use crate::{
    clock::Clock,
    config::{DatabaseUrl, MailUrl, Sender, Settings, SignUpMode},
    keys::MasterKey,
    serve::serve,
    server::Server,
    tasks,
};

/// Seconds that running requests have to finish at shutdown.
const SHUTDOWN_TIMEOUT: u64 = 1;

/// The ports to listen on at 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// The port of the authorization server.
    pub writ: u16,
    /// The port of the app.
    pub shop: u16,
    /// The port of the API.
    pub talk: u16,
    /// The port of the mailbox.
    pub mailbox: u16,
}

impl Ports {
    /// Free ports, chosen by the operating system.
    pub fn any() -> Self {
        Self { writ: 0, shop: 0, talk: 0, mailbox: 0 }
    }
}

impl Default for Ports {
    fn default() -> Self {
        Self { writ: 8400, shop: 8401, talk: 8402, mailbox: 8403 }
    }
}

/// The base URLs of the servers, without a trailing slash.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The issuer.
    pub writ: String,
    /// The URL of the shop, where a visitor starts.
    pub shop: String,
    /// The URL of the API, which is also its audience.
    pub talk: String,
    /// The URL of the mailbox.
    pub mailbox: String,
}

/// The running servers. Dropping this value deletes their data.
pub struct Demonstration {
    addresses: Addresses,
    /// The task of Writ's server.
    writ: JoinHandle<io::Result<()>>,
    /// The handles of all servers.
    servers: [ServerHandle; 4],
    tasks: Vec<JoinHandle<()>>,
    data: TempDir,
}

/// Runs the demonstration until SIGINT (Ctrl-C) or SIGTERM, and deletes its data. `print` shows a
/// text to the user.
///
/// # Errors
/// An error if a port is in use, the data directory cannot be created, or `print` fails.
pub async fn run(ports: Ports, print: impl Fn(&dyn fmt::Display) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut demonstration = Demonstration::start(ports).await?;
    print(&demonstration)?;
    tokio::select! {
        ended = &mut demonstration.writ => ended??,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    demonstration.stop().await;
    print(&"The demonstration has ended.")
}

impl Demonstration {
    /// Starts the servers with a new database.
    ///
    /// # Errors
    /// An error if a port is in use, or the data directory cannot be created.
    pub async fn start(ports: Ports) -> anyhow::Result<Self> {
        let (writ_socket, writ) = bind(ports.writ)?;
        let (shop_socket, shop) = bind(ports.shop)?;
        let (talk_socket, talk) = bind(ports.talk)?;
        let (mailbox_socket, mailbox) = bind(ports.mailbox)?;
        let addresses = Addresses { writ, shop, talk, mailbox };
        let data = tempfile::Builder::new().prefix("writ-demo-").tempdir()?;

        let settings = settings(&addresses, &data)?;
        let server = Arc::new(Server::start(settings, MasterKey::random(), Clock::default()).await?);
        let seeded = seed::plant(&server, &addresses).await?;
        let tasks = tasks::start(&server);
        let writ = serve(server, writ_socket)?;
        let writ_handle = writ.handle();
        let writ = tokio::spawn(writ);

        let verifier = Verifier::discover(&addresses.writ, &addresses.talk)?;
        let talk = Talk::new(seeded.users).listen(talk_socket, verifier)?;
        let shop = Shop::open(shop::Settings {
            base_url: addresses.shop.clone(),
            issuer: addresses.writ.clone(),
            talk: addresses.talk.clone(),
            client_id: seed::SHOP.to_owned(),
            client_secret: seeded.shop_secret,
        });
        let shop = shop.await?.listen(shop_socket)?;
        let mailbox = Mailbox::new(mails(&data)).listen(mailbox_socket)?;
        let servers = [shop.handle(), talk.handle(), mailbox.handle(), writ_handle];
        tokio::spawn(mailbox);
        tokio::spawn(shop);
        tokio::spawn(talk);
        Ok(Self { addresses, writ, servers, tasks, data })
    }

    /// The URLs of the servers.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Stops the servers after a second for running requests, and deletes the data.
    pub async fn stop(self) {
        let [shop, talk, mailbox, writ] = &self.servers;
        tokio::join!(shop.stop(true), talk.stop(true), mailbox.stop(true), writ.stop(true));
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The default settings with these URLs, and all files in `data`.
fn settings(addresses: &Addresses, data: &TempDir) -> anyhow::Result<Settings> {
    let mut settings = Settings::default();
    settings.server.issuer = addresses.writ.parse()?;
    settings.server.shutdown_timeout = SHUTDOWN_TIMEOUT;
    settings.database.url = DatabaseUrl::Sqlite(data.path().join("writ.sqlite3"));
    settings.mail.url = Some(MailUrl::Folder(mails(data)));
    settings.mail.from = Some(Sender("Talk <no-reply@talk.example>".parse()?));
    settings.sign_up.mode = SignUpMode::Open;
    Ok(settings)
}

/// The folder of the mails.
fn mails(data: &TempDir) -> PathBuf {
    data.path().join("mails")
}

/// A loopback socket with its base URL.
fn bind(port: u16) -> anyhow::Result<(TcpListener, String)> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("port {port} on 127.0.0.1"))?;
    let url = format!("http://localhost:{}", socket.local_addr()?.port());
    Ok((socket, url))
}

/// The text printed at start: the URLs and the users.
impl fmt::Display for Demonstration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Addresses { writ, shop, talk, mailbox } = &self.addresses;
        writeln!(f)?;
        writeln!(f, "  Begin here, and press \"Log in with Talk\":")?;
        writeln!(f)?;
        writeln!(f, "    {shop}   Shop, an app that wants to use Talk in your name")?;
        writeln!(f)?;
        writeln!(f, "  Sign in as one of")?;
        writeln!(f)?;
        for DemoUser { username, password, name } in USERS {
            writeln!(f, "    {username}   password {password}   ({name})")?;
        }
        writeln!(f)?;
        writeln!(f, "  Or create an account there. Its mail, and every other one, is in the mailbox:")?;
        writeln!(f)?;
        writeln!(f, "    {mailbox}   what Writ sent, to whatever address")?;
        writeln!(f)?;
        writeln!(f, "  Then add a passkey, or forget the password. Paying in Shop asks for a second factor:")?;
        writeln!(f)?;
        writeln!(f, "    {writ}/account/passkeys/new")?;
        writeln!(f, "    {writ}/recover")?;
        writeln!(f)?;
        writeln!(f, "  The other two, which Shop knows through HTTP only:")?;
        writeln!(f)?;
        writeln!(f, "    {writ}   Writ, which signs you in and asks what Shop may do")?;
        writeln!(f, "    {talk}   Talk, the messenger's API, which checks Writ's tokens")?;
        writeln!(f)?;
        write!(f, "  Ctrl-C ends it and removes {}.", self.data.path().display())
    }
}
