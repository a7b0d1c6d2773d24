//! `writ resource create|list|show|delete`.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use writ::secret::Secret;
use writ::store::Store;
use writ::store::resources::{self, ResourceServer};

use super::input::{LocalizedText, by_language};
use super::output::OutputArgs;

#[derive(Debug, Subcommand)]
pub(super) enum ResourceCommand {
    /// Add a resource server.
    Create(CreateArgs),
    /// List every resource server.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a resource server.
    Show(ResourceArgs),
    /// Remove a resource server and its scopes.
    Delete(ResourceArgs),
}

#[derive(Debug, Args)]
pub(super) struct ResourceArgs {
    /// Its id.
    id: String,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// A short name, unique here; what it authenticates with at the introspection endpoint.
    id: String,
    /// The `aud` of its tokens: an absolute URI without fragment (RFC 8707).
    #[arg(long, value_name = "URI")]
    audience: String,
    /// What people call it, such as en=Talk; once a language.
    #[arg(long = "name", value_name = "LANG=TEXT", required = true)]
    names: Vec<LocalizedText>,
    /// Generate a secret for the introspection endpoint and show it once.
    #[arg(long)]
    secret: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Serialize)]
struct Resource {
    id: String,
    audience: String,
    names: BTreeMap<String, String>,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<ResourceServer> for Resource {
    fn from(server: ResourceServer) -> Self {
        Self {
            id: server.id,
            audience: server.audience,
            names: server.names,
            scopes: server.scopes.into_iter().map(|scope| scope.name).collect(),
            secret: None,
        }
    }
}

impl ResourceCommand {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        match self {
            Self::Create(arguments) => arguments.run(store).await,
            Self::List { output } => {
                let servers = store.read(resources::list).await?;
                let rows: Vec<Resource> = servers.into_iter().map(Resource::from).collect();
                output.list(&["id", "audience", "scopes"], &rows)
            }
            Self::Show(ResourceArgs { id, output }) => {
                let servers = store.read(resources::list).await?;
                let server = servers.into_iter().find(|server| server.id == id);
                output.item(&Resource::from(server.with_context(|| format!("there is no resource server {id}"))?))
            }
            Self::Delete(ResourceArgs { id, output }) => {
                let named = id.clone();
                let deleted = store.write(move |tx| resources::delete(tx, &named)).await?;
                ensure!(deleted, "there is no resource server {id}");
                output.done(&format!("Deleted resource server {id}."))
            }
        }
    }
}

impl CreateArgs {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let Self { id, audience, names, secret, output } = self;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        ensure!(
            (1..=64).contains(&id.len()) && id.bytes().all(plain),
            "a resource server's id has 1 to 64 of the characters A-Z a-z 0-9 - _ ."
        );
        let is_audience = url::Url::parse(&audience).is_ok_and(|url| url.fragment().is_none());
        ensure!(is_audience, "--audience is an absolute URI without fragment, such as https://api.example.com");
        let names = by_language("--name", names)?;
        let secret = secret.then(Secret::random);
        let hash = secret.as_ref().map(Secret::hash);
        let inserted = store
            .write({
                let (id, audience, names) = (id.clone(), audience.clone(), names.clone());
                move |tx| resources::insert(tx, &id, &audience, &names, hash)
            })
            .await;
        match inserted {
            Err(fault) if fault.is_unique_violation() => {
                Err(anyhow!("there is a resource server with the id {id} or the audience {audience} already"))
            }
            inserted => {
                inserted?;
                let secret = secret.as_ref().map(Secret::expose);
                output.item(&Resource { id, audience, names, scopes: Vec::new(), secret })
            }
        }
    }
}
