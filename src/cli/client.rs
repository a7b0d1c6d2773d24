//! `writ client`: registers and manages clients.

mod create;
mod metadata;
mod recipe;
mod state;
mod update;

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use writ::{
    administration::{
        self,
        clients::information::{ClientInformation, metadata_digest},
    },
    clients::registration_policy,
    fetch::Fetcher,
};
use writ_core::{
    ClientMetadata,
    clients::look_alike::{self, LookAlike},
    vocabulary::logo::{self, Logo},
};

use writ::{
    secret::Secret,
    store::{
        Store, client_failures,
        clients::{self, Client},
        groups, logout_deliveries, resources, usage,
    },
};

use self::{create::CreateArgs, update::UpdateArgs};
use super::{
    administrator::{Administrator, ConfirmArgs},
    failures,
    output::{self, OutputArgs},
    preview::PreviewArgs,
    remote::Request,
    target::Target,
};

/// Maximum number of deliveries to show.
const DELIVERIES: i64 = 100;

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Register a client. If it is confidential, a secret is generated and shown once.
    Create(CreateArgs),
    /// Change some metadata of a client and keep the rest. Grants and approval are kept.
    Update(UpdateArgs),
    /// List all clients.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show the metadata of a client, with the digest for `approve`.
    Show(ClientArgs),
    /// Mark a self-registered client as verified: consent pages drop the warning, remember consent
    /// and show its logo.
    Approve {
        /// The `client_id`.
        client_id: String,
        /// Approve only the metadata that `writ client show` printed with this digest.
        #[arg(long)]
        digest: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Generate a new secret and show it once. The previous one is valid until the next rotation.
    RotateSecret(ClientArgs),
    /// Store the logo for the pages: a PNG, JPEG or WebP image of at most 64 KiB.
    SetLogo {
        /// The `client_id`.
        client_id: String,
        /// The image file.
        file: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Remove the logo. Pages show the first letter of the name instead.
    RemoveLogo(ClientArgs),
    /// Show the latest back-channel logouts to a client, with their results.
    LogoutDeliveries(ClientArgs),
    /// Write the consent page in every language, and check the descriptions of the scopes.
    Preview {
        /// The `client_id`.
        client_id: String,
        /// The requested scopes, space-separated [default: all registered ones].
        #[arg(long)]
        scope: Option<String>,
        #[command(flatten)]
        preview: PreviewArgs,
    },
    /// Show the latest refused requests of a client: when, why, the expected and the actual value.
    Failures(ClientArgs),
    /// Disable a client: it gets no codes and no tokens, and those that it has are not active. Its
    /// registration and its grants stay.
    Disable {
        #[command(flatten)]
        client: ClientArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Enable a disabled client.
    Enable(ClientArgs),
    /// Disconnect all users: what they allowed the client and its grants end.
    DisconnectUsers {
        #[command(flatten)]
        client: ClientArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Delete a client and all of its grants.
    Delete {
        #[command(flatten)]
        client: ClientArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct ClientArgs {
    /// The `client_id`.
    client_id: String,
    #[command(flatten)]
    output: OutputArgs,
}

/// Warns if codes of the client may be bound to no browser
/// ([RFC 9700 §2.1.1](https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1)).
fn warn_of_unbound_codes(metadata: &ClientMetadata) {
    if metadata.may_omit_binding() {
        output::error_line(
            "Warning: this client may send authorization requests with neither PKCE nor a nonce. \
             A code of another user could then be injected into it.",
        );
    } else if metadata.require_pkce == Some(false) {
        output::error_line("Warning: this client may send authorization requests without PKCE.");
    }
}

impl ClientCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Create(arguments) => arguments.run(target).await,
            Self::Update(arguments) => arguments.run(target).await,
            Self::List { output } => {
                target
                    .list(
                        output,
                        &["client_id", "client_name", "approved", "disabled_at", "token_endpoint_auth_method", "scope"],
                        async |remote| remote.pages(Request::new("client.list")).await,
                        async |administrator| list(administrator.store).await,
                    )
                    .await
            }
            Self::Show(ClientArgs { client_id, output }) => {
                target
                    .item(
                        output,
                        async |remote| remote.send(Request::new("client.show").on(&client_id)).await,
                        async |administrator| {
                            let client = find(administrator.store, client_id.clone()).await?;
                            warn_of_unbound_codes(&client.metadata);
                            describe(administrator.store, client, None).await
                        },
                    )
                    .await
            }
            Self::Approve { client_id, digest, output } => {
                target
                    .item(
                        output,
                        async |remote| {
                            ensure!(
                                digest.is_none(),
                                "--digest needs the database: the server compares versions itself"
                            );
                            remote.send(Request::new("client.approve").on(&client_id)).await
                        },
                        async |administrator| approve(administrator, client_id.clone(), digest.clone()).await,
                    )
                    .await
            }
            Self::RotateSecret(ClientArgs { client_id, output }) => {
                target
                    .item(
                        output,
                        async |remote| remote.send(Request::new("client.rotate-secret").on(&client_id)).await,
                        async |administrator| rotate_secret(administrator, client_id.clone()).await,
                    )
                    .await
            }
            Self::Disable { client, confirm } => state::disable(target, client, confirm).await,
            Self::Enable(client) => state::enable(target, client).await,
            Self::DisconnectUsers { client, confirm } => state::disconnect_users(target, client, confirm).await,
            Self::Delete { client: ClientArgs { client_id, output }, confirm } => {
                target
                    .done(
                        output,
                        &format!("Deleted client {client_id}."),
                        async |remote| {
                            remote.send(Request::new("client.delete").on(&client_id).confirmed_by(confirm)).await
                        },
                        async |administrator| delete(administrator, client_id.clone(), confirm).await,
                    )
                    .await
            }
            local => local.run_locally(target.database()?).await,
        }
    }

    /// Runs what reads or writes files of the operator.
    async fn run_locally(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let store = administrator.store;
        match self {
            Self::SetLogo { client_id, file, output } => {
                let image = read_bounded(&file, logo::MAX_BYTES + 1).with_context(|| file.display().to_string())?;
                let logo = Logo::parse(image).map_err(|error| anyhow!(error))?;
                let client = find(store, client_id).await?;
                let id = client.id.clone();
                administrator.change(move |tx, actor| administration::clients::set_logo(tx, actor, &id, &logo)).await?;
                output.done(&format!("Stored the logo of {}.", client.id))
            }
            Self::RemoveLogo(ClientArgs { client_id, output }) => {
                let client = find(store, client_id).await?;
                let id = client.id.clone();
                let removed =
                    administrator.change(move |tx, actor| administration::clients::remove_logo(tx, actor, &id)).await?;
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
            Self::Preview { client_id, scope, preview } => {
                let client = find(store, client_id).await?;
                let requested = scope.map(|scope| scope.split_whitespace().collect());
                preview.run(administrator.settings, client, requested).await
            }
            Self::Failures(ClientArgs { client_id, output }) => {
                let client = find(store, client_id).await?;
                let failures = store.read(move |tx| client_failures::list_of_client(tx, &client.id)).await?;
                failures::print(output, failures)
            }
            _ => Ok(()),
        }
    }
}

async fn list(store: &Store) -> anyhow::Result<Vec<ClientInformation>> {
    let (clients, groups) = store.read(|tx| Ok((clients::list(tx)?, groups::list(tx)?))).await?;
    let row = |client| ClientInformation::new(client, None).with_groups(&groups);
    Ok(clients.into_iter().map(row).collect())
}

/// The client with the names of its groups. A `secret` was generated for it just now.
async fn describe(store: &Store, client: Client, secret: Option<&Secret>) -> anyhow::Result<ClientInformation> {
    Ok(ClientInformation::new(client, secret).with_groups(&store.read(groups::list).await?))
}

async fn rotate_secret(administrator: &Administrator<'_>, client_id: String) -> anyhow::Result<ClientInformation> {
    let client = find(administrator.store, client_id).await?;
    let secret = Secret::random();
    let (seen, hash) = (client.clone(), secret.hash());
    administrator.change(move |tx, actor| administration::clients::rotate_secret(tx, actor, &seen, hash)).await??;
    describe(administrator.store, client, Some(&secret)).await
}

async fn delete(administrator: &Administrator<'_>, client_id: String, confirm: ConfirmArgs) -> anyhow::Result<()> {
    let store = administrator.store;
    let client = find(store, client_id).await?;
    ask(store, confirm, &format!("Deleting client {} ends", client.id), &client).await?;
    let id = client.id.clone();
    let deleted = administrator.change(move |tx, actor| administration::clients::delete(tx, actor, &id)).await??;
    ensure!(deleted, "there is no client {}", client.id);
    Ok(())
}

/// Approves the current metadata, or only the metadata with the digest that the operator has
/// `seen`.
async fn approve(
    administrator: &Administrator<'_>,
    client_id: String,
    seen: Option<String>,
) -> anyhow::Result<ClientInformation> {
    let client = find(administrator.store, client_id).await?;
    let changed = || format!("client {} has changed: check it with `writ client show` first", client.id);
    ensure!(seen.is_none_or(|seen| seen == metadata_digest(&client.metadata)), changed());
    if let Some(LookAlike { own, resembles, host, .. }) = find_look_alike(administrator, &client).await? {
        let host = host.map(|host| format!(" ({host})")).unwrap_or_default();
        output::error_line(format_args!("Warning: users could take {own} for {resembles}{host}."));
    }
    let approved = administrator
        .change({
            let client = client.clone();
            move |tx, actor| administration::clients::approve(tx, actor, &client)
        })
        .await?;
    ensure!(approved, changed());
    if let Err(error) = take_logo(administrator, &client).await {
        output::error_line(format_args!(
            "Approved without its logo, which `writ client set-logo` can store: {error:#}"
        ));
    }
    describe(administrator.store, Client { approved: true, ..client }, None).await
}

/// What users could mistake the client for.
async fn find_look_alike(
    Administrator { store, settings, .. }: &Administrator<'_>,
    client: &Client,
) -> anyhow::Result<Option<LookAlike>> {
    let (servers, approved) = store.read(|tx| Ok((resources::list(tx)?, clients::list_approved(tx)?))).await?;
    let trusted = registration_policy::trusted(settings, &servers, &approved);
    let others = trusted.iter().filter(|other| other.client_id.as_deref() != Some(&client.id));
    Ok(look_alike::find(&client.metadata, others))
}

/// Fetches and stores the client's logo, because pages only show logos from this server.
async fn take_logo(administrator: &Administrator<'_>, client: &Client) -> anyhow::Result<()> {
    let fetcher = Fetcher::new(&administrator.settings.outgoing)?;
    let Some(logo) =
        administration::clients::logo::fetch(&fetcher, &client.metadata).await.map_err(|reason| anyhow!(reason))?
    else {
        return Ok(());
    };
    let id = client.id.clone();
    administrator.change(move |tx, actor| administration::clients::set_logo(tx, actor, &id, &logo)).await
}

/// The first `most` bytes of a file.
fn read_bounded(file: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    std::fs::File::open(file)?.take(most as u64).read_to_end(&mut content)?;
    Ok(content)
}

/// Asks, if live grants of the client end. `change` is the start of a sentence.
async fn ask(store: &Store, confirm: ConfirmArgs, change: &str, client: &Client) -> anyhow::Result<()> {
    let id = client.id.clone();
    confirm.ask(change, store.read(move |tx| usage::of_client(tx, &id)).await?)
}

async fn find(store: &Store, client_id: String) -> anyhow::Result<Client> {
    let id = client_id.clone();
    let client = store.read(move |tx| clients::find(tx, &id)).await?;
    client.with_context(|| format!("there is no client {client_id}"))
}
