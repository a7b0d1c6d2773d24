//! `writ client update`: changes some members.

use anyhow::ensure;
use clap::Args;
use serde_json::Value;
use writ::{
    administration::{
        self,
        clients::{Refusal, information::ClientInformation, registration},
    },
    fetch::Fetcher,
    secret::Secret,
    store::{clients::Client, usage},
};
use writ_core::ClientMetadata;

use super::{describe, find, metadata::MetadataArgs, warn_of_unbound_codes};
use crate::cli::{
    administrator::{Administrator, ConfirmArgs},
    group::{DemandedAcr, OpenToArgs},
    output::{self, OutputArgs},
    remote::{Remote, Request},
    target::Target,
};

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// The `client_id`.
    client_id: String,
    #[command(flatten)]
    metadata: MetadataArgs,
    #[command(flatten)]
    open_to: OpenToArgs,
    /// The class of authentication that it demands of all users from now on: mfa, or none.
    #[arg(long, value_name = "ACR")]
    acr: Option<DemandedAcr>,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

impl UpdateArgs {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let output = OutputArgs { json: self.metadata.prints_json() };
        match target {
            Target::Database(administrator) => output.item(&self.store(administrator).await?),
            Target::Server(remote) => output.item(&self.send(remote).await?),
        }
    }

    /// Changes the client at a server.
    async fn send(self, remote: &Remote) -> anyhow::Result<Value> {
        let is_local = self.open_to.is_given() || self.acr.is_some();
        ensure!(
            !is_local,
            "--groups, --all-users and --acr need the database: run the command there, without --server"
        );
        let members = self.metadata.members()?;
        ensure!(!members.is_empty(), "nothing to change: name a member, such as --redirect-uri");
        let request = Request::new("client.update").on(self.client_id).with(members);
        remote.send(request.confirmed_by(self.confirm)).await
    }

    /// Changes the client in the database.
    async fn store(self, administrator: &Administrator<'_>) -> anyhow::Result<ClientInformation> {
        let Administrator { store, settings, .. } = administrator;
        let client = find(store, self.client_id).await?;
        let members = self.metadata.members()?;
        let change = self.open_to.find(store).await?;
        let changes_metadata = !members.is_empty();
        ensure!(
            changes_metadata || !change.is_unchanged() || self.acr.is_some(),
            "nothing to change: name a member, such as --redirect-uri, or --groups or --acr"
        );
        let fetcher = Fetcher::new(&settings.outgoing)?;
        let metadata = registration::update(&client.metadata, members, settings, &fetcher).await?;
        let needs_secret = changes_metadata && metadata.has_secret() && client.secret_hashes.is_empty();
        let secret = needs_secret.then(Secret::random);
        let usage = store
            .read({
                let id = client.id.clone();
                move |tx| usage::of_client(tx, &id)
            })
            .await?;
        warn_of_unbound_codes(&metadata);
        for consequence in consequences(&client.metadata, &metadata, usage.users) {
            output::error_line(consequence);
        }
        let open_to = change.clone().apply(client.open_to.clone());
        let is_restricted = open_to.is_some() && open_to != client.open_to;
        if is_restricted {
            output::error_line("Users who are in none of its groups get no further tokens, whatever they allowed.");
        }
        let acr = self.acr.map_or(client.acr, |DemandedAcr(acr)| acr);
        let demands_more = acr > client.acr;
        if demands_more {
            output::error_line("Users who signed in with less get no further tokens until they sign in again.");
        }
        if is_restricted || demands_more || registration::narrows(&client.metadata, &metadata) {
            self.confirm.ask(&format!("Client {} has", client.id), usage)?;
        }
        administrator
            .change({
                let (seen, metadata) = (client.clone(), metadata.clone());
                let hash = secret.as_ref().map(Secret::hash);
                let open_to = open_to.clone();
                move |tx, actor| {
                    if changes_metadata
                        && let Err(refusal) = administration::clients::update(tx, actor, &seen, &metadata, hash)?
                    {
                        return Ok(Err(refusal));
                    }
                    if !change.is_unchanged()
                        && !administration::clients::set_groups(tx, actor, &seen.id, open_to.as_ref())?
                    {
                        return Ok(Err(Refusal::Changed(seen.id.clone())));
                    }
                    if acr != seen.acr && !administration::clients::set_acr(tx, actor, &seen.id, acr)? {
                        return Ok(Err(Refusal::Changed(seen.id.clone())));
                    }
                    Ok(Ok(()))
                }
            })
            .await??;
        describe(store, Client { metadata, open_to, acr, ..client }, secret.as_ref()).await
    }
}

/// The consequences of a change, with the number of users.
fn consequences(before: &ClientMetadata, after: &ClientMetadata, users: i64) -> Vec<String> {
    let removed_scopes = before.scope.filter(|name| !after.scope.contains(name));
    let added_scopes = after.scope.filter(|name| !before.scope.contains(name));
    let removed_uris: Vec<&str> =
        before.redirect_uris.iter().filter(|uri| !after.redirect_uris.contains(uri)).map(|uri| uri.as_str()).collect();
    let method = before.token_endpoint_auth_method != after.token_endpoint_auth_method;
    [
        (!removed_scopes.is_empty())
            .then(|| format!("{users} users: new tokens no longer have {removed_scopes}, whatever was allowed.")),
        (!added_scopes.is_empty())
            .then(|| format!("{users} users: each must consent when the client first requests {added_scopes}.")),
        (!removed_uris.is_empty())
            .then(|| format!("Authorization requests with {} are refused from now on.", removed_uris.join(", "))),
        method.then(|| "The client must authenticate with the new method from now on.".to_owned()),
        (before.client_name != after.client_name)
            .then(|| format!("{users} users: pages show the name {} from now on.", after.client_name)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
