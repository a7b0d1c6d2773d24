//! `writ resource create|update|list|show|rotate-secret|delete`.

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use writ::{
    administration::{self, resources::information::ResourceInformation},
    secret::Secret,
    store::{
        Store,
        resources::{self, ResourceServer},
        usage,
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
    scope::report_withdrawn,
};

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
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let store = administrator.store;
        match self {
            Self::Create(arguments) => arguments.run(administrator).await,
            Self::Update(arguments) => arguments.run(administrator).await,
            Self::List { output } => {
                let servers = store.read(resources::list).await?;
                let rows: Vec<_> = servers.into_iter().map(|server| ResourceInformation::new(server, None)).collect();
                output.list(&["id", "audience", "scopes"], &rows)
            }
            Self::Show(ResourceArgs { id, output }) => {
                output.item(&ResourceInformation::new(find(store, &id).await?, None))
            }
            Self::RotateSecret(ResourceArgs { id, output }) => {
                let server = find(store, &id).await?;
                let secret = Secret::random();
                let hash = secret.hash();
                administrator
                    .change(move |tx, actor| administration::resources::rotate_secret(tx, actor, &id, hash))
                    .await?;
                output.item(&ResourceInformation::new(server, Some(&secret)))
            }
            Self::Delete { resource: ResourceArgs { id, output }, confirm } => {
                let scopes = find(store, &id).await?.scopes.into_iter().map(|scope| scope.name).collect();
                let usage = store.read(move |tx| usage::of_scopes(tx, &scopes)).await?;
                confirm.ask(&format!("Deleting resource server {id} takes scopes from"), usage)?;
                let named = id.clone();
                let withdrawn = administrator
                    .change(move |tx, actor| administration::resources::delete(tx, actor, &named))
                    .await??;
                let withdrawn = withdrawn.with_context(|| format!("there is no resource server {id}"))?;
                report_withdrawn(&withdrawn);
                output.done(&format!("Deleted resource server {id}."))
            }
        }
    }
}

async fn find(store: &Store, id: &str) -> anyhow::Result<ResourceServer> {
    let servers = store.read(resources::list).await?;
    servers.into_iter().find(|server| server.id == id).with_context(|| format!("there is no resource server {id}"))
}

impl UpdateArgs {
    async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Self { id, audience, names, tokens, default_tokens, confirm, output } = self;
        let store = administrator.store;
        let changes = audience.is_some() || !names.is_empty() || !tokens.is_empty() || default_tokens;
        ensure!(changes, "nothing to change: give --audience, --name or a --token option");
        let before = find(store, &id).await?;
        let mut server = before.clone();
        if let Some(audience) = audience {
            server.audience = audience;
        }
        server.names.extend(texts("--name", names)?);
        if default_tokens {
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
                move |tx, actor| administration::resources::update(tx, actor, &before, &after)
            })
            .await;
        match updated {
            Err(error) if is_taken(&error) => {
                return Err(anyhow!("there is a resource server with the audience {} already", server.audience));
            }
            updated => updated?,
        }
        output.item(&ResourceInformation::new(server, None))
    }
}

impl CreateArgs {
    async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let Self { id, audience, names, secret, tokens: arguments, output } = self;
        let names = by_language("--name", names)?;
        let secret = secret.then(Secret::random);
        let hash = secret.as_ref().map(Secret::hash);
        let mut tokens = TokenProfile::default();
        arguments.apply(&mut tokens);
        let server = ResourceServer { id, audience, names, secret_hash: None, tokens, scopes: Vec::new() };
        administration::resources::check(&server, &administrator.settings.server.issuer)?;
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
                output.item(&ResourceInformation::new(server, secret.as_ref()))
            }
        }
    }
}
