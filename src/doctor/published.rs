//! The key set that clients fetch, compared with the keys in the database: proof that the server at
//! the issuer is one of this database.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use url::Url;

use super::{
    Finding, Section, Severity, Subject,
    http::{self, Failure, Reply},
};
use crate::{
    config::Issuer,
    store::{
        Store,
        keys::{self, KeyRow},
    },
};

const ID: &str = "published_keys";
/// A node has noticed new keys in the database after this time.
const NOTICED_WITHIN: Duration = Duration::from_secs(3);

/// Fetches the key set. Without a server there is nothing to compare, which another check reports.
pub(super) async fn check(subject: &Subject<'_>, url: Option<&Url>, store: &Store) -> Vec<Finding> {
    let Ok(http) = http::client(subject.settings) else { return Vec::new() };
    let at = http::at(subject.settings, url, "/jwks");
    let compare = async || {
        let rows = store.read(keys::list).await.ok()?;
        let reply = http::get(&http, &at, || subject.clock.of_machine()).await;
        judge(&subject.settings.server.issuer, &at, &reply, &rows)
    };
    let mut finding = compare().await;
    if finding.as_ref().is_some_and(|finding| finding.severity != Severity::Ok) {
        tokio::time::sleep(NOTICED_WITHIN).await;
        finding = compare().await;
    }
    finding.into_iter().collect()
}

fn judge(issuer: &Issuer, at: &str, reply: &Result<Reply, Failure>, rows: &[KeyRow]) -> Option<Finding> {
    let error = |cause: String, remedy: &str| Some(Finding::error(ID, Section::Proxies, cause, remedy));
    let reply = reply.as_ref().ok()?;
    let Some(published) = kids(reply) else {
        return match (reply.status, issuer.path()) {
            (404, path) if !path.is_empty() => error(
                format!(
                    "{at} responds with status 404: the proxy removes {path} from the path, or does not forward it."
                ),
                "Let the proxy forward the path of the issuer unchanged.",
            ),
            (status, _) => error(
                format!("{at} responds with status {status} and no key set, so no client can verify a token."),
                "Let the proxy forward every path below the issuer to this server.",
            ),
        };
    };
    let own: BTreeSet<&str> = rows.iter().filter(|row| !row.archived).map(|row| row.kid.as_str()).collect();
    let (unknown, missing) = (published.difference(&own).count(), own.difference(&published).count());
    match (unknown, missing) {
        (0, 0) => Some(Finding::ok(ID, Section::Proxies, format!("{at} has the {} keys of this database.", own.len()))),
        (_, missing) if missing == own.len() => error(
            format!("{at} has no key of this database: a server with another database responds."),
            "Let the URL lead to this server, and give all nodes the same database.url.",
        ),
        (unknown, missing) => error(
            format!("{at} has {unknown} keys that this database lacks, and lacks {missing} of its keys."),
            "Clear the cache of the proxy: the key set may be cached for 15 minutes at most.",
        ),
    }
}

fn kids(reply: &Reply) -> Option<BTreeSet<&str>> {
    let keys = reply.json.as_ref().filter(|_| reply.status == 200)?.get("keys")?.as_array()?;
    keys.iter().map(|key| key.get("kid").and_then(Value::as_str)).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::store::keys::KeyState;

    fn row(kid: &str, archived: bool) -> KeyRow {
        KeyRow {
            kid: kid.to_owned(),
            alg: "ES256".to_owned(),
            state: KeyState::Active,
            sealed: Vec::new(),
            public_jwk: String::new(),
            created_at: 0,
            activated_at: None,
            retired_at: None,
            archived,
        }
    }

    #[rstest]
    #[case("https://id.example", 200, &["a", "b"], (Severity::Ok, "the 2 keys"))]
    #[case("https://id.example", 200, &["x", "y"], (Severity::Error, "another database"))]
    #[case("https://id.example", 200, &["a", "old"], (Severity::Error, "1 keys that this database lacks"))]
    #[case("https://id.example", 404, &[], (Severity::Error, "no key set"))]
    #[case("https://id.example/auth", 404, &[], (Severity::Error, "removes /auth"))]
    fn key_set_is_compared_with_the_database(
        #[case] issuer: &str,
        #[case] status: u16,
        #[case] kids: &[&str],
        #[case] expected: (Severity, &str),
    ) {
        let keys: Vec<Value> = kids.iter().map(|kid| json!({ "kid": kid })).collect();
        let json = (status == 200).then(|| json!({ "keys": keys }));
        let reply = Reply::sample(status, "application/json", json);
        let rows = [row("a", false), row("b", false), row("archived", true)];
        let finding = judge(&issuer.parse().expect("an issuer"), "URL", &Ok(reply), &rows);
        let (severity, part) = expected;
        let finding = finding.expect("a finding");
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
    }

    #[test]
    fn unreachable_server_is_left_to_the_check_of_the_issuer() {
        let issuer = "https://id.example".parse().expect("an issuer");
        assert_eq!(judge(&issuer, "URL", &Err(Failure::Silent), &[]), None);
    }
}
