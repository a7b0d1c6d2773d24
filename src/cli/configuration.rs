//! `writ export|plan|apply`: configuration as code.

use std::{fs, path::Path};

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use serde_json::{Map, Value, json};
use writ::{
    administration::configuration::{self, Action, Desired, Document, Invalid, Loss, Plan, Reference, State, Step},
    clients::sector,
    fetch::Fetcher,
    store::usage::Usage,
};

use super::{
    administrator::{Administrator, ConfirmArgs},
    input::text_of,
    output::{self, OutputArgs},
};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Only what carries this label.
    #[arg(long, value_name = "LABEL")]
    owner: Option<String>,
    /// Print the JSON Schema of the document instead.
    #[arg(long, conflicts_with = "owner")]
    json_schema: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    document: DocumentArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    document: DocumentArgs,
    /// Apply only the plan that `writ plan` printed with this digest.
    #[arg(long, value_name = "DIGEST")]
    plan: Option<String>,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct DocumentArgs {
    /// The documents, in TOML or JSON. `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Change what another label owns, and delete groups and clients that demand an acr, too.
    #[arg(long)]
    force: bool,
}

impl ExportArgs {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        if self.json_schema {
            return output::line(format_args!("{:#}", configuration::json_schema()));
        }
        let owner = self.owner;
        let document = administrator.store.read(move |tx| configuration::export(tx, owner.as_deref())).await?;
        if self.output.json {
            return output::line(serde_json::to_string_pretty(&document)?);
        }
        output::text(toml::to_string_pretty(&document)?)
    }
}

/// A plan with what it was made of.
struct Planned {
    desired: Desired,
    plan: Plan,
    losses: Vec<Loss>,
}

impl DocumentArgs {
    async fn plan(&self, administrator: &Administrator<'_>) -> anyhow::Result<Planned> {
        let mut document = Document::default();
        for file in &self.files {
            let mut read = Document::parse(&text_of(file)?).with_context(|| file.clone())?;
            let folder = Path::new(file).parent().unwrap_or_else(|| Path::new(""));
            read.resolve(folder);
            document = document.merge(read)?;
        }
        let desired = Desired::new(document, administrator.settings, read_secret)?;
        let force = self.force;
        let wanted = desired.clone();
        let planned = administrator.store.read(move |tx| {
            let state = State::read(tx, &wanted)?;
            Ok(match Plan::new(&state, &wanted, force) {
                Ok(plan) => Ok((configuration::count(tx, &state, &wanted, &plan)?, plan)),
                Err(problems) => Err(problems),
            })
        });
        let (losses, plan) = planned.await?.map_err(|problems| anyhow!(problems.join("\n")))?;
        self.check_sectors(administrator, &desired, &plan).await?;
        Ok(Planned { desired, plan, losses })
    }

    /// The sector of a client is looked up if the client changes.
    async fn check_sectors(
        &self,
        administrator: &Administrator<'_>,
        desired: &Desired,
        plan: &Plan,
    ) -> anyhow::Result<()> {
        let fetcher = Fetcher::new(&administrator.settings.outgoing)?;
        let changed = |id: &str| plan.steps.iter().any(|step| step.kind.as_str() == "client" && step.name == id);
        for (id, metadata) in desired.clients().iter().filter(|(id, _)| changed(id)) {
            sector::check(&fetcher, metadata).await.with_context(|| format!("client {id}"))?;
        }
        Ok(())
    }
}

impl PlanArgs {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        self.document.plan(administrator).await?.print(self.output)
    }
}

impl ApplyArgs {
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let planned = self.document.plan(administrator).await?;
        planned.print(self.output)?;
        let Planned { desired, plan, losses } = planned;
        let other = "the plan is not the one with this digest: nothing was changed, plan again";
        ensure!(self.plan.is_none_or(|digest| digest == plan.digest()), other);
        if plan.steps.is_empty() {
            return Ok(());
        }
        let takes_away = plan.takes_away() || !losses.is_empty();
        let consequences = [
            takes_away.then_some("Applying this plan deletes something, or takes it from users or another owner."),
            plan.opens().then_some(
                "Applying this plan opens something to more users, demands less of them, or puts a group into another.",
            ),
        ];
        let consequences: Vec<&str> = consequences.into_iter().flatten().collect();
        if !consequences.is_empty() {
            self.confirm.confirm(consequences.join(" "))?;
        }
        let (force, issuer) = (self.document.force, administrator.settings.server.issuer.clone());
        let applied = administrator
            .change(move |tx, actor| configuration::apply(tx, actor, &desired, &plan, force, &issuer))
            .await;
        match applied {
            Ok(()) => self.output.done("Applied."),
            Err(error) => bail!("nothing was changed: {error}"),
        }
    }
}

impl Planned {
    fn print(&self, output: OutputArgs) -> anyhow::Result<()> {
        let Self { plan, losses, .. } = self;
        if output.json {
            let plan = json!({ "digest": plan.digest(), "steps": plan.steps, "losses": losses });
            return output::line(format_args!("{plan:#}"));
        }
        if plan.steps.is_empty() {
            return output::line("Nothing to change.");
        }
        for step in &plan.steps {
            output::text(describe(step))?;
            for loss in losses.iter().filter(|loss| loss.kind == step.kind && loss.name == step.name) {
                output::text(describe_loss(loss))?;
            }
        }
        let count = |action: Action| plan.steps.iter().filter(|step| step.action == action).count();
        let [created, changed, deleted] = [Action::Create, Action::Update, Action::Delete].map(count);
        output::line(format_args!(
            "{created} to create, {changed} to change, {deleted} to delete. Digest: {}",
            plan.digest()
        ))
    }
}

fn describe(step: &Step) -> String {
    let sign = match step.action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Delete => '-',
    };
    let mut text = format!("{sign} {} {}\n", step.kind.as_str(), step.name);
    if let Some(owner) = &step.taken_from {
        text += &format!("    taken from {owner}\n");
    }
    if step.action == Action::Delete {
        text += &step.before.get("acr").map(|acr| format!("    acr: {acr} -> -\n")).unwrap_or_default();
    } else {
        let member =
            |members: &Map<String, Value>, name: &str| members.get(name).map_or("-".to_owned(), Value::to_string);
        let mut names: Vec<&String> = step.before.keys().chain(step.after.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            text += &format!("    {name}: {} -> {}\n", member(&step.before, name), member(&step.after, name));
        }
    }
    if step.replaces_secret {
        text += "    the secret is that of the reference\n";
    }
    text
}

fn describe_loss(Loss { what, grants, users, clients, .. }: &Loss) -> String {
    let usage = Usage { grants: *grants, users: *users };
    let mut text = match usage.is_beyond_count() {
        true => format!("    ! {what}: {usage}\n"),
        false => format!("    ! {what}: {grants} live grants, {users} users\n"),
    };
    if !clients.is_empty() {
        text += &format!("    ! other clients lose it: {}\n", clients.join(", "));
    }
    text
}

/// Reads a secret. An error names the place alone.
fn read_secret(reference: &Reference) -> Result<String, Invalid> {
    match reference {
        Reference::Env(name) => std::env::var(name).map_err(|_| Invalid(format!("the variable {name} is not set"))),
        Reference::File(path) => {
            fs::read_to_string(path).map_err(|error| Invalid(format!("{}: {error}", path.display())))
        }
    }
}
