//! `writ client update`: changes some members.

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use serde_json::Value;
use writ::{
    clients::sector,
    config::Settings,
    fetch::Fetcher,
    secret::Secret,
    store::{
        Store,
        clients::{self, Client},
    },
};
use writ_core::ClientMetadata;

use super::{ClientInformation, find, metadata::MetadataArgs, unknown_scope, warn_of_unbound_codes};
use crate::cli::output::{self, OutputArgs};

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// The `client_id`.
    client_id: String,
    #[command(flatten)]
    metadata: MetadataArgs,
}

impl UpdateArgs {
    pub(super) async fn run(self, store: &Store, settings: &Settings) -> anyhow::Result<()> {
        let output = OutputArgs { json: self.metadata.prints_json() };
        let client = find(store, self.client_id).await?;
        let members = self.metadata.members()?;
        ensure!(!members.is_empty(), "nothing to change: name a member, such as --redirect-uri");
        let mut merged = serde_json::to_value(&client.metadata)?;
        for (name, value) in members {
            match value {
                Value::Null => merged.as_object_mut().and_then(|object| object.remove(&name)),
                value => merged.as_object_mut().and_then(|object| object.insert(name, value)),
            };
        }
        let metadata: ClientMetadata = serde_json::from_value(merged).context("client metadata")?;
        metadata.check(&settings.server.insecure_hosts).map_err(|error| anyhow!(error))?;
        sector::check(&Fetcher::new(&settings.outgoing)?, &metadata).await?;
        let secret = (metadata.has_secret() && client.secret_hashes.is_empty()).then(Secret::random);
        let users = store
            .write({
                let (seen, metadata) = (client.clone(), metadata.clone());
                let hash = secret.as_ref().map(Secret::hash);
                let sheds_secrets = !metadata.has_secret() && !client.secret_hashes.is_empty();
                move |tx| {
                    if let Some(scope) = unknown_scope(tx, &metadata)? {
                        return Ok(Err(anyhow!("there is no scope {scope}: see `writ scope list`")));
                    }
                    if !clients::update_seen(tx, &seen, &metadata)? {
                        return Ok(Err(anyhow!("client {} has changed meanwhile: try again", seen.id)));
                    }
                    if sheds_secrets {
                        clients::delete_secrets(tx, &seen.id)?;
                    }
                    if let Some(hash) = hash {
                        clients::rotate_secret(tx, &seen.id, hash)?;
                    }
                    Ok(Ok(clients::count_users(tx, &seen.id)?))
                }
            })
            .await??;
        warn_of_unbound_codes(&metadata);
        for consequence in consequences(&client.metadata, &metadata, users) {
            output::error_line(consequence);
        }
        output.item(&ClientInformation::new(Client { metadata, ..client }, secret.as_ref()))
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
