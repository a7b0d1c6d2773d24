//! `writ audit tail|search|verify`.

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use writ::{
    administration::audit::{self, Noted},
    store::{
        audit_log::{self, AuditRow, Search},
        audit_sinks::{self, Progress},
    },
};

use super::{
    administrator::Administrator,
    output::OutputArgs,
    remote::{Remote, Request, items},
    target::Target,
};

/// The ways in which something is done.
const FACES: [&str; 5] = ["account", "api", "command-line", "console", "server"];

const COLUMNS: [&str; 6] = ["created_at", "actor", "action", "target", "change", "reason"];

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Show the latest entries, the latest last.
    Tail(ListArgs),
    /// Search the entries, the latest last.
    Search {
        /// Only changes by this user.
        #[arg(long)]
        actor: Option<String>,
        /// Only this action, or all of a kind: client.update, or client.
        #[arg(long)]
        action: Option<String>,
        /// Only changes of this: a `client_id`, the name of a scope, the `sub` of a user.
        #[arg(long)]
        target: Option<String>,
        /// Only what was done in this way: account is what users did.
        #[arg(long, value_parser = PossibleValuesParser::new(FACES))]
        face: Option<String>,
        /// Only changes since this time, such as 2026-11-29T00:00:00Z.
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show how far the log was delivered to its sinks.
    Sinks {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Check that no entry was changed, removed or inserted by others than the server and its
    /// commands.
    Verify {
        /// An entry that an earlier run of this command printed. Finds an earlier state that was
        /// put back.
        #[arg(long, value_name = "NUMBER:MAC")]
        noted: Option<Noted>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Maximum number of entries.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    #[command(flatten)]
    output: OutputArgs,
}

/// An entry in the list.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    row: AuditRow,
    change: Value,
}

#[derive(Serialize)]
struct Verification {
    entries: i64,
    last: Option<String>,
    breaks: Vec<String>,
    /// Whether the noted entry was pruned, so that it cannot be compared any more.
    noted_was_pruned: bool,
}

/// A sink in the list.
#[derive(Serialize)]
struct SinkView {
    /// Where it is. `None` if it is not configured any more.
    target: Option<String>,
    #[serde(flatten)]
    progress: Progress,
}

impl AuditCommand {
    pub(super) async fn run(self, place: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Tail(ListArgs { limit, output }) => {
                place
                    .list(
                        output,
                        &COLUMNS,
                        async |remote| latest(remote, limit).await,
                        async |administrator| search(administrator, Search::default(), limit).await,
                    )
                    .await
            }
            Self::Search { actor, action, target, face, since, list: ListArgs { limit, output } } => {
                let since = since.map_or(0, Timestamp::as_second);
                let faces = FACES.into_iter().filter(|name| face.as_deref() == Some(*name)).collect();
                let wanted = Search { actor, action, target, faces, since, ..Search::default() };
                output.list(&COLUMNS, &search(place.database()?, wanted, limit).await?)
            }
            Self::Sinks { output } => list_sinks(place.database()?, output).await,
            Self::Verify { noted, output } => {
                let administrator = place.database()?;
                let secrets = administrator.secrets().await?;
                let verified = audit::verify(administrator.store, &secrets, noted).await?;
                let breaks: Vec<String> = verified.breaks.iter().map(ToString::to_string).collect();
                let last = verified.last.map(|last| last.to_string());
                let (entries, noted_was_pruned) = (verified.entries, verified.noted_was_pruned);
                output.item(&Verification { entries, last, breaks: breaks.clone(), noted_was_pruned })?;
                ensure!(breaks.is_empty(), "the audit log was changed: {}", breaks.join("; "));
                Ok(())
            }
        }
    }
}

async fn list_sinks(administrator: &Administrator<'_>, output: OutputArgs) -> anyhow::Result<()> {
    let sinks = &administrator.settings.audit.sinks;
    let names: Vec<String> = sinks.iter().map(|sink| sink.name.clone()).collect();
    let progress = administrator.store.read(move |tx| audit_sinks::progress(tx, &names)).await?;
    let view = |progress: Progress| {
        let configured = sinks.iter().find(|sink| sink.name == progress.sink.name);
        SinkView { target: configured.map(|sink| sink.target.to_string()), progress }
    };
    let views: Vec<SinkView> = progress.into_iter().map(view).collect();
    output.list(&["name", "target", "sequence", "behind", "delivered_at", "attempts", "last_error"], &views)
}

async fn search(administrator: &Administrator<'_>, search: Search, limit: i64) -> anyhow::Result<Vec<Entry>> {
    let mut rows = administrator.store.read(move |tx| audit_log::latest(tx, &search, limit)).await?;
    rows.reverse();
    let entry = |row: AuditRow| {
        let change = serde_json::from_str(&row.change).with_context(|| format!("entry {}", row.sequence))?;
        anyhow::Ok(Entry { row, change })
    };
    rows.into_iter().map(entry).collect()
}

/// The latest entries at a server. Its list begins with the oldest, so the last number is found by
/// bisection.
async fn latest(remote: &Remote, limit: i64) -> anyhow::Result<Vec<Value>> {
    let after = |number: i64| Request::new("audit.tail").query("after", number.to_string());
    let has_more = async |number: i64| {
        let page = remote.send(after(number).query("limit", "1")).await?;
        anyhow::Ok(!items(page).is_empty())
    };
    let (mut below, mut above) = (0, 1);
    while has_more(above).await? {
        (below, above) = (above, above * 2);
    }
    // The last number is above `below`, if there is an entry at all, and at most `above`.
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if has_more(middle).await? { below = middle } else { above = middle }
    }
    remote.pages(after((above - limit).max(0))).await
}
