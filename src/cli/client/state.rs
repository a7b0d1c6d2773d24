//! `writ client disable|enable|disconnect-users`.

use uuid::Uuid;
use writ::{
    administration::clients::{self as administration, Disconnected},
    store::Id,
};

use super::{ClientArgs, ask, find};
use crate::cli::administrator::{Administrator, ConfirmArgs};

/// Disables a client.
pub(super) async fn disable(
    administrator: &Administrator<'_>,
    ClientArgs { client_id, output }: ClientArgs,
    confirm: ConfirmArgs,
) -> anyhow::Result<()> {
    let client = find(administrator.store, client_id).await?;
    ask(administrator.store, confirm, &format!("Disabling client {} suspends", client.id), &client).await?;
    let id = client.id.clone();
    administrator.change(move |tx, actor| administration::disable(tx, actor, &client)).await??;
    output.done(&format!("Disabled client {id}."))
}

/// Enables a client.
pub(super) async fn enable(
    administrator: &Administrator<'_>,
    ClientArgs { client_id, output }: ClientArgs,
) -> anyhow::Result<()> {
    let client = find(administrator.store, client_id).await?;
    let id = client.id.clone();
    administrator.change(move |tx, actor| administration::enable(tx, actor, &client)).await??;
    output.done(&format!("Enabled client {id}."))
}

/// Disconnects all users, a batch in each unit of work, so that none holds locks for long.
pub(super) async fn disconnect_users(
    administrator: &Administrator<'_>,
    ClientArgs { client_id, output }: ClientArgs,
    confirm: ConfirmArgs,
) -> anyhow::Result<()> {
    let client = find(administrator.store, client_id).await?;
    ask(administrator.store, confirm, &format!("Disconnecting the users of client {} ends", client.id), &client)
        .await?;
    let (mut after, mut count) = (Some(Id(Uuid::nil())), 0);
    while let Some(last) = after {
        let client = client.clone();
        let done = administrator.change(move |tx, actor| administration::disconnect_users(tx, actor, &client, last));
        let Disconnected { users, next } = done.await??;
        count += users;
        after = next;
    }
    output.done(&format!("Disconnected {count} users from client {}.", client.id))
}
