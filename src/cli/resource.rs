//! `writ resource create|update|list|show|rotate-secret|delete`.

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use writ::{
    administration::{
        self,
        resources::{information::ResourceInformation, version},
    },
    secret::Secret,
    store::{
        Store,
        resources::{self, ResourceServer},
        revision, usage,
    },
};
use writ_core::{
    SigningAlg,
    token::access_token::{AccessTokenTyp, TokenProfile},
    vocabulary::client_metadata::GroupsClaim,
};

use super::{
    administrator::{Administrator, ConfirmArgs, is_taken},
    input::{LocalizedText, by_language, texts},
    output::{self, OutputArgs},
    remote::{Remote, Request, names},
    scope::report_withdrawn,
    target::Target,
};

/// The members of the API with the format of access tokens.
const TOKEN_MEMBERS: [&str; 4] = ["token_typ", "token_alg", "token_lifetime", "token_groups"];

#[derive(Debug, Subcommand)]
pub(super) enum ResourceCommand {
    /// Add a resource server.
    Create(CreateArgs),
    /// Change the audience, names or token format of a resource server. Its scopes and secret are
    /// kept.
    Update(UpdateArgs),
    /// List all resource servers.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a resource server.
    Show(ResourceArgs),
    /// Generate a new secret for the introspection endpoint and show it once. The previous one is
    /// revoked.
    RotateSecret(ResourceArgs),
    /// Delete a resource server and its scopes, which are removed from the registrations of
    /// clients.
    Delete {
        #[command(flatten)]
        resource: ResourceArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct ResourceArgs {
    /// The id.
    id: String,
    #[command(flatten)]
    output: OutputArgs,
}

/// The format of the access tokens of a resource server. Unset values mean the server's defaults.
#[derive(Debug, Args)]
struct TokenArgs {
    /// The `typ` of its access tokens: at+jwt, or JWT for an API whose library refuses at+jwt.
    #[arg(long, value_name = "TYP")]
    token_typ: Option<AccessTokenTyp>,
    /// The algorithm that signs its access tokens: RS256, ES256 or EdDSA.
    #[arg(long, value_name = "ALG")]
    token_alg: Option<SigningAlg>,
    /// The lifetime of its access tokens. A client may be registered for a shorter one.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(1..=86_400))]
    token_lifetime: Option<i64>,
    /// Whether its access tokens contain `groups`, by names or ids, if the user allowed that scope.
    #[arg(long, value_name = "names|ids")]
    token_groups: Option<GroupsClaim>,
}

impl TokenArgs {
    /// The members of the API.
    fn members(&self) -> Map<String, Value> {
        let Self { token_typ, token_alg, token_lifetime, token_groups } = self;
        let members = [
            ("token_typ", token_typ.map(|typ| json!(typ.as_str()))),
            ("token_alg", token_alg.map(|alg| json!(alg))),
            ("token_lifetime", token_lifetime.map(|lifetime| json!(lifetime))),
            ("token_groups", token_groups.map(|groups| json!(groups))),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    fn is_empty(&self) -> bool {
        let Self { token_typ, token_alg, token_lifetime, token_groups } = self;
        token_typ.is_none() && token_alg.is_none() && token_lifetime.is_none() && token_groups.is_none()
    }

    fn apply(&self, tokens: &mut TokenProfile) {
        tokens.typ = self.token_typ.or(tokens.typ);
        tokens.alg = self.token_alg.or(tokens.alg);
        tokens.lifetime = self.token_lifetime.or(tokens.lifetime);
        tokens.groups = self.token_groups.or(tokens.groups);
    }
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// A short unique name, which is its username at the introspection endpoint.
    id: String,
    /// The `aud` of its tokens: an absolute URI without a fragment (RFC 8707).
    #[arg(long, value_name = "URI")]
    audience: String,
    /// The name for users, such as en=Talk. Once per language.
    #[arg(long = "name", value_name = "LANG=TEXT", required = true)]
    names: Vec<LocalizedText>,
    /// Generate a secret for the introspection endpoint and show it once.
    #[arg(long)]
    secret: bool,
    #[command(flatten)]
    tokens: TokenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// The id.
    id: String,
    /// The new `aud` of its tokens: an absolute URI without a fragment (RFC 8707).
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
    /// The name for users, such as en=Talk. Other languages are kept.
    #[arg(long = "name", value_name = "LANG=TEXT")]
    names: Vec<LocalizedText>,
    #[command(flatten)]
    tokens: TokenArgs,
    /// Reset the format of its access tokens to the server's defaults.
    #[arg(long, conflicts_with_all = ["token_typ", "token_alg", "token_lifetime", "token_groups"])]
    default_tokens: bool,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ResourceCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Create(arguments) => arguments.run(target).await,
            Self::Update(arguments) => arguments.run(target).await,
            Self::List { output } => {
                target
                    .list(
                        output,
                        &["id", "audience", "scopes"],
                        async |remote| remote.pages(Request::new("resource.list")).await,
                        async |administrator| {
                            let servers = administrator.store.read(resources::list).await?;
                            Ok(servers.into_iter().map(|server| ResourceInformation::new(server, None)).collect())
                        },
                    )
                    .await
            }
            Self::Show(ResourceArgs { id, output }) => {
                target
                    .item(
                        output,
                        async |remote| remote.send(Request::new("resource.show").on(&id)).await,
                        async |administrator| Ok(ResourceInformation::new(find(administrator.store, &id).await?, None)),
                    )
                    .await
            }
            Self::RotateSecret(ResourceArgs { id, output }) => {
                target
                    .item(
                        output,
                        async |remote| remote.send(Request::new("resource.rotate-secret").on(&id)).await,
                        async |administrator| rotate_secret(administrator, id.clone()).await,
                    )
                    .await
            }
            Self::Delete { resource: ResourceArgs { id, output }, confirm } => {
                target
                    .done(
                        output,
                        &format!("Deleted resource server {id}."),
                        async |remote| {
                            let request = Request::new("resource.delete").on(&id).confirmed_by(confirm);
                            let withdrawn = remote.send(request).await?;
                            report_withdrawn(&names(&withdrawn["withdrawn_from"]));
                            Ok(withdrawn)
                        },
                        async |administrator| delete(administrator, id.clone(), confirm).await,
                    )
                    .await
            }
        }
    }
}

async fn rotate_secret(administrator: &Administrator<'_>, id: String) -> anyhow::Result<ResourceInformation> {
    let server = find(administrator.store, &id).await?;
    let secret = Secret::random();
    let hash = secret.hash();
    administrator.change(move |tx, actor| administration::resources::rotate_secret(tx, actor, &id, hash)).await?;
    Ok(ResourceInformation::new(server, Some(&secret)))
}

async fn delete(administrator: &Administrator<'_>, id: String, confirm: ConfirmArgs) -> anyhow::Result<()> {
    let store = administrator.store;
    let scopes = find(store, &id).await?.scopes.into_iter().map(|scope| scope.name).collect();
    let usage = store.read(move |tx| usage::of_scopes(tx, &scopes)).await?;
    confirm.ask(&format!("Deleting resource server {id} takes scopes from"), usage)?;
    let named = id.clone();
    let withdrawn =
        administrator.change(move |tx, actor| administration::resources::delete(tx, actor, &named)).await??;
    report_withdrawn(&withdrawn.with_context(|| format!("there is no resource server {id}"))?);
    Ok(())
}

async fn find(store: &Store, id: &str) -> anyhow::Result<ResourceServer> {
    let servers = store.read(resources::list).await?;
    servers.into_iter().find(|server| server.id == id).with_context(|| format!("there is no resource server {id}"))
}

impl UpdateArgs {
    async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let Self { audience, names, tokens, default_tokens, output, .. } = &self;
        let changes = audience.is_some() || !names.is_empty() || !tokens.is_empty() || *default_tokens;
        ensure!(changes, "nothing to change: give --audience, --name or a --token option");
        match target {
            Target::Database(administrator) => output.item(&self.store(administrator).await?),
            Target::Server(remote) => output.item(&self.send(remote).await?),
        }
    }

    /// Changes the resource server at a server.
    async fn send(&self, remote: &Remote) -> anyhow::Result<Value> {
        let mut members = Map::new();
        if self.default_tokens {
            members.extend(TOKEN_MEMBERS.map(|name| (name.to_owned(), Value::Null)));
        }
        members.extend(self.tokens.members());
        members.extend(self.audience.as_ref().map(|audience| ("audience".to_owned(), json!(audience))));
        if !self.names.is_empty() {
            members.insert("names".to_owned(), json!(texts("--name", self.names.clone())?));
        }
        let request = Request::new("resource.update").on(&self.id).with(members);
        remote.send(request.confirmed_by(self.confirm)).await
    }

    /// Changes the resource server in the database.
    async fn store(&self, administrator: &Administrator<'_>) -> anyhow::Result<ResourceInformation> {
        let Self { id, audience, names, tokens, default_tokens, confirm, .. } = self;
        let store = administrator.store;
        let before = find(store, id).await?;
        let mut server = before.clone();
        server.audience = audience.clone().unwrap_or(server.audience);
        server.names.extend(texts("--name", names.clone())?);
        if *default_tokens {
            server.tokens = TokenProfile::default();
        }
        tokens.apply(&mut server.tokens);
        administration::resources::check(&server, &administrator.settings.server.issuer)?;
        if before.audience != server.audience {
            output::error_line(format_args!(
                "Every client: tokens are issued for {} from now on, and those for {} are not renewed.",
                server.audience, before.audience
            ));
            let scopes = server.scopes.iter().map(|scope| scope.name.as_str()).collect();
            let usage = store.read(move |tx| usage::of_scopes(tx, &scopes)).await?;
            confirm.ask("Its scopes are in", usage)?;
        }
        let updated = administrator
            .change({
                let after = server.clone();
                move |tx, actor| {
                    revision::lock(tx)?;
                    let stored = resources::list(tx)?.into_iter().find(|stored| stored.id == before.id);
                    if stored.is_none_or(|stored| version(&stored) != version(&before)) {
                        return Ok(None);
                    }
                    administration::resources::update(tx, actor, &before, &after).map(Some)
                }
            })
            .await;
        match updated {
            Err(error) if is_taken(&error) => {
                return Err(anyhow!("there is a resource server with the audience {} already", server.audience));
            }
            updated => updated?
                .context("another administrator has changed the resource server meanwhile: repeat the command")?,
        }
        Ok(ResourceInformation::new(server, None))
    }
}

impl CreateArgs {
    async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let Self { id, audience, names, secret, tokens: arguments, output } = self;
        let names = by_language("--name", names)?;
        target
            .item(
                output,
                async |remote| {
                    let mut body = arguments.members();
                    let chosen = [
                        ("id", json!(id)),
                        ("audience", json!(audience)),
                        ("names", json!(names)),
                        ("secret", json!(secret)),
                    ];
                    body.extend(chosen.map(|(name, value)| (name.to_owned(), value)));
                    remote.send(Request::new("resource.create").with(body)).await
                },
                async |administrator| {
                    let mut tokens = TokenProfile::default();
                    arguments.apply(&mut tokens);
                    let (id, audience, names) = (id.clone(), audience.clone(), names.clone());
                    let server = ResourceServer { id, audience, names, secret_hash: None, tokens, scopes: Vec::new() };
                    create(administrator, server, secret.then(Secret::random)).await
                },
            )
            .await
    }
}

async fn create(
    administrator: &Administrator<'_>,
    server: ResourceServer,
    secret: Option<Secret>,
) -> anyhow::Result<ResourceInformation> {
    administration::resources::check(&server, &administrator.settings.server.issuer)?;
    let hash = secret.as_ref().map(Secret::hash);
    let created = administrator
        .change({
            let server = server.clone();
            move |tx, actor| administration::resources::create(tx, actor, &server, hash)
        })
        .await;
    match created {
        Err(error) if is_taken(&error) => Err(anyhow!(
            "there is a resource server with the id {} or the audience {} already",
            server.id,
            server.audience
        )),
        created => {
            created?;
            Ok(ResourceInformation::new(server, secret.as_ref()))
        }
    }
}
