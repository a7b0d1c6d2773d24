//! `writ scope create|update|list|preview|delete`.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use writ_core::{
    ScopeSet,
    vocabulary::{acr::Acr, scope::Risk},
};

use writ::{
    administration::{
        self,
        scopes::{information::ScopeInformation, version},
    },
    store::{
        Id, groups,
        resources::{self, ResourceServer, Scope, ScopeText},
        revision, usage,
    },
};

use super::{
    administrator::{Administrator, ConfirmArgs, is_taken},
    group::{DemandedAcr, OpenToArgs, find_ids},
    input::{LocalizedText, by_language, texts},
    output::{OutputArgs, error_line},
    preview::{self, PreviewArgs},
    remote::{Remote, Request, names},
    target::Target,
};

#[derive(Debug, Subcommand)]
pub(super) enum ScopeCommand {
    /// Add a scope to a resource server.
    Create(CreateArgs),
    /// Change the texts or the risk of a scope, whether it is a default, the groups that it is open
    /// to, or the authentication that it demands. Existing consent is kept, unless the risk
    /// increases.
    Update(UpdateArgs),
    /// List the scopes of all resource servers.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write the consent page for scopes in every language, and check their words.
    Preview {
        /// The names.
        #[arg(required = true)]
        names: Vec<String>,
        #[command(flatten)]
        preview: PreviewArgs,
    },
    /// Delete a scope. New tokens no longer contain it, and it is removed from the registrations of
    /// clients.
    Delete {
        /// The name.
        name: String,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The name, such as message:read.
    name: String,
    /// The id of its resource server.
    #[arg(long, value_name = "ID")]
    resource: String,
    /// What it permits, such as "en=Read your messages". Once per language.
    #[arg(long = "sentence", value_name = "LANG=TEXT", required = true)]
    sentences: Vec<LocalizedText>,
    /// The consequence for the user, such as "en=It sees what others wrote to you". In the same
    /// languages.
    #[arg(long = "consequence", value_name = "LANG=TEXT", required = true)]
    consequences: Vec<LocalizedText>,
    /// low, moderate, elevated, or high: sends, deletes or pays, and starts unticked.
    #[arg(long, default_value = "low")]
    risk: Risk,
    /// Whether a request that names the resource server and no scope includes it. The default is
    /// true for a low or moderate risk.
    #[arg(long, value_name = "BOOL")]
    default: Option<bool>,
    /// Open it only to members of these groups, comma-separated.
    #[arg(long, value_name = "GROUP,...", value_delimiter = ',')]
    groups: Vec<String>,
    /// The class of authentication that it demands: mfa, or none.
    #[arg(long, value_name = "ACR", default_value = "none")]
    acr: DemandedAcr,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// The name.
    name: String,
    /// What it permits, such as "en=Read your messages". Other languages are kept.
    #[arg(long = "sentence", value_name = "LANG=TEXT")]
    sentences: Vec<LocalizedText>,
    /// The consequence for the user. Other languages are kept.
    #[arg(long = "consequence", value_name = "LANG=TEXT")]
    consequences: Vec<LocalizedText>,
    /// low, moderate, elevated, or high: sends, deletes or pays, and starts unticked.
    #[arg(long)]
    risk: Option<Risk>,
    /// Whether a request that names the resource server and no scope includes it: true or false.
    #[arg(long, value_name = "BOOL")]
    default: Option<bool>,
    #[command(flatten)]
    open_to: OpenToArgs,
    /// The class of authentication that it demands from now on: mfa, or none.
    #[arg(long, value_name = "ACR")]
    acr: Option<DemandedAcr>,
    #[command(flatten)]
    output: OutputArgs,
}

impl ScopeCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Preview { names, preview } => {
                let administrator = target.database()?;
                let requested: ScopeSet = names.iter().map(String::as_str).collect();
                let client = preview::example_client(&requested)?;
                preview.run(administrator.settings, client, Some(requested)).await
            }
            Self::Create(arguments) => arguments.run(target).await,
            Self::Update(arguments) => arguments.run(target).await,
            Self::List { output } => {
                target
                    .list(
                        output,
                        &["name", "resource", "risk", "default", "texts/en/sentence"],
                        async |remote| remote.pages(Request::new("scope.list")).await,
                        async |administrator| list(administrator).await,
                    )
                    .await
            }
            Self::Delete { name, confirm, output } => {
                target
                    .done(
                        output,
                        &format!("Deleted scope {name}."),
                        async |remote| {
                            let request = Request::new("scope.delete").on(&name).confirmed_by(confirm);
                            let withdrawn = remote.send(request).await?;
                            report_withdrawn(&names(&withdrawn["withdrawn_from"]));
                            Ok(withdrawn)
                        },
                        async |administrator| delete(administrator, &name, confirm).await,
                    )
                    .await
            }
        }
    }
}

async fn list(administrator: &Administrator<'_>) -> anyhow::Result<Vec<ScopeInformation>> {
    let (servers, groups) = administrator.store.read(|tx| Ok((resources::list(tx)?, groups::list(tx)?))).await?;
    let mut rows = Vec::new();
    for server in servers {
        let row = |scope| ScopeInformation::new(server.id.clone(), scope).with_groups(&groups);
        rows.extend(server.scopes.into_iter().map(row));
    }
    Ok(rows)
}

async fn delete(administrator: &Administrator<'_>, name: &str, confirm: ConfirmArgs) -> anyhow::Result<()> {
    let scopes = std::iter::once(name).collect();
    let usage = administrator.store.read(move |tx| usage::of_scopes(tx, &scopes)).await?;
    confirm.ask(&format!("Deleting scope {name} takes it from"), usage)?;
    let named = name.to_owned();
    let withdrawn = administrator.change(move |tx, actor| administration::scopes::delete(tx, actor, &named)).await??;
    report_withdrawn(&withdrawn.with_context(|| format!("there is no scope {name}"))?);
    Ok(())
}

/// Names the clients whose registration lost a deleted scope.
pub(super) fn report_withdrawn(clients: &[String]) {
    if !clients.is_empty() {
        error_line(format_args!("It was removed from the registrations of: {}.", clients.join(", ")));
    }
}

impl UpdateArgs {
    async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let Self { sentences, consequences, risk, default, open_to, acr, output, .. } = &self;
        let changes = !sentences.is_empty() || !consequences.is_empty() || risk.is_some() || default.is_some();
        ensure!(
            changes || acr.is_some() || open_to.is_given(),
            "nothing to change: give --sentence, --consequence, --risk, --default, --groups or --acr"
        );
        let output = *output;
        match target {
            Target::Database(administrator) => output.item(&self.store(administrator).await?),
            Target::Server(remote) => output.item(&self.send(remote).await?),
        }
    }

    /// Changes the scope at a server, whose merge patch keeps the texts in other languages.
    async fn send(self, remote: &Remote) -> anyhow::Result<Value> {
        let Self { name, sentences, consequences, risk, default, open_to, acr, .. } = self;
        let mut changed: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for (member, localized) in
            [("sentence", texts("--sentence", sentences)?), ("consequence", texts("--consequence", consequences)?)]
        {
            for (language, text) in localized {
                changed.entry(language).or_default().insert(member.to_owned(), text.into());
            }
        }
        let members = [
            ("texts", (!changed.is_empty()).then(|| json!(changed))),
            ("risk", risk.map(|risk| json!(risk))),
            ("default", default.map(|default| json!(default))),
            ("groups", open_to.is_given().then(|| open_to.names())),
            ("acr", acr.map(|DemandedAcr(acr)| json!(acr.map(Acr::as_str)))),
        ];
        let members: Map<String, Value> =
            members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        remote.send(Request::new("scope.update").on(name).with(members)).await
    }

    /// Changes the scope in the database.
    async fn store(self, administrator: &Administrator<'_>) -> anyhow::Result<ScopeInformation> {
        let Self { name, sentences, consequences, risk, default, open_to, acr, .. } = self;
        let open_to = open_to.find(administrator.store).await?;
        let servers = administrator.store.read(resources::list).await?;
        let owner = |server: ResourceServer| {
            let scope = server.scopes.iter().find(|scope| scope.name == name).cloned();
            scope.map(|scope| (server.id, scope))
        };
        let (resource, mut scope) =
            servers.into_iter().find_map(owner).with_context(|| format!("there is no scope {name}"))?;
        let before = scope.clone();
        let empty = ScopeText { sentence: String::new(), consequence: String::new() };
        for (language, sentence) in texts("--sentence", sentences)? {
            scope.texts.entry(language).or_insert_with(|| empty.clone()).sentence = sentence;
        }
        for (language, consequence) in texts("--consequence", consequences)? {
            scope.texts.entry(language).or_insert_with(|| empty.clone()).consequence = consequence;
        }
        let complete = |text: &ScopeText| !text.sentence.is_empty() && !text.consequence.is_empty();
        ensure!(scope.texts.values().all(complete), "--sentence and --consequence are needed in the same languages");
        scope.risk = risk.unwrap_or(scope.risk);
        scope.is_default = default.unwrap_or(scope.is_default);
        scope.open_to = open_to.apply(scope.open_to);
        scope.acr = acr.map_or(scope.acr, |DemandedAcr(acr)| acr);
        let updated = administrator.change({
            let after = scope.clone();
            move |tx, actor| {
                revision::lock(tx)?;
                let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
                let stored = scopes.into_iter().find(|stored| stored.id == before.id);
                if stored.is_none_or(|stored| version(&stored) != version(&before)) {
                    return Ok(None);
                }
                Ok(Some(administration::scopes::update(tx, actor, &before, &after)?))
            }
        });
        updated.await?.context("another administrator has changed the scope meanwhile: repeat the command")??;
        let groups = administrator.store.read(groups::list).await?;
        Ok(ScopeInformation::new(resource, scope).with_groups(&groups))
    }
}

impl CreateArgs {
    async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let Self { name, resource, sentences, consequences, risk, default, groups, acr, output } = self;
        let sentences = by_language("--sentence", sentences)?;
        let mut consequences = by_language("--consequence", consequences)?;
        ensure!(
            sentences.keys().eq(consequences.keys()),
            "--sentence and --consequence are needed in the same languages"
        );
        let texts = sentences.into_iter().map(|(language, sentence)| {
            let consequence = consequences.remove(&language).unwrap_or_default();
            (language, ScopeText { sentence, consequence })
        });
        let texts: BTreeMap<String, ScopeText> = texts.collect();
        let is_default = default.unwrap_or(risk.is_default());
        target
            .item(
                output,
                async |remote| {
                    let body = json!({
                        "name": name,
                        "resource": resource,
                        "texts": texts,
                        "risk": risk,
                        "default": is_default,
                        "groups": (!groups.is_empty()).then_some(&groups),
                        "acr": acr.0.map(Acr::as_str),
                    });
                    remote.send(Request::new("scope.create").with(body)).await
                },
                async |administrator| {
                    let named = find_ids(administrator.store, &groups).await?;
                    let open_to = (!named.is_empty()).then_some(named);
                    let (id, name, texts) = (Id::now_v7(), name.clone(), texts.clone());
                    let scope = Scope { id, name, texts, risk, is_default, open_to, acr: acr.0 };
                    create(administrator, resource.clone(), scope).await
                },
            )
            .await
    }
}

async fn create(administrator: &Administrator<'_>, resource: String, scope: Scope) -> anyhow::Result<ScopeInformation> {
    let created = administrator
        .change({
            let (resource, scope) = (resource.clone(), scope.clone());
            move |tx, actor| administration::scopes::create(tx, actor, &resource, &scope)
        })
        .await;
    match created {
        Err(error) if is_taken(&error) => Err(anyhow!("there is a scope {} already", scope.name)),
        created => {
            created??;
            let groups = administrator.store.read(groups::list).await?;
            Ok(ScopeInformation::new(resource, scope).with_groups(&groups))
        }
    }
}
