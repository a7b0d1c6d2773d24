//! The server as clients reach it: its discovery document, fetched at the issuer.

use reqwest::Version;
use serde_json::Value;
use url::Url;

use super::{
    Finding, Section, Subject, clock,
    http::{self, Failure, Reply},
};
use crate::config::{Issuer, Settings};

const ID: &str = "issuer";
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Whether others on the network can read what users type.
pub(super) fn is_encrypted(settings: &Settings) -> Finding {
    let issuer = settings.server.issuer.as_str();
    if settings.server.issuer.is_encrypted() {
        return Finding::ok("encryption", Section::OneNode, format!("{issuer} cannot be read by others."));
    }
    Finding::warning(
        "encryption",
        Section::WithoutTls,
        format!("{issuer} is plain http: others on the network can read passwords and tokens."),
        "Use an https issuer, and remove the host from server.insecure_hosts.",
    )
}

/// Fetches the discovery document and judges what came back.
pub(super) async fn check(subject: &Subject<'_>, url: Option<&Url>) -> Vec<Finding> {
    let settings = subject.settings;
    let http = match http::client(settings) {
        Ok(http) => http,
        Err(reason) => {
            let remedy = "Correct outgoing.ca_file.";
            return vec![Finding::error(ID, Section::Configuration, format!("{reason}."), remedy)];
        }
    };
    let at = http::at(settings, url, DISCOVERY);
    match http::get(&http, &at, || subject.clock.of_machine()).await {
        Err(failure) => {
            let is_here = http::get_local(settings, "healthz").await.is_ok_and(|(_, status, _)| status.is_success());
            vec![judge_failure(&at, &failure, is_here)]
        }
        Ok(reply) => {
            let mut findings = vec![judge(&settings.server.issuer, &at, &reply)];
            findings.extend(judge_version(&reply));
            findings.extend(reply.clock_ahead.map(clock::judge_server));
            findings.extend(check_inserted_path(subject, url, &http).await);
            findings
        }
    }
}

/// Clients of RFC 8414 insert `.well-known` before the path of the issuer.
async fn check_inserted_path(subject: &Subject<'_>, url: Option<&Url>, http: &reqwest::Client) -> Option<Finding> {
    let issuer = &subject.settings.server.issuer;
    if issuer.path().is_empty() || url.is_some() {
        return None;
    }
    let at = format!("{}/.well-known/oauth-authorization-server{}", issuer.origin(), issuer.path());
    let reply = http::get(http, &at, || subject.clock.of_machine()).await;
    let names_it = reply.is_ok_and(|reply| issuer_in(&reply) == Some(issuer.as_str()));
    (!names_it).then(|| {
        Finding::warning(
            "inserted_path",
            Section::Proxies,
            format!("{at} does not lead to this server, which is where OAuth clients look (RFC 8414 §3.1)."),
            "Let the proxy forward this path, too.",
        )
    })
}

/// Why nothing came back. `is_here` is whether the server responds at its own socket.
fn judge_failure(at: &str, failure: &Failure, is_here: bool) -> Finding {
    let host = Url::parse(at).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let proxy = |cause: String, remedy: &str| Finding::error(ID, Section::Proxies, cause, remedy);
    match failure {
        Failure::Name => proxy(format!("The name {host} has no address."), "Add it to DNS, or correct server.issuer."),
        Failure::Connection(reason) if is_here => proxy(
            format!("Nothing accepts connections for {at} ({reason}), although the server runs on this machine."),
            "Start the proxy, open the port in the firewall, or correct server.issuer.",
        ),
        Failure::Connection(reason) => proxy(
            format!("Nothing accepts connections for {at} ({reason})."),
            "Start the server with `writ serve`, and the proxy in front of it.",
        ),
        Failure::Tls(sentence) => proxy(
            format!("{at}: {sentence}"),
            "Renew or correct the certificate where TLS ends, with its intermediate certificates.",
        ),
        Failure::Silent if is_here => proxy(
            format!("{at} accepts the connection and sends no whole response, although the server here responds."),
            "Let the proxy pass responses on at once, without waiting for the end of the connection.",
        ),
        Failure::Silent => proxy(
            format!("{at} accepts the connection and sends no whole response."),
            "Look into the logs of the proxy and of the server.",
        ),
        Failure::Broken(reason) => proxy(
            format!("The connection to {at} broke: {reason}."),
            "Look into the log of the proxy: it may forward to the wrong port, or with TLS where there is none.",
        ),
        Failure::RedirectLoop(target) => proxy(
            format!("{at} redirects in a loop, last to {target}."),
            "Remove the redirect to https where the proxy already receives https, and the one between host names.",
        ),
        Failure::Redirect(target) => proxy(
            format!("{at} redirects to {target}, and clients do not follow redirects of this document."),
            "Set server.issuer to the final URL, or serve the document without a redirect.",
        ),
    }
}

/// The `issuer` of a metadata document.
fn issuer_in(reply: &Reply) -> Option<&str> {
    reply.json.as_ref()?.get("issuer").and_then(Value::as_str).filter(|_| reply.status == 200)
}

/// Whether the document is the one that this configuration would serve.
fn judge(issuer: &Issuer, at: &str, reply: &Reply) -> Finding {
    let expected = issuer.as_str();
    let error = |cause: String, remedy: &str| Finding::error(ID, Section::Proxies, cause, remedy);
    let Some(found) = issuer_in(reply) else {
        return match reply.status {
            502..=504 => error(
                format!("{at} responds with status {}: the proxy cannot reach the server.", reply.status),
                "Start the server, and let the proxy forward to server.listen.",
            ),
            404 if !issuer.path().is_empty() => error(
                format!("{at} responds with status 404: the path {} does not lead to this server.", issuer.path()),
                "Let the proxy forward the path of the issuer unchanged.",
            ),
            200 => error(
                format!("{at} is no metadata document ({}): another server responds.", kind(&reply.media_type)),
                "Let the name and the port of the issuer lead to this server.",
            ),
            status => error(
                format!("{at} responds with status {status}: another server responds, or the proxy refuses it."),
                "Let the proxy forward every path to this server, without authentication of its own.",
            ),
        };
    };
    if found == expected {
        return Finding::ok(ID, Section::Proxies, format!("{expected} responds with its own discovery document."));
    }
    let other_scheme = |one: &str| one.split_once("://").map(|(_, rest)| rest.trim_end_matches('/').to_owned());
    if other_scheme(found) == other_scheme(expected) && found.trim_end_matches('/') != expected {
        return error(
            format!("The server calls itself {found} instead of {expected}, so clients get another scheme."),
            "Set server.issuer to the public URL, and restart the server: the issuer is never taken from headers.",
        );
    }
    error(
        format!("{at} is the document of {found} instead of {expected}: another server or configuration responds."),
        "Let the URL lead to this server, and start all nodes with the same server.issuer.",
    )
}

fn kind(media_type: &str) -> &str {
    if media_type.is_empty() { "without a media type" } else { media_type }
}

fn judge_version(reply: &Reply) -> Option<Finding> {
    (reply.version < Version::HTTP_11).then(|| {
        Finding::warning(
            "http_version",
            Section::Proxies,
            format!("The proxy responds in {:?}, which opens a connection for each request.", reply.version),
            "Let the proxy use HTTP/1.1 or newer on both sides.",
        )
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::{super::Severity, *};

    #[rstest]
    #[case(200, Some("https://id.example/auth"), Severity::Ok, "its own discovery document")]
    #[case(200, Some("http://id.example/auth"), Severity::Error, "another scheme")]
    #[case(200, Some("https://other.example"), Severity::Error, "document of https://other.example")]
    #[case(200, Some("https://id.example"), Severity::Error, "document of https://id.example")]
    #[case(200, None, Severity::Error, "another server responds")]
    #[case(404, None, Severity::Error, "path /auth does not lead")]
    #[case(401, None, Severity::Error, "status 401")]
    #[case(500, Some("https://id.example/auth"), Severity::Error, "status 500")]
    #[case(502, None, Severity::Error, "cannot reach the server")]
    fn discovery_is_judged_by_status_and_issuer(
        #[case] status: u16,
        #[case] issuer: Option<&str>,
        #[case] severity: Severity,
        #[case] part: &str,
    ) {
        let expected = "https://id.example/auth".parse().expect("an issuer");
        let json = issuer.map(|issuer| json!({ "issuer": issuer }));
        let finding = judge(&expected, "https://id.example/auth/x", &Reply::sample(status, "text/html", json));
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
        assert_eq!(finding.remedy.is_none(), severity == Severity::Ok);
    }

    #[rstest]
    #[case(Failure::Name, true, "id.example has no address")]
    #[case(Failure::Connection("refused".to_owned()), true, "although the server runs")]
    #[case(Failure::Connection("refused".to_owned()), false, "Nothing accepts connections")]
    #[case(Failure::Tls("The certificate has expired.".to_owned()), true, "has expired")]
    #[case(Failure::Silent, true, "although the server here responds")]
    #[case(Failure::Silent, false, "no whole response.")]
    #[case(Failure::Broken("reset".to_owned()), true, "broke: reset")]
    #[case(Failure::RedirectLoop("https://id.example/".to_owned()), true, "in a loop")]
    #[case(Failure::Redirect("https://www.id.example/".to_owned()), true, "do not follow redirects")]
    fn failure_is_named_with_what_the_local_server_shows(
        #[case] failure: Failure,
        #[case] is_here: bool,
        #[case] part: &str,
    ) {
        let finding = judge_failure("https://id.example/x", &failure, is_here);
        assert!(finding.severity == Severity::Error && finding.cause.contains(part), "{finding:?}");
    }

    #[test]
    fn old_protocol_version_is_a_warning() {
        let new = Reply::sample(200, "application/json", None);
        assert_eq!(judge_version(&new), None);
        let old = Reply { version: Version::HTTP_10, ..new };
        assert_eq!(judge_version(&old).map(|finding| finding.severity), Some(Severity::Warning));
    }
}
