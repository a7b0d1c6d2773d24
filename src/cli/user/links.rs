//! `writ user link|unlink|links`: the users of identity providers that are users of this server.

use anyhow::{bail, ensure};
use clap::Args;
use writ::{
    administration,
    store::{Id, Store, linked_subjects},
};

use super::find;
use crate::cli::{
    administrator::{Administrator, is_taken},
    output::{self, OutputArgs},
};

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

pub(super) async fn link(administrator: &Administrator<'_>, arguments: LinkArgs) -> anyhow::Result<()> {
    let LinkArgs { login, issuer, subject, output } = arguments;
    let user = find(administrator.store, &login).await?;
    let (other, sub) = (issuer.clone(), subject.clone());
    let linked =
        administrator.change(move |tx, actor| administration::users::link(tx, actor, &user, &other, &sub)).await;
    match linked {
        Err(error) if is_taken(&error) => bail!("{subject} of {issuer} is linked to a user already"),
        linked => linked?,
    }
    output.done(&format!("Linked {login} to {subject} of {issuer}."))
}

pub(super) async fn unlink(administrator: &Administrator<'_>, arguments: LinkArgs) -> anyhow::Result<()> {
    let LinkArgs { login, issuer, subject, output } = arguments;
    let user = find(administrator.store, &login).await?;
    let (other, sub) = (issuer.clone(), subject.clone());
    let removed =
        administrator.change(move |tx, actor| administration::users::unlink(tx, actor, &user, &other, &sub)).await?;
    ensure!(removed, "{login} is not linked to {subject} of {issuer}");
    output.done(&format!("Unlinked {login} from {subject} of {issuer}."))
}

pub(super) async fn list(store: &Store, login: &str, output: OutputArgs) -> anyhow::Result<()> {
    let user = find(store, login).await?;
    let links = store.read(move |tx| linked_subjects::list_of_user(tx, user.id)).await?;
    output.list(&["issuer", "subject", "created_at"], &links)
}

/// Notes on standard error that the user still signs in by a link, if it is so: a thief of the
/// account may have made it.
pub(super) async fn note_remaining(store: &Store, login: &str, id: Id) -> anyhow::Result<()> {
    let links = store.read(move |tx| linked_subjects::list_of_user(tx, id)).await?;
    if !links.is_empty() {
        output::error_line(format!(
            "users of other providers who still sign in to it: {}. See `writ user links {login}`; --unlink removes them.",
            links.len()
        ));
    }
    Ok(())
}
