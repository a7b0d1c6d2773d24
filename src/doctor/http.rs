//! Requests to the own server: through the network as clients send them, and directly.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use jiff::fmt::rfc2822;
use reqwest::{
    Client, ClientBuilder, StatusCode, Version,
    header::{CONTENT_TYPE, DATE, HeaderName, LOCATION},
    redirect::Policy,
};
use serde_json::Value;
use url::Url;

use super::tls_failure;
use crate::{
    config::{ListenAddress, Settings},
    fetch,
    web::request_id::X_REQUEST_ID,
};

/// Maximum time to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// Maximum time of a response.
const RESPONSE_WITHIN: Duration = Duration::from_secs(5);
/// Maximum number of redirects that are followed.
const REDIRECTS: usize = 5;
/// Maximum length of a response in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// A response.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) media_type: String,
    /// The body, if it is a JSON document.
    pub(super) json: Option<Value>,
    /// The body as text.
    pub(super) text: String,
    /// The id that the server gave to the request.
    pub(super) request_id: Option<String>,
    /// Seconds by which the server's clock is ahead of this machine's.
    pub(super) clock_ahead: Option<i64>,
}

/// Why there is no response to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The host has no address.
    Name,
    /// No connection within the time limit, or it was refused.
    Connection(String),
    /// TLS failed, with the reason as a sentence.
    Tls(String),
    /// The connection is established, and no whole response arrives.
    Silent,
    /// The connection broke.
    Broken(String),
    /// The redirects lead back to where they started, or do not end.
    RedirectLoop(String),
    /// The URL redirects to another one.
    Redirect(String),
}

/// The client for requests to the own server. Redirects are not followed silently, and proxy
/// variables have no effect.
///
/// # Errors
/// Why `outgoing.ca_file` cannot be used.
pub(super) fn client(settings: &Settings) -> Result<Client, String> {
    let http = builder().connect_timeout(CONNECT_WITHIN).timeout(RESPONSE_WITHIN).redirect(Policy::none());
    let http = fetch::with_authorities(http, settings.outgoing.ca_file.as_deref());
    let http = http.map_err(|error| format!("outgoing.ca_file: {error}"))?;
    http.build().map_err(|error| error.to_string())
}

/// Each request has a connection of its own: one that a proxy is about to close is not its fault.
fn builder() -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .user_agent(concat!("writ-doctor/", env!("CARGO_PKG_VERSION")))
}

/// Fetches `url`.
///
/// # Errors
/// [`Failure`], also for a redirect.
pub(super) async fn get(http: &Client, url: &str, now: impl Fn() -> i64) -> Result<Reply, Failure> {
    let mut visited = vec![url.to_owned()];
    loop {
        let at = visited.last().map_or(url, String::as_str);
        let sent_at = now();
        let response = match http.get(at).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() && error.is_timeout() && accepts_connections(at).await => {
                return Err(Failure::Tls(
                    "The TLS handshake does not end: the port may be one without TLS.".to_owned(),
                ));
            }
            Err(error) => return Err(failure(&error)),
        };
        let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        if let Some(target) = target.filter(|_| response.status().is_redirection()) {
            let target = response.url().join(target).map_or_else(|_| target.to_owned(), |target| target.to_string());
            if visited.contains(&target) || visited.len() > REDIRECTS {
                return Err(Failure::RedirectLoop(target));
            }
            visited.push(target);
            continue;
        }
        return match visited.len() {
            1 => read(response, sent_at, now).await,
            _ => Err(Failure::Redirect(at.to_owned())),
        };
    }
}

/// Whether the port of a URL accepts TCP connections.
async fn accepts_connections(url: &str) -> bool {
    let Some((host, port)) =
        Url::parse(url).ok().and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)))
    else {
        return false;
    };
    let connect = tokio::net::TcpStream::connect((host.trim_matches(['[', ']']), port));
    matches!(tokio::time::timeout(CONNECT_WITHIN, connect).await, Ok(Ok(_)))
}

async fn read(mut response: reqwest::Response, sent_at: i64, now: impl Fn() -> i64) -> Result<Reply, Failure> {
    let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = header(DATE).and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp().as_second());
    let media_type = header(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
    let request_id = header(HeaderName::from_static(X_REQUEST_ID)).map(str::to_owned);
    let (status, version) = (response.status().as_u16(), response.version());
    // A slow response is not a difference between clocks.
    let clock_ahead = date.map(|date| (date - now()).max(0) + (date - sent_at).min(0));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_LENGTH {
            return Err(Failure::Broken("the response is too long".to_owned()));
        }
    }
    let (json, text) = (serde_json::from_slice(&body).ok(), String::from_utf8_lossy(&body).into_owned());
    Ok(Reply { status, version, media_type, json, text, request_id, clock_ahead })
}

fn failure(error: &reqwest::Error) -> Failure {
    let causes: Vec<&(dyn std::error::Error + 'static)> =
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source()).collect();
    if let Some(reason) = causes.iter().find_map(|cause| tls_failure::sentence(*cause)) {
        return Failure::Tls(reason);
    }
    let text = causes.last().map(ToString::to_string).unwrap_or_default();
    if error.is_timeout() && !error.is_connect() {
        Failure::Silent
    } else if causes.iter().any(|cause| cause.to_string().contains("dns error")) {
        Failure::Name
    } else if error.is_connect() {
        Failure::Connection(text)
    } else {
        Failure::Broken(text)
    }
}

/// Requests `path` from the first address of `server.listen`, as `writ healthcheck` does. Returns
/// the URL, the status and the text.
///
/// # Errors
/// That of the request, with the URL.
pub async fn get_local(settings: &Settings, path: &str) -> Result<(String, StatusCode, String), LocalError> {
    // The certificate is for the public name, which does not resolve to this address.
    let http = builder().timeout(RESPONSE_WITHIN).danger_accept_invalid_certs(true);
    let (http, origin) = match &settings.server.listen.addresses()[0] {
        ListenAddress::Unix(path) => (http.unix_socket(path.as_path()), "http://localhost".to_owned()),
        ListenAddress::Tcp(address) => {
            let mut address = *address;
            match address.ip() {
                IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
                IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
                _ => {}
            }
            let scheme = if settings.terminates_tls() { "https" } else { "http" };
            (http, format!("{scheme}://{address}"))
        }
    };
    let url = format!("{origin}/{path}");
    let failed = |source| LocalError { url: url.clone(), source };
    let response = http.build().map_err(failed)?.get(&url).send().await.map_err(failed)?;
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    Ok((url, status, text))
}

/// The local server did not respond.
#[derive(Debug, thiserror::Error)]
#[error("{url}")]
pub struct LocalError {
    url: String,
    source: reqwest::Error,
}

/// `path` at the issuer, or at the URL that replaces it.
pub(super) fn at(settings: &Settings, url: Option<&Url>, path: &str) -> String {
    match url {
        Some(url) => format!("{}{path}", url.as_str().trim_end_matches('/')),
        None => settings.server.issuer.join(path),
    }
}

#[cfg(test)]
impl Reply {
    /// A response for tests of judgements.
    pub(super) fn sample(status: u16, media_type: &str, json: Option<Value>) -> Self {
        let (version, media_type) = (Version::HTTP_11, media_type.to_owned());
        Self { status, version, media_type, json, text: String::new(), request_id: None, clock_ahead: None }
    }
}
