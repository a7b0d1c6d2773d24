//! `writ user link|unlink|links`: the users of identity providers that are users of this server.

use anyhow::{bail, ensure};
use clap::Args;
use writ::store::{Store, linked_subjects};

use super::find;
use crate::cli::output::OutputArgs;

#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// Username or e-mail address.
    login: String,
    /// The issuer identifier of the identity provider, exactly as in its metadata.
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The `sub` of the user there.
    #[arg(long, value_name = "SUB")]
    subject: String,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) async fn link(store: &Store, arguments: LinkArgs) -> anyhow::Result<()> {
    let LinkArgs { login, issuer, subject, output } = arguments;
    let user = find(store, &login).await?;
    let (other, sub) = (issuer.clone(), subject.clone());
    match store.write(move |tx| linked_subjects::insert(tx, user.id, &other, &sub)).await {
        Err(fault) if fault.is_unique_violation() => bail!("{subject} of {issuer} is linked to a user already"),
        linked => linked?,
    }
    output.done(&format!("Linked {login} to {subject} of {issuer}."))
}

pub(super) async fn unlink(store: &Store, arguments: LinkArgs) -> anyhow::Result<()> {
    let LinkArgs { login, issuer, subject, output } = arguments;
    let user = find(store, &login).await?;
    let (other, sub) = (issuer.clone(), subject.clone());
    let removed = store.write(move |tx| linked_subjects::delete(tx, user.id, &other, &sub)).await?;
    ensure!(removed, "{login} is not linked to {subject} of {issuer}");
    output.done(&format!("Unlinked {login} from {subject} of {issuer}."))
}

pub(super) async fn list(store: &Store, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let user = find(store, login).await?;
    let links = store.read(move |tx| linked_subjects::list_of_user(tx, user.id)).await?;
    output.list(&["issuer", "subject", "created_at"], &links)
}
