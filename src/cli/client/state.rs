//! `writ client disable|enable|disconnect-users`.

use uuid::Uuid;
use writ::{
    administration::clients::{self as administration, Disconnected},
    store::Id,
};

use super::{ClientArgs, ask, find};
use crate::cli::{
    administrator::{Administrator, ConfirmArgs},
    remote::Request,
    target::Target,
};

/// Disables a client.
pub(super) async fn disable(
    target: &Target<'_>,
    ClientArgs { client_id, output }: ClientArgs,
    confirm: ConfirmArgs,
) -> anyhow::Result<()> {
    target
        .done(
            output,
            &format!("Disabled client {client_id}."),
            async |remote| remote.send(Request::new("client.disable").on(&client_id).confirmed_by(confirm)).await,
            async |administrator| {
                let client = find(administrator.store, client_id.clone()).await?;
                ask(administrator.store, confirm, &format!("Disabling client {} suspends", client.id), &client).await?;
                Ok(administrator.change(move |tx, actor| administration::disable(tx, actor, &client)).await??)
            },
        )
        .await
}

/// Enables a client.
pub(super) async fn enable(target: &Target<'_>, ClientArgs { client_id, output }: ClientArgs) -> anyhow::Result<()> {
    target
        .done(
            output,
            &format!("Enabled client {client_id}."),
            async |remote| remote.send(Request::new("client.enable").on(&client_id)).await,
            async |administrator| {
                let client = find(administrator.store, client_id.clone()).await?;
                Ok(administrator.change(move |tx, actor| administration::enable(tx, actor, &client)).await??)
            },
        )
        .await
}

/// Disconnects all users of a client.
pub(super) async fn disconnect_users(
    target: &Target<'_>,
    ClientArgs { client_id, output }: ClientArgs,
    confirm: ConfirmArgs,
) -> anyhow::Result<()> {
    let sentence = |count: u64| format!("Disconnected {count} users from client {client_id}.");
    target
        .told(
            output,
            async |remote| {
                let request = Request::new("client.disconnect-users").on(&client_id).confirmed_by(confirm);
                remote.send_parts(request, "users").await.map(sentence)
            },
            async |administrator| disconnect(administrator, client_id.clone(), confirm).await.map(sentence),
        )
        .await
}

/// Disconnects all users, a batch in each unit of work, so that none holds locks for long.
async fn disconnect(administrator: &Administrator<'_>, client_id: String, confirm: ConfirmArgs) -> anyhow::Result<u64> {
    let client = find(administrator.store, client_id).await?;
    ask(administrator.store, confirm, &format!("Disconnecting the users of client {} ends", client.id), &client)
        .await?;
    let (mut after, mut count) = (Some(Id(Uuid::nil())), 0);
    while let Some(last) = after {
        let client = client.clone();
        let done = administrator.change(move |tx, actor| administration::disconnect_users(tx, actor, &client, last));
        let Disconnected { users, next } = done.await??;
        count += users as u64;
        after = next;
    }
    Ok(count)
}
