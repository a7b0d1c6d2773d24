//! `writ client create|list|show|approve|rotate-secret|set-logo|remove-logo|logout-deliveries|failures|delete`.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;
use writ::{clients::sector, config::Settings, fetch::Fetcher};
use writ_core::{
    ClientMetadata,
    vocabulary::{
        logo::{self, Logo},
        scope::OPENID_SCOPES,
    },
};

use writ::{
    fault::Fault,
    secret::Secret,
    store::{
        Store, Tx, client_failures, client_logos,
        clients::{self, Client, Origin},
        logout_deliveries, resources,
    },
};

use super::{
    failures,
    input::text_of,
    output::{self, OutputArgs},
};

/// How many deliveries are shown.
const DELIVERIES: i64 = 100;

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Register a client. A secret, unless it is public, is generated and shown once.
    Create(CreateArgs),
    /// List every client.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show what is registered of a client.
    Show(ClientArgs),
    /// Stand for a client that registered itself: people are no longer told that it is unverified, nor asked each time, and see
    /// its logo as it is now.
    Approve(ClientArgs),
    /// Generate a new secret and show it once; the one before stays good until the next rotation.
    RotateSecret(ClientArgs),
    /// Store the logo that pages show beside its name: a PNG, JPEG or WebP image of at most 64 KiB.
    SetLogo {
        /// Its `client_id`.
        client_id: String,
        /// The image.
        file: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Remove its logo: pages show the first letter of its name instead.
    RemoveLogo(ClientArgs),
    /// Show the last logouts it was told about, and how that went.
    LogoutDeliveries(ClientArgs),
    /// Show the last requests of it that were refused: when, why, what was expected and what actual.
    Failures(ClientArgs),
    /// Remove a client and every grant it holds.
    Delete(ClientArgs),
}

#[derive(Debug, Args)]
pub(super) struct ClientArgs {
    /// Its `client_id`.
    client_id: String,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// Answer with JSON; with FILE (`-` is standard input) also read the metadata from there, by RFC 7591's names.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    json: Option<Option<String>>,
    /// The name people read (client_name).
    #[arg(long)]
    name: Option<String>,
    /// Where answers may go (redirect_uris); may be given several times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// The scopes it may be granted, space-separated (scope).
    #[arg(long)]
    scope: Option<String>,
    /// The scopes it cannot work without, space-separated (required_scope).
    #[arg(long)]
    required_scope: Option<String>,
    /// A grant it may use (grant_types); may be given several times [default: authorization_code].
    #[arg(long = "grant-type", value_name = "GRANT")]
    grant_types: Vec<String>,
    /// It can keep no secret (token_endpoint_auth_method none).
    #[arg(long)]
    public: bool,
    /// It runs on a person's device (application_type native).
    #[arg(long)]
    native: bool,
    /// Its `client_id` [default: generated].
    #[arg(long)]
    id: Option<String>,
}

/// A client information response (RFC 7591 §3.2.1).
#[derive(Serialize)]
struct ClientInformation {
    client_id: String,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    origin: Origin,
    approved: bool,
    #[serde(flatten)]
    metadata: ClientMetadata,
}

impl ClientInformation {
    fn new(client: Client, secret: Option<&Secret>) -> Self {
        Self {
            client_id: client.id,
            client_id_issued_at: client.created_at,
            client_secret: secret.map(Secret::expose),
            // RFC 7591: 0 = it does not expire.
            client_secret_expires_at: secret.map(|_| 0),
            origin: client.origin,
            approved: client.approved,
            metadata: client.metadata,
        }
    }
}

impl ClientCommand {
    pub(super) async fn run(self, store: &Store, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Create(arguments) => arguments.run(store, settings).await,
            Self::List { output } => {
                let clients = store.read(clients::list).await?;
                let rows: Vec<_> = clients.into_iter().map(|client| ClientInformation::new(client, None)).collect();
                output.list(&["client_id", "client_name", "approved", "token_endpoint_auth_method", "scope"], &rows)
            }
            Self::Show(ClientArgs { client_id, output }) => {
                output.item(&ClientInformation::new(find(store, client_id).await?, None))
            }
            Self::Approve(ClientArgs { client_id, output }) => {
                let id = client_id.clone();
                let approved = store.write(move |tx| clients::set_approved(tx, &id, true)).await?;
                ensure!(approved, "there is no client {client_id}");
                let client = find(store, client_id).await?;
                if let Err(error) = take_logo(store, settings, &client).await {
                    output::error_line(format_args!(
                        "Approved without its logo, which `writ client set-logo` can store: {error:#}"
                    ));
                }
                output.item(&ClientInformation::new(client, None))
            }
            Self::RotateSecret(ClientArgs { client_id, output }) => {
                let client = find(store, client_id).await?;
                ensure!(client.metadata.has_secret(), "client {} is registered without a secret", client.id);
                let secret = Secret::random();
                let (id, hash) = (client.id.clone(), secret.hash());
                store.write(move |tx| clients::rotate_secret(tx, &id, hash)).await?;
                output.item(&ClientInformation::new(client, Some(&secret)))
            }
            Self::SetLogo { client_id, file, output } => {
                let image = read_bounded(&file, logo::MAX_BYTES + 1).with_context(|| file.display().to_string())?;
                let logo = Logo::parse(image).map_err(|error| anyhow!(error))?;
                let client = find(store, client_id).await?;
                let id = client.id.clone();
                store.write(move |tx| client_logos::save(tx, &id, &logo)).await?;
                output.done(&format!("Stored the logo of {}.", client.id))
            }
            Self::RemoveLogo(ClientArgs { client_id, output }) => {
                let client = find(store, client_id).await?;
                let id = client.id.clone();
                let removed = store.write(move |tx| client_logos::delete(tx, &id)).await?;
                ensure!(removed, "client {} has no logo", client.id);
                output.done(&format!("Removed the logo of {}.", client.id))
            }
            Self::LogoutDeliveries(ClientArgs { client_id, output }) => {
                let client = find(store, client_id).await?;
                let deliveries =
                    store.read(move |tx| logout_deliveries::list_of_client(tx, &client.id, DELIVERIES)).await?;
                let columns = ["created_at", "sid", "attempts", "last_outcome", "next_attempt_at", "delivered_at"];
                output.list(&columns, &deliveries)
            }
            Self::Failures(ClientArgs { client_id, output }) => {
                let client = find(store, client_id).await?;
                let failures = store.read(move |tx| client_failures::list_of_client(tx, &client.id)).await?;
                failures::print(output, failures)
            }
            Self::Delete(ClientArgs { client_id, output }) => {
                let id = client_id.clone();
                let deleted = store.write(move |tx| clients::delete(tx, &id)).await?;
                ensure!(deleted, "there is no client {client_id}");
                output.done(&format!("Deleted client {client_id}."))
            }
        }
    }
}

impl CreateArgs {
    async fn run(self, store: &Store, settings: &Settings) -> anyhow::Result<()> {
        let output = OutputArgs { json: self.json.is_some() };
        let id = self.id.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
        let is_client_id = (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        ensure!(is_client_id, "a client_id has 1 to 100 printable ASCII characters and no space");
        let metadata = self.metadata()?;
        metadata.check().map_err(|error| anyhow!(error))?;
        sector::check(&Fetcher::new(&settings.outgoing)?, &metadata).await.map_err(|error| anyhow!(error))?;
        let secret = metadata.has_secret().then(Secret::random);
        let hash = secret.as_ref().map(Secret::hash);
        let inserted = store
            .write({
                let (id, metadata) = (id.clone(), metadata.clone());
                move |tx| {
                    if let Some(scope) = unknown_scope(tx, &metadata)? {
                        return Ok(Err(anyhow!("there is no scope {scope}: see `writ scope list`")));
                    }
                    clients::insert(tx, &id, &metadata, hash)?;
                    Ok(Ok(tx.now))
                }
            })
            .await;
        let created_at = match inserted {
            Err(fault) if fault.is_unique_violation() => return Err(anyhow!("there is a client {id} already")),
            inserted => inserted??,
        };
        let origin = Origin::Administrator;
        let client = Client { id, metadata, secret_hashes: Vec::new(), created_at, origin, approved: true };
        output.item(&ClientInformation::new(client, secret.as_ref()))
    }

    fn metadata(self) -> anyhow::Result<ClientMetadata> {
        if let Some(Some(file)) = self.json {
            let has_options = self.name.is_some()
                || self.scope.is_some()
                || self.required_scope.is_some()
                || self.public
                || self.native
                || !self.redirect_uris.is_empty()
                || !self.grant_types.is_empty();
            ensure!(!has_options, "the metadata comes from --json {file}: put the other options in there");
            return serde_json::from_str(&text_of(&file)?).context("client metadata");
        }
        let mut members = Map::new();
        let mut member = |name: &str, value: Option<Value>| {
            value.map(|value| members.insert(name.to_owned(), value));
        };
        member("client_name", self.name.map(Value::from));
        member("redirect_uris", Some(self.redirect_uris.into()));
        member("scope", self.scope.map(Value::from));
        member("required_scope", self.required_scope.map(Value::from));
        member("grant_types", (!self.grant_types.is_empty()).then(|| self.grant_types.into()));
        member("token_endpoint_auth_method", self.public.then(|| "none".into()));
        member("application_type", self.native.then(|| "native".into()));
        serde_json::from_value(members.into()).context("client metadata")
    }
}

/// Keeps the picture that a client published, so that no page ever has a browser ask for it elsewhere.
async fn take_logo(store: &Store, settings: &Settings, client: &Client) -> anyhow::Result<()> {
    let Some(uri) = &client.metadata.logo_uri else { return Ok(()) };
    let document = Fetcher::new(&settings.outgoing)?.get(uri.as_str()).await.context("logo_uri")?;
    let logo = Logo::parse(document.body).map_err(|error| anyhow!("logo_uri: {error}"))?;
    let id = client.id.clone();
    store.write(move |tx| client_logos::save(tx, &id, &logo)).await?;
    Ok(())
}

/// The first `most` bytes of a file.
fn read_bounded(file: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    std::fs::File::open(file)?.take(most as u64).read_to_end(&mut content)?;
    Ok(content)
}

async fn find(store: &Store, client_id: String) -> anyhow::Result<Client> {
    let id = client_id.clone();
    let client = store.read(move |tx| clients::find(tx, &id)).await?;
    client.with_context(|| format!("there is no client {client_id}"))
}

/// A scope in the metadata that nobody has defined.
fn unknown_scope(tx: &mut Tx<'_>, metadata: &ClientMetadata) -> Result<Option<String>, Fault> {
    let servers = resources::list(tx)?;
    let known = |name: &str| {
        OPENID_SCOPES.contains(&name)
            || servers.iter().flat_map(|server| &server.scopes).any(|scope| scope.name == name)
    };
    Ok(metadata.scope.iter().find(|name| !known(name)).map(str::to_owned))
}
