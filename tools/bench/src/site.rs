//! The measured installation: a database, the `writ` binary, and the registered user, clients and
//! API.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    browser::Browser,
    child::{self, Postmaster, Server},
    http::{Connection, basic, form},
    operation::{App, Operation, member},
    passkey::Passkey,
};

const USERNAME: &str = "ada";
/// The user of the measured sign-ins. A user has a bounded number of sessions, so those of another
/// would end the session of the code flows.
const VISITOR: &str = "grace";
const PASSWORD: &str = "correct horse battery staple";
const AUDIENCE: &str = "https://api.example";
const SCOPE: &str = "bench:read";
/// The number of clients that the user connected. Each flow adds a grant, and the number of grants
/// of a user to one client is bounded.
const APPS: usize = 256;

/// The measured binary and its database.
pub(crate) struct Site {
    writ: PathBuf,
    directory: PathBuf,
    database_url: String,
    address: std::net::SocketAddr,
    /// The server runs on the first processor only.
    on_one_cpu: bool,
}

/// What is registered, and the URLs of the endpoints.
pub(crate) struct Registered {
    app: App,
    apps: Arc<[App]>,
    passkey: Option<Passkey>,
    machine: Vec<(&'static str, String)>,
    resource: String,
    endpoints: Endpoints,
}

struct Endpoints {
    jwks: String,
    token: String,
    introspection: String,
    userinfo: String,
    pushed_authorization: String,
}

impl Site {
    /// An installation in `directory`, which exists and is empty.
    pub(crate) fn new(writ: &Path, directory: &Path, database_url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            writ: writ.to_owned(),
            directory: directory.to_owned(),
            database_url: database_url.to_owned(),
            address: child::free_address()?,
            on_one_cpu: false,
        })
    }

    /// The same, with a server that runs on the first processor only.
    pub(crate) fn on_one_cpu(self) -> Self {
        Self { on_one_cpu: true, ..self }
    }

    /// The database's URL for another process.
    pub(crate) fn database(&self) -> String {
        match self.database_url.strip_prefix("sqlite:") {
            Some(path) => format!("sqlite:{}", self.directory.join(path).display()),
            None => self.database_url.clone(),
        }
    }

    /// The issuer. It has a host name, without which there are no passkeys.
    fn issuer(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    fn command(&self) -> Command {
        let mut command = if self.on_one_cpu { Command::new("taskset") } else { Command::new(&self.writ) };
        if self.on_one_cpu {
            command.args(["--cpu-list", "0"]).arg(&self.writ);
        }
        command
            .current_dir(&self.directory)
            .env("WRIT__SERVER__ISSUER", self.issuer())
            .env("WRIT__SERVER__LISTEN", self.address.to_string())
            .env("WRIT__DATABASE__URL", &self.database_url)
            .env("WRIT__SERVER__MAX_CONNECTIONS_PER_NETWORK", "4096")
            .env("WRIT__THROTTLE__NETWORK_ATTEMPTS", "1000000")
            .env("WRIT__THROTTLE__ACCOUNT_ATTEMPTS", "1000000")
            .env("WRIT_CREATE", "true")
            .env("WRIT__LOG__FILTER", "warn");
        command
    }

    /// Starts the server.
    pub(crate) async fn start(&self) -> anyhow::Result<Server> {
        let mut command = self.command();
        command.arg("serve");
        let mut server = Server::start(command, self.address, "/readyz").await?;
        if !self.database_url.starts_with("sqlite:") {
            server.postmaster = Some(Postmaster::of(&self.database_url).await?);
        }
        Ok(server)
    }

    async fn run(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        child::run(self.command(), arguments, input).await
    }

    async fn client(&self, metadata: Value) -> anyhow::Result<Value> {
        let answer = self.run(&["client", "create", "--json", "-"], &metadata.to_string()).await?;
        Ok(serde_json::from_str(&answer)?)
    }

    async fn app(&self, authorization: &str, token: &str) -> anyhow::Result<App> {
        let redirect_uri = "https://app.example/callback";
        let scope = format!("openid profile offline_access {SCOPE}");
        let client = self.client(json!({
            "client_name": "App",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [redirect_uri],
            "scope": scope,
            "rotate_refresh_tokens": true,
            "access_token_signed_response_alg": "ES256",
            "id_token_signed_response_alg": "ES256",
        }));
        let client = client.await?;
        Ok(App {
            authorization: authorization.to_owned(),
            token: token.to_owned(),
            client_id: member(&client, "client_id")?,
            client_secret: member(&client, "client_secret")?,
            redirect_uri: redirect_uri.to_owned(),
            scope,
            browser: Browser::default(),
        })
    }

    /// Registers users, a resource server and the clients on the command line, then signs the users
    /// in and consents over HTTP.
    pub(crate) async fn register(&self, server: &Server) -> anyhow::Result<Registered> {
        for username in [USERNAME, VISITOR] {
            self.run(&["user", "create", username, "--password-stdin"], PASSWORD).await?;
        }
        let resource =
            ["resource", "create", "bench", "--audience", AUDIENCE, "--name", "en=Bench", "--secret", "--json"];
        let resource: Value = serde_json::from_str(&self.run(&resource, "").await?)?;
        let scope =
            ["scope", "create", SCOPE, "--resource", "bench", "--sentence", "en=Read", "--consequence", "en=It reads"];
        self.run(&scope, "").await?;

        let mut machine = Vec::new();
        for alg in ["ES256", "RS256", "EdDSA"] {
            let client = self.client(json!({
                "client_name": alg,
                "grant_types": ["client_credentials"],
                "scope": SCOPE,
                "access_token_signed_response_alg": alg,
            }));
            let client = client.await?;
            machine.push((alg, basic(&member(&client, "client_id")?, &member(&client, "client_secret")?)));
        }
        let mut connection = Connection::open(server.address).await?;
        let metadata = metadata_with_scope(&mut connection).await?;
        let endpoint = |name: &str| -> anyhow::Result<String> {
            Ok(url::Url::parse(&member(&metadata, name)?)?.path().to_owned())
        };
        let endpoints = Endpoints {
            jwks: endpoint("jwks_uri")?,
            token: endpoint("token_endpoint")?,
            introspection: endpoint("introspection_endpoint")?,
            userinfo: endpoint("userinfo_endpoint")?,
            pushed_authorization: endpoint("pushed_authorization_request_endpoint")?,
        };
        let authorization = endpoint("authorization_endpoint")?;
        let mut apps = Vec::new();
        for _ in 0..=APPS {
            apps.push(self.app(&authorization, &endpoints.token).await?);
        }
        // The server has closed the idle one.
        let mut connection = Connection::open(server.address).await?;
        let mut browser = apps[0].sign_in(&mut connection, USERNAME, PASSWORD).await?;
        let mut visitor = apps[0].sign_in(&mut connection, VISITOR, PASSWORD).await?;
        let passkey = Passkey::register(self.issuer(), &mut visitor, &mut connection).await?;
        for app in &apps {
            consent(&mut browser, app, &mut connection).await?;
        }
        for app in &mut apps {
            app.browser = browser.clone();
        }
        let app = apps.remove(0);
        app.tokens(&mut connection).await.context("a code flow with remembered consent")?;
        let resource = basic(&member(&resource, "id")?, &member(&resource, "secret")?);
        Ok(Registered { app, apps: apps.into(), passkey, machine, resource, endpoints })
    }
}

/// The metadata document, once the server has loaded the new scope.
async fn metadata_with_scope(connection: &mut Connection) -> anyhow::Result<Value> {
    for _ in 0..100 {
        let metadata = connection.get("/.well-known/openid-configuration", "").await?.expect(200)?.json()?;
        if metadata["scopes_supported"].as_array().is_some_and(|scopes| scopes.contains(&SCOPE.into())) {
            return Ok(metadata);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the server does not notice the scope {SCOPE}")
}

async fn consent(browser: &mut Browser, app: &App, connection: &mut Connection) -> anyhow::Result<()> {
    let page = browser.visit(connection, &app.authorization_target()).await.context("the consent page")?;
    let boxes = page.boxes("scope");
    let (name, value) = page.button("approve").context("no button `approve`")?;
    let mut fields: Vec<(&str, &str)> = boxes.iter().map(|scope| ("scope", scope.as_str())).collect();
    fields.push((&name, &value));
    let decided = browser.submit(connection, &page, &fields).await?;
    ensure!(decided.status < 400, "not allowed: {}", decided.text());
    Ok(())
}

impl Registered {
    pub(crate) fn jwks(&self) -> Operation {
        Operation::Get { target: self.endpoints.jwks.clone(), headers: String::new() }
    }

    /// Each algorithm and a client whose access tokens are signed with it.
    pub(crate) fn client_credentials(&self) -> impl Iterator<Item = (&'static str, Operation)> {
        self.machine.iter().map(|(alg, headers)| {
            let form = form(&[("grant_type", "client_credentials"), ("scope", SCOPE)]);
            (*alg, Operation::Post { target: self.endpoints.token.clone(), headers: headers.clone(), form })
        })
    }

    pub(crate) fn code_flow(&self) -> Operation {
        Operation::CodeFlow { apps: Arc::clone(&self.apps), next: Arc::default() }
    }

    /// All grants go to one client, so the oldest are deleted.
    pub(crate) fn code_flow_at_the_bound(&self) -> Operation {
        Operation::CodeFlow { apps: self.apps[..1].into(), next: Arc::default() }
    }

    pub(crate) fn push(&self) -> Operation {
        Operation::Push { app: self.app.clone(), target: self.endpoints.pushed_authorization.clone() }
    }

    pub(crate) fn sign_in(&self) -> Operation {
        Operation::SignIn { app: self.app.clone(), username: VISITOR.to_owned(), password: PASSWORD.to_owned() }
    }

    pub(crate) fn passkey_sign_in(&self) -> Option<Operation> {
        Some(Operation::PasskeySignIn { app: self.app.clone(), passkey: self.passkey.clone()? })
    }

    /// One for each connection, as each holds a refresh token of its own.
    pub(crate) async fn refresh(&self, server: &Server, connections: usize) -> anyhow::Result<Vec<Operation>> {
        let mut connection = Connection::open(server.address).await?;
        let mut operations = Vec::new();
        for _ in 0..connections {
            let tokens = self.app.tokens(&mut connection).await?;
            let refresh_token = member(&tokens, "refresh_token")?;
            operations.push(Operation::Refresh { app: self.app.clone(), refresh_token });
        }
        Ok(operations)
    }

    /// The resource server introspects an access token of a grant.
    pub(crate) async fn introspection(&self, server: &Server) -> anyhow::Result<Operation> {
        let token = self.access_token(server, self.app.clone()).await?;
        let target = self.endpoints.introspection.clone();
        let form = form(&[("token", &token)]);
        let mut connection = Connection::open(server.address).await?;
        let answer = connection.post(&target, &self.resource, &form).await?.expect(200)?.json()?;
        anyhow::ensure!(answer["active"] == true, "the token to introspect is {answer}");
        Ok(Operation::Post { target, headers: self.resource.clone(), form })
    }

    pub(crate) async fn userinfo(&self, server: &Server) -> anyhow::Result<Operation> {
        let app = App { scope: "openid profile".to_owned(), ..self.app.clone() };
        let token = self.access_token(server, app).await?;
        let headers = format!("authorization: Bearer {token}\r\n");
        Ok(Operation::Get { target: self.endpoints.userinfo.clone(), headers })
    }

    async fn access_token(&self, server: &Server, app: App) -> anyhow::Result<String> {
        let mut connection = Connection::open(server.address).await?;
        member(&app.tokens(&mut connection).await?, "access_token")
    }
}
