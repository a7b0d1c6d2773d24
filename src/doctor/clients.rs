//! Registered clients: weak bindings, and redirect URIs on hosts that no longer exist.

use std::{collections::BTreeMap, time::Duration};

use super::{Finding, Section};
use crate::store::{
    Store,
    clients::{self, Client},
};

/// Maximum time to resolve a name.
const RESOLVED_WITHIN: Duration = Duration::from_secs(3);
/// Maximum number of names that are resolved, at most this many at once.
const HOSTS: usize = 500;
const AT_ONCE: usize = 32;
/// Maximum number of findings of one kind. A last one has the number of the others.
const LISTED: usize = 20;

/// Warns of clients whose codes are bound to no browser.
pub(super) async fn check_binding(store: &Store) -> Vec<Finding> {
    judge_binding(&approved(store).await)
}

/// Warns of clients whose redirect URIs have a host without an address: who registers the name gets
/// their codes.
pub(super) async fn check_hosts(store: &Store) -> Vec<Finding> {
    let clients = approved(store).await;
    let hosts = hosts(&clients);
    let names: Vec<String> = hosts.keys().take(HOSTS).cloned().collect();
    let mut lost = Vec::new();
    for group in names.chunks(AT_ONCE) {
        let lookups: Vec<_> =
            group.iter().cloned().map(|name| (name.clone(), tokio::spawn(has_address(name)))).collect();
        for (name, lookup) in lookups {
            if matches!(lookup.await, Ok(Some(false))) {
                lost.push(name);
            }
        }
    }
    judge_hosts(&hosts, &lost)
}

async fn approved(store: &Store) -> Vec<Client> {
    store.read(clients::list_approved).await.unwrap_or_default()
}

/// Whether a name has an address. `None` if no name server said so in time.
async fn has_address(name: String) -> Option<bool> {
    let lookup = tokio::net::lookup_host((name.as_str(), 0));
    match tokio::time::timeout(RESOLVED_WITHIN, lookup).await {
        Ok(Ok(mut addresses)) => Some(addresses.next().is_some()),
        Ok(Err(error)) if is_passing(&error.to_string()) => None,
        Ok(Err(_)) => Some(false),
        Err(_) => None,
    }
}

/// Whether the resolver says that it does not know now (EAI_AGAIN in glibc and in musl).
fn is_passing(error: &str) -> bool {
    error.contains("Temporary failure") || error.contains("Try again")
}

/// The names in redirect URIs, with the clients that registered them.
fn hosts(clients: &[Client]) -> BTreeMap<String, Vec<&str>> {
    let mut hosts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for client in clients {
        for host in client.metadata.redirect_uris.iter().filter_map(|uri| uri.host()) {
            let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
            let named = hosts.entry(host.clone()).or_default();
            if !is_address && !named.contains(&client.id.as_str()) {
                named.push(&client.id);
            }
        }
    }
    hosts.retain(|_, clients| !clients.is_empty());
    hosts
}

fn judge_hosts(hosts: &BTreeMap<String, Vec<&str>>, lost: &[String]) -> Vec<Finding> {
    let (id, section) = ("redirect_uris", Section::DayToDay);
    if lost.is_empty() {
        let sentence = format!("The {} hosts in redirect URIs have an address.", hosts.len());
        return vec![Finding::ok(id, section, sentence)];
    }
    let warning = |host: &String| {
        let clients = hosts.get(host).map_or_else(String::new, |clients| clients.join(", "));
        Finding::warning(
            id,
            section,
            format!("The host {host} in redirect URIs of {clients} has no address: who registers it gets the codes."),
            "Remove the redirect URI with `writ client update`, or the client with `writ client delete`.",
        )
    };
    listed(lost.iter().map(warning).collect())
}

fn judge_binding(clients: &[Client]) -> Vec<Finding> {
    let (id, section) = ("client_binding", Section::Binding);
    let unbound: Vec<Finding> = clients
        .iter()
        .filter(|client| client.metadata.may_omit_binding())
        .map(|client| {
            Finding::warning(
                id,
                section,
                format!(
                    "Client {} ({}) may send requests with neither PKCE nor a nonce, so a stolen code can be injected.",
                    client.id, client.metadata.client_name
                ),
                "If its software can send either, register require_pkce or require_nonce with `writ client update`.",
            )
        })
        .collect();
    match unbound.is_empty() {
        true => vec![Finding::ok(id, section, "Every client binds its codes by PKCE or a nonce.")],
        false => listed(unbound),
    }
}

/// The first findings, and the number of the others.
fn listed(mut findings: Vec<Finding>) -> Vec<Finding> {
    let others = findings.len().saturating_sub(LISTED);
    findings.truncate(LISTED);
    if let Some(last) = findings.last().filter(|_| others > 0).cloned() {
        findings.push(Finding { cause: format!("The same is true of {others} more."), ..last });
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::clients::Origin;

    fn client(id: &str, members: serde_json::Value) -> Client {
        let mut metadata = json!({ "client_name": "App", "redirect_uris": ["https://app.example/cb"] });
        metadata.as_object_mut().expect("an object").extend(members.as_object().cloned().unwrap_or_default());
        let metadata = serde_json::from_value(metadata).expect("metadata");
        let (secret_hashes, origin) = (Vec::new(), Origin::Administrator);
        Client {
            id: id.to_owned(),
            metadata,
            secret_hashes,
            created_at: 0,
            origin,
            approved: true,
            open_to: None,
            acr: None,
            disabled_at: None,
        }
    }

    #[test]
    fn client_is_unbound_only_when_it_waives_pkce_and_nonce() {
        let waives = |pkce: bool, nonce: bool| json!({ "require_pkce": pkce, "require_nonce": nonce });
        let clients = [
            client("plain", json!({})),
            client("nonce", waives(false, true)),
            client("unbound", waives(false, false)),
            client("pkce", waives(true, false)),
        ];
        let findings = judge_binding(&clients);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].cause.starts_with("Client unbound (App) "), "{}", findings[0].cause);
        assert_eq!(judge_binding(&clients[..2])[0].remedy, None);
    }

    #[test]
    fn lost_host_is_named_with_its_clients() {
        let uris = json!({ "redirect_uris": ["https://gone.example/a", "https://gone.example/b", "https://[::1]/c",
            "http://127.0.0.1/d", "com.example.app:/cb"] });
        let clients = [client("one", uris), client("two", json!({ "redirect_uris": ["https://gone.example/"] }))];
        let hosts = hosts(&clients);
        assert_eq!(hosts.keys().collect::<Vec<_>>(), ["gone.example"]);
        let findings = judge_hosts(&hosts, &["gone.example".to_owned()]);
        assert!(findings[0].cause.contains("gone.example in redirect URIs of one, two"), "{}", findings[0].cause);
        assert_eq!(judge_hosts(&hosts, &[])[0].remedy, None);
    }

    #[test]
    fn long_list_ends_with_the_number_of_the_others() {
        let many = (0..25).map(|_| Finding::warning("a", Section::DayToDay, "One.", "Two.")).collect();
        let listed = listed(many);
        assert_eq!(listed.len(), LISTED + 1);
        assert_eq!(listed.last().map(|finding| finding.cause.as_str()), Some("The same is true of 5 more."));
    }
}
