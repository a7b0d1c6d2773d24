//! What the server sees of the requests that a proxy forwards, and whether a cache answers instead.

use super::{
    Finding, Section, Subject,
    http::{self, Reply},
};
use crate::web::proxy_faults::ProxyFault;

const ID: &str = "proxy";

/// Asks the server through the proxy what it sees, and for a page twice. A server that cannot be
/// reached is left to another check.
pub(super) async fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let Ok(http) = http::client(subject.settings) else { return Vec::new() };
    let get = async |path: &str| {
        let at = http::at(subject.settings, None, path);
        http::get(&http, &at, || subject.clock.of_machine()).await.ok().filter(|reply| reply.status == 200)
    };
    let mut findings = Vec::new();
    if let Some(reply) = get("/readyz?proxy").await {
        findings.extend(judge_requests(&reply));
    }
    if let (Some(one), Some(other)) = (get("/login").await, get("/login").await) {
        findings.extend(judge_cache(&one, &other));
    }
    findings
}

fn judge_requests(reply: &Reply) -> Vec<Finding> {
    let is_named = |fault: &&ProxyFault| reply.text.lines().any(|line| line.ends_with(fault.sentence()));
    let faults = ProxyFault::ALL.iter().filter(is_named);
    let findings: Vec<Finding> = faults
        .map(|fault| {
            let remedy = match fault {
                ProxyFault::NoAddress => "Let the proxy append the client's address to X-Forwarded-For.",
                ProxyFault::Untrusted => "Add the network of the proxy to server.trusted_proxies.",
                ProxyFault::Http10 => "Let the proxy forward in HTTP/1.1 (nginx: proxy_http_version 1.1).",
            };
            Finding::warning(ID, Section::Proxies, format!("As the server sees it, {}.", fault.sentence()), remedy)
        })
        .collect();
    match findings.is_empty() {
        true => vec![Finding::ok(ID, Section::Proxies, "The server gets requests as a proxy should forward them.")],
        false => findings,
    }
}

/// Two responses with the same id are one.
fn judge_cache(one: &Reply, other: &Reply) -> Option<Finding> {
    (one.request_id.is_some() && one.request_id == other.request_id).then(|| {
        Finding::error(
            "cache",
            Section::Proxies,
            "A cache returns pages again that must not be stored, so users can see those of others.",
            "Let the proxy and the content delivery network obey Cache-Control, or not cache at all.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{super::Severity, *};

    fn reply(text: &str, request_id: Option<&str>) -> Reply {
        let request_id = request_id.map(str::to_owned);
        Reply { text: text.to_owned(), request_id, ..Reply::sample(200, "text/plain", None) }
    }

    #[test]
    fn each_fault_in_the_response_is_a_warning() {
        assert_eq!(judge_requests(&reply("ok\n", None))[0].severity, Severity::Ok);
        for fault in ProxyFault::ALL {
            let text = format!("ok\nwarning: the certificate expires in 3 days\nwarning: {}\n", fault.sentence());
            let findings = judge_requests(&reply(&text, None));
            assert_eq!(findings.len(), 1, "{fault:?}");
            assert!(findings[0].severity == Severity::Warning && findings[0].cause.contains(fault.sentence()));
        }
    }

    #[test]
    fn cache_is_found_by_the_id_of_its_response() {
        assert_eq!(judge_cache(&reply("", Some("a")), &reply("", Some("b"))), None);
        assert_eq!(judge_cache(&reply("", None), &reply("", None)), None, "a proxy removes the header");
        assert!(judge_cache(&reply("", Some("a")), &reply("", Some("a"))).is_some());
    }
}
