//! S3-compatible storage. `rusty-s3` signs the requests; this sends them, and says why one was
//! refused. A signed URL is a permission, so it appears in no error and in no log.

mod upload;

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use actix_web::web::Bytes;
use jiff::fmt::rfc2822;
use reqwest::{Client, Method, Response, StatusCode, header::DATE, redirect::Policy};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle, actions::ListObjectsV2};
use tokio::runtime::Runtime;
use url::{Host, Url};

pub(super) use self::upload::Upload;
use crate::{clock::Clock, config::Settings, fetch};

/// How long a signature is valid, in seconds.
const VALID_FOR: Duration = Duration::from_secs(600);
/// Maximum time to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Maximum time without a byte of a response.
const SILENCE: Duration = Duration::from_secs(60);
/// How often a request is sent that meets no server, or a busy one.
const ATTEMPTS: usize = 3;
/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(500);
/// Maximum length of a response that is held in memory, in bytes.
const MAX_LENGTH: usize = 4 << 20;
/// The difference of two clocks from which a refusal is their fault, in seconds.
const CLOCK_TOLERANCE: i64 = 300;

/// Why a storage cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The URL is not one of a place in a bucket.
    #[error("{0} is not a place in a bucket, such as s3://BUCKET/PREFIX")]
    Url(String),
    /// There is no access key.
    #[error("there is no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
    NoCredentials,
    /// The region is unknown.
    #[error("the region of the bucket is unknown: set AWS_REGION or backup.region")]
    NoRegion,
    /// The endpoint is not a URL, or the bucket cannot be part of it.
    #[error("{0} cannot be used as an endpoint: it must be a URL such as https://s3.example.com")]
    Endpoint(String),
    /// The HTTP client cannot be set up.
    #[error("the requests cannot be made: {0}")]
    Client(#[from] io::Error),
    /// No response arrived.
    #[error("{host} does not respond: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// The reason.
        reason: String,
    },
    /// There is no such bucket.
    #[error("there is no bucket {bucket} at {host}")]
    NoBucket {
        /// The bucket.
        bucket: String,
        /// The host.
        host: String,
    },
    /// There is no such object.
    #[error("there is no s3://{bucket}/{key}")]
    NoObject {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// The access key is unknown.
    #[error("{0} does not know the access key of AWS_ACCESS_KEY_ID, or the session of AWS_SESSION_TOKEN has ended")]
    UnknownKey(String),
    /// The signature is wrong.
    #[error("{0} finds the signature wrong: check AWS_SECRET_ACCESS_KEY")]
    WrongSecret(String),
    /// The key may not do this.
    #[error("the access key may not {purpose} in the bucket {bucket}")]
    Denied {
        /// What was tried.
        purpose: &'static str,
        /// The bucket.
        bucket: String,
    },
    /// The clock of this machine is wrong, or that of the storage.
    #[error("the clock of this machine is {seconds} s {} that of {host}: correct it", if *.is_ahead { "ahead of" } else { "behind" })]
    Clock {
        /// The difference.
        seconds: i64,
        /// Whether this machine is ahead.
        is_ahead: bool,
        /// The host.
        host: String,
    },
    /// The bucket is in another region.
    #[error("the bucket {bucket} is not in the region {region}: set AWS_REGION or backup.region")]
    OtherRegion {
        /// The bucket.
        bucket: String,
        /// The configured region.
        region: String,
    },
    /// Another refusal.
    #[error("{host} refuses to {purpose}: {status} {code}")]
    Refused {
        /// The host.
        host: String,
        /// What was tried.
        purpose: &'static str,
        /// The HTTP status.
        status: u16,
        /// The code of the storage. Empty if there is none.
        code: String,
    },
    /// The response is not one of S3.
    #[error("{0} responds with something else than S3 does")]
    Malformed(String),
}

/// A bucket, and the permission to use it. Blocks.
pub struct Storage {
    bucket: Bucket,
    credentials: Credentials,
    http: Client,
    runtime: Runtime,
    clock: Clock,
    host: String,
}

impl Storage {
    /// A bucket at the configured endpoint. The usual variables of AWS have priority.
    ///
    /// # Errors
    /// [`StorageError`] if something is missing or malformed.
    pub(super) fn new(
        bucket: &str,
        variable: impl Fn(&str) -> Option<String>,
        settings: &Settings,
        clock: &Clock,
    ) -> Result<Self, StorageError> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let secret = variable("AWS_SECRET_ACCESS_KEY").ok_or(StorageError::NoCredentials)?;
        let key = variable("AWS_ACCESS_KEY_ID").ok_or(StorageError::NoCredentials)?;
        let credentials = match variable("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        };
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region.or_else(|| settings.backup.region.clone());
        let own = variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL"));
        let own = own.or_else(|| settings.backup.endpoint.as_ref().map(Url::to_string));
        let (endpoint, region, style) = match (own, region) {
            (Some(own), region) => (own, region.unwrap_or_else(|| "us-east-1".to_owned()), UrlStyle::Path),
            (None, None) => return Err(StorageError::NoRegion),
            (None, Some(region)) => {
                // No certificate of Amazon covers a bucket with a dot as part of the host.
                let style = if bucket.contains('.') { UrlStyle::Path } else { UrlStyle::VirtualHost };
                (format!("https://s3.{region}.amazonaws.com"), region, style)
            }
        };
        let unusable = || StorageError::Endpoint(endpoint.clone());
        let url = Url::parse(&endpoint).map_err(|_| unusable())?;
        let bucket = Bucket::new(url, style, bucket.to_owned(), region).map_err(|_| unusable())?;
        let host = bucket.base_url().host_str().unwrap_or_default().to_owned();
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .read_timeout(SILENCE)
            .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
        let http = fetch::with_authorities(http, settings.outgoing.ca_file.as_deref())?;
        let http = http.build().map_err(io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { bucket, credentials, http, runtime, clock: clock.clone(), host })
    }

    /// Whether others on the way can read what is sent.
    pub(super) fn is_plain(&self) -> bool {
        let url = self.bucket.base_url();
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && !is_loopback
    }

    /// The keys below `prefix`, at most `most` if given.
    pub(super) fn keys(&self, prefix: &str, most: Option<usize>) -> Result<Vec<String>, StorageError> {
        let (mut keys, mut next) = (Vec::new(), None::<String>);
        loop {
            let mut list = self.bucket.list_objects_v2(Some(&self.credentials));
            list.with_prefix(prefix);
            most.into_iter().for_each(|most| list.with_max_keys(most));
            if let Some(next) = next {
                list.with_continuation_token(next);
            }
            let response = self.send("list objects", "", Method::GET, &list, Bytes::new())?;
            let page = ListObjectsV2::parse_response(&self.text(response)?).map_err(|_| self.malformed())?;
            keys.extend(page.contents.into_iter().map(|object| object.key));
            next = page.next_continuation_token.filter(|_| most.is_none());
            if next.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Reads an object.
    pub(super) fn get(self: &Arc<Self>, key: &str) -> Result<Download, StorageError> {
        let action = self.bucket.get_object(Some(&self.credentials), key);
        let response = self.send("read an object", key, Method::GET, &action, Bytes::new())?;
        Ok(Download { storage: Arc::clone(self), response, chunk: Bytes::new() })
    }

    /// Writes an object.
    fn put(&self, key: &str, body: Bytes) -> Result<(), StorageError> {
        let action = self.bucket.put_object(Some(&self.credentials), key);
        self.send("write an object", key, Method::PUT, &action, body).map(drop)
    }

    /// Deletes an object, whose backup is incomplete.
    pub(super) fn delete(&self, key: &str) -> Result<(), StorageError> {
        let action = self.bucket.delete_object(Some(&self.credentials), key);
        self.send("delete an object", key, Method::DELETE, &action, Bytes::new()).map(drop)
    }

    /// Sends a request, and again if no server or a busy one was met.
    fn send<'a>(
        &self,
        purpose: &'static str,
        key: &str,
        method: Method,
        action: &impl S3Action<'a>,
        body: Bytes,
    ) -> Result<Response, StorageError> {
        self.runtime.block_on(async {
            let mut attempt = 1;
            loop {
                // The library reads the clock of the machine, which is that of the signature.
                let (now, url) = (self.clock.of_machine(), action.sign(VALID_FOR));
                let sent = self.http.request(method.clone(), url).body(body.clone()).send().await;
                let is_final = attempt == ATTEMPTS;
                match sent {
                    Ok(response) if response.status().is_success() => return Ok(response),
                    Ok(response) if !is_busy(response.status()) || is_final => {
                        return Err(self.refusal(purpose, key, now, response).await);
                    }
                    Err(error) if is_final => return Err(self.unreachable(error)),
                    _ => {}
                }
                attempt += 1;
                tokio::time::sleep(PAUSE).await;
            }
        })
    }

    async fn refusal(&self, purpose: &'static str, key: &str, now: i64, response: Response) -> StorageError {
        let (host, bucket) = (self.host.clone(), self.bucket.name().to_owned());
        let status = response.status();
        let date = response.headers().get(DATE).and_then(|date| rfc2822::parse(date.to_str().ok()?).ok());
        let ahead = date.map_or(0, |date| now - date.timestamp().as_second());
        let body = read(response).await.unwrap_or_default();
        let code = element(&String::from_utf8_lossy(&body), "Code");
        if status == StatusCode::FORBIDDEN && ahead.abs() > CLOCK_TOLERANCE {
            return StorageError::Clock { seconds: ahead.abs(), is_ahead: ahead > 0, host };
        }
        match code.as_str() {
            "NoSuchBucket" => StorageError::NoBucket { bucket, host },
            "NoSuchKey" => StorageError::NoObject { bucket, key: key.to_owned() },
            "InvalidAccessKeyId" | "ExpiredToken" | "InvalidToken" => StorageError::UnknownKey(host),
            "SignatureDoesNotMatch" => StorageError::WrongSecret(host),
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" => {
                StorageError::OtherRegion { bucket, region: self.bucket.region().to_owned() }
            }
            _ if status == StatusCode::FORBIDDEN => StorageError::Denied { purpose, bucket },
            _ => StorageError::Refused { host, purpose, status: status.as_u16(), code },
        }
    }

    fn text(&self, response: Response) -> Result<String, StorageError> {
        let body = self.runtime.block_on(read(response)).map_err(|error| self.unreachable(error))?;
        String::from_utf8(body).map_err(|_| self.malformed())
    }

    fn malformed(&self) -> StorageError {
        StorageError::Malformed(self.host.clone())
    }

    fn unreachable(&self, error: reqwest::Error) -> StorageError {
        // The innermost error says what happened; the outer ones repeat the URL.
        let error = error.without_url();
        let mut reason: &dyn std::error::Error = &error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        StorageError::Unreachable { host: self.host.clone(), reason: reason.to_string() }
    }
}

/// Whether the storage asks for another attempt.
fn is_busy(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Reads the start of a body, which is short.
async fn read(mut response: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_LENGTH {
            break;
        }
    }
    Ok(body)
}

/// The text of the first element with this name, if it is a word.
fn element(xml: &str, name: &str) -> String {
    let start = xml.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
    let text = start.and_then(|rest| rest.split_once('<')).map_or("", |(text, _)| text);
    let is_word = text.len() <= 100 && text.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word { text.to_owned() } else { String::new() }
}

/// An object that is being read.
pub(super) struct Download {
    storage: Arc<Storage>,
    response: Response,
    chunk: Bytes,
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            let chunk = self.storage.runtime.block_on(self.response.chunk());
            match chunk.map_err(|error| io::Error::other(self.storage.unreachable(error)))? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.chunk.len());
        buffer[..length].copy_from_slice(&self.chunk.split_to(length));
        Ok(length)
    }
}
