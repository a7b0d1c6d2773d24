//! A server that does what commands ask for, by its administration API. What an operation needs
//! (method, path, version, idempotency key) is read from the description of the API.

mod request;
mod session;
mod sign_in;

use std::{cell::RefCell, io, path::Path, time::Duration};

use anyhow::{Context, anyhow, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_MATCH},
    redirect::Policy,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use writ::{config::Issuer, endpoints::admin::openapi, fetch};

use self::{request::Operation, session::Session};
pub(super) use self::{
    request::Request,
    sign_in::{LoginArgs, LogoutArgs},
};

/// Maximum time to connect, and for a response.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const RESPONSE_WITHIN: Duration = Duration::from_secs(60);
/// The number of entries in a page of a list.
const PAGE: &str = "200";
/// How often a part of a change is repeated that a request does not complete.
const PARTS: usize = 10_000;
/// What a segment of a path may contain besides letters and digits.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A server, and the session of an administrator there.
pub(super) struct Remote {
    /// The issuer of the server.
    pub(super) issuer: Issuer,
    http: Client,
    session: RefCell<Session>,
    reason: Option<String>,
}

/// A refusal ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    r#type: String,
    detail: String,
    cause: String,
    request_id: String,
}

impl Remote {
    /// The server of this issuer, at which an administrator has signed in.
    ///
    /// # Errors
    /// No administrator has, or the session cannot be read.
    pub(super) fn open(issuer: Issuer, ca_file: Option<&Path>, reason: Option<String>) -> anyhow::Result<Self> {
        let session = Session::load(&issuer)?;
        let session = session.with_context(|| format!("sign in first: writ login --server {}", issuer.as_str()))?;
        Ok(Self { http: client(ca_file)?, issuer, session: RefCell::new(session), reason })
    }

    /// Sends a request and returns the response. `null` if it has no body.
    ///
    /// # Errors
    /// The cause of the refusal, or no connection.
    pub(super) async fn send(&self, request: Request) -> anyhow::Result<Value> {
        let operation = Operation::find(request.operation)?;
        let path = operation.path(&request.path);
        let etag = match operation.versioned_path() {
            Some(versioned) => Some(self.etag(&fill(&versioned, &request.path)).await?),
            None => None,
        };
        let mut query = request.query.clone();
        loop {
            // The key belongs to one request, which is sent again after a new access token.
            let key = operation.is_made_once.then(|| uuid::Uuid::new_v4().to_string());
            let sent = Sent {
                method: operation.method.clone(),
                path: &path,
                query: &query,
                body: request.body.as_ref(),
                etag: etag.as_deref(),
                key: key.as_deref(),
            };
            let response = self.call(&sent).await?;
            if response.status() == StatusCode::NO_CONTENT {
                return Ok(Value::Null);
            }
            if response.status().is_success() {
                return response.json().await.context("the response of the server");
            }
            let problem = problem(response).await;
            let is_asked = query.iter().any(|(name, _)| *name == "force");
            match request.confirm {
                Some(confirm) if problem.cause == "object_in_use" && operation.has_force && !is_asked => {
                    let in_use = problem.detail.split(": repeat with").next().unwrap_or_default();
                    confirm.confirm(format_args!("Grants or members are lost: {in_use}."))?;
                    query.push(("force", "true".to_owned()));
                }
                _ => return Err(self.refusal(&problem)),
            }
        }
    }

    /// Sends a request until a change is complete, and adds up what each part did to `member`.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub(super) async fn send_parts(&self, request: Request, member: &str) -> anyhow::Result<u64> {
        let mut total = 0;
        for _ in 0..PARTS {
            let done = self.send(request.clone()).await?;
            total += done[member].as_u64().unwrap_or_default();
            if done["complete"] != json!(false) {
                break;
            }
        }
        Ok(total)
    }

    /// The entries of all pages of a list.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub(super) async fn pages(&self, request: Request) -> anyhow::Result<Vec<Value>> {
        let is_paged = Operation::find(request.operation)?.is_paged;
        let (mut entries, mut next) = (Vec::new(), None);
        loop {
            let mut page = request.clone();
            if is_paged {
                page.query.push(("limit", PAGE.to_owned()));
            }
            if let Some(next) = next {
                page.query.retain(|(name, _)| *name != "after");
                page.query.push(("after", next));
            }
            let mut response = self.send(page).await?;
            next = response["next"].take().as_str().map(str::to_owned);
            entries.extend(items(response));
            if next.is_none() {
                return Ok(entries);
            }
        }
    }

    /// The `sub` of the user who signs in with `login`.
    ///
    /// # Errors
    /// There is none, or as for [`Self::send`].
    pub(super) async fn user_id(&self, login: &str) -> anyhow::Result<String> {
        let found = self.send(Request::new("user.list").query("login", login)).await?;
        let sub = found["items"][0]["sub"].as_str();
        sub.map(str::to_owned).with_context(|| format!("there is no user with the username or e-mail address {login}"))
    }

    /// The group with this name.
    ///
    /// # Errors
    /// There is none, or as for [`Self::send`].
    pub(super) async fn group(&self, name: &str) -> anyhow::Result<Value> {
        let groups = self.pages(Request::new("group.list")).await?;
        let found = groups.into_iter().find(|group| group["name"] == name);
        found.with_context(|| format!("there is no group {name}: see `writ group list`"))
    }

    /// The id of the group with this name.
    ///
    /// # Errors
    /// As for [`Self::group`].
    pub(super) async fn group_id(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.group(name).await?["id"].as_str().unwrap_or_default().to_owned())
    }

    /// The version of what is at `path`.
    async fn etag(&self, path: &str) -> anyhow::Result<String> {
        let sent = Sent { method: Method::GET, path, query: &[], body: None, etag: None, key: None };
        let response = self.call(&sent).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&problem(response).await));
        }
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        etag.map(str::to_owned).with_context(|| format!("the response for {path} has no version"))
    }

    /// Sends a request with a valid access token.
    async fn call(&self, sent: &Sent<'_>) -> anyhow::Result<Response> {
        if self.session.borrow().is_old() {
            self.refresh().await?;
        }
        let response = self.call_once(sent).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        // It may have been revoked, or the clocks differ.
        self.refresh().await?;
        self.call_once(sent).await
    }

    async fn call_once(&self, sent: &Sent<'_>) -> anyhow::Result<Response> {
        let token = self.session.borrow().access_token().to_owned();
        let mut url = Url::parse(&self.issuer.join(sent.path)).context("the URL of the request")?;
        if !sent.query.is_empty() {
            url.query_pairs_mut().extend_pairs(sent.query);
        }
        let mut request = self.http.request(sent.method.clone(), url).bearer_auth(token);
        if let Some(body) = sent.body {
            let media_type =
                if sent.method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
            request = request.header(CONTENT_TYPE, media_type).body(body.to_string());
        }
        if let Some(etag) = sent.etag {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(key) = sent.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(reason) = self.reason.as_ref().filter(|_| sent.method != Method::GET) {
            request = request.header("Writ-Reason", reason.as_bytes());
        }
        request.send().await.map_err(|error| unreachable(&self.issuer, error))
    }

    async fn refresh(&self) -> anyhow::Result<()> {
        let current = self.session.borrow().clone();
        let refreshed = sign_in::refresh(&self.http, &current)
            .await
            .with_context(|| format!("the session at {} has ended: writ login --server {0}", self.issuer.as_str()))?;
        refreshed.save()?;
        self.session.replace(refreshed);
        Ok(())
    }

    fn refusal(&self, problem: &Problem) -> anyhow::Error {
        let Problem { r#type, detail, cause, request_id } = problem;
        anyhow!("{detail} ({cause}: {type}, request {request_id})")
    }
}

/// The entries of a list in one page.
pub(super) fn items(mut page: Value) -> Vec<Value> {
    match page["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// The names in an array.
pub(super) fn names(array: &Value) -> Vec<String> {
    array.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// A request to a path.
struct Sent<'a> {
    method: Method,
    path: &'a str,
    query: &'a [(&'static str, String)],
    body: Option<&'a Value>,
    etag: Option<&'a str>,
    key: Option<&'a str>,
}

/// Puts values into a path.
fn fill(template: &str, values: &[String]) -> String {
    let mut values = values.iter();
    let segment = |segment: &str| match segment.starts_with('{') {
        true => utf8_percent_encode(values.next().map_or("", String::as_str), SEGMENT).to_string(),
        false => segment.to_owned(),
    };
    template.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The client for all requests: TLS with the authorities of the system and of `ca_file`.
fn client(ca_file: Option<&Path>) -> anyhow::Result<Client> {
    let http = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .timeout(RESPONSE_WITHIN)
        .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
    let http = fetch::with_authorities(http, ca_file).context("outgoing.ca_file")?;
    Ok(http.build().map_err(io::Error::other)?)
}

/// Parses the issuer of a server. Tokens are sent over plain http to this machine only.
pub(super) fn parse_server(text: &str) -> anyhow::Result<Issuer> {
    let issuer: Issuer = text.parse().map_err(|error| anyhow!("--server: {error}"))?;
    ensure!(issuer.is_encrypted(), "--server: {text} is neither https nor this machine");
    Ok(issuer)
}

async fn problem(response: Response) -> Problem {
    let status = response.status();
    let problem: Problem = response.json().await.unwrap_or_default();
    if problem.cause.is_empty() {
        let detail = match status {
            StatusCode::NOT_FOUND => "the server has no administration API: set admin_api.enabled there".to_owned(),
            status => format!("the server responds with status {}", status.as_u16()),
        };
        return Problem { detail, cause: "no problem document".to_owned(), ..problem };
    }
    problem
}

fn unreachable(issuer: &Issuer, error: reqwest::Error) -> anyhow::Error {
    let error = error.without_url();
    let mut reason: &dyn std::error::Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    anyhow!("{} does not respond: {reason}", issuer.as_str())
}

/// The description of the operations.
fn document() -> Value {
    openapi::document(&writ::config::Settings::default().server.issuer)
}
