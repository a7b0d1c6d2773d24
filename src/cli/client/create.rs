//! `writ client create`.

use anyhow::{anyhow, ensure};
use clap::Args;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use writ::{
    administration::{
        self,
        clients::{
            information::ClientInformation,
            registration::{self, GRANT_TYPES},
        },
    },
    fetch::Fetcher,
    secret::Secret,
    store::clients::{Client, Origin},
};

use super::{describe, metadata::MetadataArgs, recipe::Recipe, warn_of_unbound_codes};
use crate::cli::{
    administrator::{Administrator, is_taken},
    group::find_ids,
    output::{self, OutputArgs},
    remote::{Remote, Request},
    target::Target,
};

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    metadata: MetadataArgs,
    /// Do not add the refresh_token grant, which is the default.
    #[arg(long)]
    no_refresh_token: bool,
    /// Register a known product, such as grafana, and print its settings. Other options override
    /// them.
    #[arg(long = "for", value_name = "PRODUCT")]
    product: Option<String>,
    /// The URL of that product, such as https://grafana.example.
    #[arg(long, requires = "product")]
    url: Option<String>,
    /// The `client_id` [default: generated].
    #[arg(long)]
    id: Option<String>,
    /// Open the client only to members of these groups, comma-separated.
    #[arg(long, value_name = "GROUP,...", value_delimiter = ',')]
    groups: Vec<String>,
}

/// What is to be registered.
struct Draft {
    id: String,
    members: Map<String, Value>,
    groups: Vec<String>,
}

impl CreateArgs {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let output = OutputArgs { json: self.metadata.prints_json() };
        self.id.as_deref().map(registration::check_client_id).transpose()?;
        let id = self.id.unwrap_or_else(|| Uuid::new_v4().to_string());
        let recipe = self.product.as_deref().map(Recipe::find).transpose()?;
        let mut members =
            recipe.as_ref().map(|recipe| recipe.members(self.url.as_deref())).transpose()?.unwrap_or_default();
        members.extend(self.metadata.members()?);
        if self.no_refresh_token {
            members.entry("grant_types").or_insert_with(|| json!(GRANT_TYPES[..1]));
        }
        let draft = Draft { id, members, groups: self.groups };
        let (created, issuer) = match target {
            Target::Database(administrator) => {
                let created = serde_json::to_value(draft.store(administrator).await?)?;
                (created, &administrator.settings.server.issuer)
            }
            Target::Server(remote) => (draft.send(remote).await?, &remote.issuer),
        };
        output.item(&created)?;
        match recipe {
            Some(recipe) if !output.json => {
                let text = |member: &str| created[member].as_str().unwrap_or_default();
                let (id, secret) = (text("client_id"), text("client_secret"));
                let settings = recipe.settings(self.url.as_deref(), issuer.as_str(), id, secret);
                output::line(format_args!("\n{settings}"))
            }
            _ => Ok(()),
        }
    }
}

impl Draft {
    /// Registers the client at a server.
    async fn send(self, remote: &Remote) -> anyhow::Result<Value> {
        ensure!(self.groups.is_empty(), "--groups needs the database: run the command there, without --server");
        let Self { id, mut members, .. } = self;
        members.insert("client_id".to_owned(), id.into());
        remote.send(Request::new("client.create").with(members)).await
    }

    /// Registers the client in the database.
    async fn store(self, administrator: &Administrator<'_>) -> anyhow::Result<ClientInformation> {
        let Self { id, members, groups } = self;
        let settings = administrator.settings;
        let metadata = registration::create(members, settings, &Fetcher::new(&settings.outgoing)?).await?;
        let named = find_ids(administrator.store, &groups).await?;
        let open_to = (!named.is_empty()).then_some(named);
        let secret = metadata.has_secret().then(Secret::random);
        let hash = secret.as_ref().map(Secret::hash);
        let created = administrator
            .change({
                let (id, metadata, open_to) = (id.clone(), metadata.clone(), open_to.clone());
                move |tx, actor| {
                    let created = administration::clients::create(tx, actor, &id, &metadata, hash)?;
                    if open_to.is_some() && created.is_ok() {
                        administration::clients::set_groups(tx, actor, &id, open_to.as_ref())?;
                    }
                    Ok(created.map(|()| tx.now))
                }
            })
            .await;
        let created_at = match created {
            Err(error) if is_taken(&error) => return Err(anyhow!("there is a client {id} already")),
            created => created??,
        };
        warn_of_unbound_codes(&metadata);
        let client = Client {
            id,
            metadata,
            secret_hashes: Vec::new(),
            created_at,
            origin: Origin::Administrator,
            approved: true,
            open_to,
            acr: None,
            disabled_at: None,
        };
        describe(administrator.store, client, secret.as_ref()).await
    }
}
