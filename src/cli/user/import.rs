//! `writ user import`: the users of another server.

use std::path::Path;

use anyhow::{anyhow, bail, ensure};
use clap::Args;
use serde::Serialize;
use writ::{
    administration::{
        self,
        administrators::is_administrator,
        users::import::{Import, parse, parse_csv},
    },
    fault::Fault,
    store::{groups, users::User},
};
use writ_core::groups::{Group, GroupIds, Groups};

use super::TAKEN;
use crate::cli::{
    administrator::{Administrator, is_taken},
    input::text_of,
    output::{self, OutputArgs},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// A JSON file: an array of users, an object with `users` as Keycloak exports it, or a user on
    /// each line as Auth0 does. A name that ends with .csv is a file in CSV. `-` is standard input.
    file: String,
    /// The file is CSV. Its first line names the columns.
    #[arg(long)]
    csv: bool,
    /// Check the file and import nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// What became of one user of the file.
#[derive(Serialize)]
struct Outcome {
    /// Its position in the file, from 1.
    number: usize,
    username: Option<String>,
    /// Why it was not imported.
    refused: Option<String>,
    /// Its members that were not imported.
    left_out: Vec<String>,
}

pub(super) async fn run(administrator: &Administrator<'_>, arguments: ImportArgs) -> anyhow::Result<()> {
    let ImportArgs { file, csv, dry_run, output } = arguments;
    let is_csv = csv || Path::new(&file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let parse = if is_csv { parse_csv } else { parse };
    let groups = administrator.store.read(groups::list).await?;
    let mut outcomes = Vec::new();
    for (number, import) in (1..).zip(parse(&text_of(&file)?)?) {
        let (username, left_out, imported) = match import {
            Ok(mut import) => {
                let (username, left_out) = (import.user.username.clone(), std::mem::take(&mut import.left_out));
                (Some(username), left_out, add(administrator, &groups, import, dry_run).await)
            }
            Err(invalid) => (None, Vec::new(), Err(invalid.into())),
        };
        let refused = imported.err().map(|error| format!("{error:#}"));
        outcomes.push(Outcome { number, username, refused, left_out });
    }
    report(&outcomes, dry_run, &output)
}

async fn add(
    administrator: &Administrator<'_>,
    groups: &Groups,
    Import { user, disabled, groups: names, .. }: Import,
    dry_run: bool,
) -> anyhow::Result<()> {
    let find = |name: &String| groups.find(name).cloned().ok_or_else(|| anyhow!("there is no group {name}"));
    let found = names.iter().map(find).collect::<anyhow::Result<Vec<Group>>>()?;
    let group_ids: GroupIds = found.iter().map(|group| group.id).collect();
    let member = User { group_ids: group_ids.to_string(), ..user.clone() };
    ensure!(
        !is_administrator(groups, &administrator.settings.console.group, &member),
        "it would be an administrator: leave the group out, and use `writ group add`"
    );
    if dry_run {
        return Ok(());
    }
    let created = administrator
        .change(move |tx, actor| {
            let disabled_at = disabled.then_some(tx.now);
            let user = User { disabled_at, created_at: tx.now, updated_at: tx.now, ..user };
            administration::users::create(tx, actor, &user)?;
            for group in &found {
                let added = administration::groups::add(tx, actor, group, std::slice::from_ref(&user))?;
                added.map_err(|refusal| Fault::Undone(refusal.to_string()))?;
            }
            Ok(())
        })
        .await;
    match created {
        Err(error) if is_taken(&error) => bail!(TAKEN),
        created => created,
    }
}

/// Fails if a user was refused.
fn report(outcomes: &[Outcome], dry_run: bool, output: &OutputArgs) -> anyhow::Result<()> {
    let refused = outcomes.iter().filter(|outcome| outcome.refused.is_some()).count();
    if output.json {
        output.list(&[], outcomes)?;
    } else {
        for Outcome { number, username, refused, left_out } in outcomes {
            let name = username.as_deref().unwrap_or("no username");
            if let Some(reason) = refused {
                output::error_line(format!("{number} ({name}): refused: {reason}"));
            } else if !left_out.is_empty() {
                output::error_line(format!("{number} ({name}): not imported: {}", left_out.join(", ")));
            }
        }
        let done = if dry_run { "would be imported" } else { "were imported" };
        output::line(format!("{} of {} users {done}.", outcomes.len() - refused, outcomes.len()))?;
    }
    ensure!(refused == 0, "{refused} of {} users were refused", outcomes.len());
    Ok(())
}
