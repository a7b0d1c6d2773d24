//! Requests that the server makes to URLs from clients, which are untrusted, and to other
//! providers.
//!
//! Only https, and no addresses of private networks. Names are resolved here, and the connection
//! goes to the checked address, so a second DNS response changes nothing. Redirects are not
//! followed (client ID metadata documents forbid it, and nothing else needs it), proxy variables
//! are ignored, and a response is limited to five seconds and 64 KiB.

mod addresses;
mod documents;
mod provider_metadata;
mod published_keys;

use std::{io, path::Path, time::Duration};

use oauth2::{HttpRequest, HttpResponse};
use reqwest::{
    Certificate, Client, ClientBuilder, Request, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use tracing::Instrument;
use zeroize::Zeroizing;

use self::{addresses::Resolver, documents::Documents};
pub use self::{documents::Document, provider_metadata::ProviderMetadata, published_keys::NotVerified};
use crate::{config::OutgoingSettings, telemetry};

/// Maximum time to connect, in seconds.
const CONNECT_TIMEOUT: u64 = 3;
/// Maximum time for a response, in seconds.
const TIMEOUT: u64 = 5;
/// Maximum length of a response, in bytes.
const MAX_LENGTH: usize = 64 * 1024;
/// Maximum length of a range of hashes, in bytes: five times the present ones.
const MAX_RANGE_LENGTH: usize = 320 * 1024;
/// Maximum time for a range of hashes, in seconds: a user waits for it.
const RANGE_TIMEOUT: u64 = 2;

/// The HTTP client for all outgoing requests.
pub struct Fetcher {
    http: Client,
    allow_loopback: bool,
    documents: Documents,
}

/// Why a fetch failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL is not allowed.
    #[error("the URL is not allowed")]
    Forbidden,
    /// The response took too long.
    #[error("the response timed out")]
    Timeout,
    /// The connection could not be established, or broke.
    #[error("no connection")]
    Connection,
    /// The response is a redirect.
    #[error("the response is a redirect, which is not followed")]
    Redirect,
    /// The response has an error status.
    #[error("the response has status {0}")]
    Status(u16),
    /// The response is too long.
    #[error("the response is too long")]
    TooLong,
}

impl Fetcher {
    /// Creates a client for public addresses, and for others if configured.
    ///
    /// # Errors
    /// An error if TLS cannot be set up, or the file of certificate authorities cannot be read.
    pub fn new(settings: &OutgoingSettings) -> io::Result<Self> {
        let allow_loopback = settings.allow_loopback;
        let http = Client::builder()
            .dns_resolver(Resolver { allow_loopback })
            .redirect(Policy::none())
            .no_proxy()
            // Requests are rare, so no connections are kept, least of all on the runtime of a
            // worker.
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT))
            .timeout(Duration::from_secs(TIMEOUT))
            .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
        let http = with_authorities(http, settings.ca_file.as_deref())?;
        Ok(Self { http: http.build().map_err(io::Error::other)?, allow_loopback, documents: Documents::default() })
    }

    /// Whether requests to a URL are allowed, as far as it says itself. What its name stands for is
    /// resolved for each request.
    pub fn allows(&self, url: &str) -> bool {
        addresses::check(url, self.allow_loopback).is_some()
    }

    /// Posts a form and returns the status of the response.
    ///
    /// # Errors
    /// [`FetchError`] if the URL is not allowed, times out, or cannot be reached.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<StatusCode, FetchError> {
        let url = addresses::check(url, self.allow_loopback).ok_or(FetchError::Forbidden)?;
        let response = self.execute(self.http.post(url).form(fields).build()).await?;
        Ok(response.status())
    }

    /// Posts JSON with further headers, and returns the status of the response.
    ///
    /// # Errors
    /// As for [`Fetcher::post_form`]. A header that cannot be sent is [`FetchError::Forbidden`].
    pub async fn post_json(
        &self,
        url: &str,
        body: String,
        headers: &[(&'static str, Zeroizing<String>)],
    ) -> Result<StatusCode, FetchError> {
        let url = addresses::check(url, self.allow_loopback).ok_or(FetchError::Forbidden)?;
        let mut request = self.http.post(url).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value).map_err(|_| FetchError::Forbidden)?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        let response = self.execute(request.build()).await?;
        Ok(response.status())
    }

    /// Sends a request of an OAuth client, unless a request to the same URL failed in the last
    /// seconds. A response with an error status is a response.
    ///
    /// # Errors
    /// [`FetchError`] if the URL is not allowed, times out, redirects, or cannot be reached.
    pub async fn send(&self, request: HttpRequest, now: i64) -> Result<HttpResponse, FetchError> {
        // Apart from the failures of documents, which strangers can make the server fetch.
        let endpoint = format!("client {} {}", request.method(), request.uri());
        let is_outage = |error: &FetchError| matches!(error, FetchError::Timeout | FetchError::Connection);
        self.unless_failing(&endpoint, now, is_outage, self.send_now(request)).await
    }

    async fn send_now(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        addresses::check(&request.uri().to_string(), self.allow_loopback).ok_or(FetchError::Forbidden)?;
        let request = request.try_into().map_err(|_| FetchError::Forbidden)?;
        let response = self.execute(Ok(request)).await?;
        if response.status().is_redirection() {
            return Err(FetchError::Redirect);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let mut bounded = HttpResponse::new(read(response, MAX_LENGTH).await?);
        (*bounded.status_mut(), *bounded.headers_mut()) = (status, headers);
        Ok(bounded)
    }

    /// Sends a request as a part of the trace of the request that caused it.
    async fn execute(&self, request: reqwest::Result<Request>) -> Result<Response, FetchError> {
        let mut request = request.map_err(|error| no_answer(&error))?;
        let span = telemetry::outgoing(telemetry::method_name(request.method().as_str()));
        let traceparent = telemetry::traceparent(&span).and_then(|value| HeaderValue::from_str(&value).ok());
        if let Some(traceparent) = traceparent {
            request.headers_mut().insert("traceparent", traceparent);
        }
        let result = self.http.execute(request).instrument(span.clone()).await;
        match &result {
            Ok(response) => telemetry::record_status(&span, response.status().as_u16()),
            Err(_) => telemetry::record_failure(&span),
        }
        result.map_err(|error| no_answer(&error))
    }

    /// Fetches a document without the cache.
    ///
    /// # Errors
    /// [`FetchError`] if the URL is not allowed, times out, redirects, or does not return 200.
    pub async fn get(&self, url: &str) -> Result<Document, FetchError> {
        let url = addresses::check(url, self.allow_loopback).ok_or(FetchError::Forbidden)?;
        let request = self.http.get(url).header(ACCEPT, "application/json, application/jwt, */*;q=0.1");
        let response = self.execute(request.build()).await?;
        match response.status() {
            StatusCode::OK => {}
            status if status.is_redirection() => return Err(FetchError::Redirect),
            status => return Err(FetchError::Status(status.as_u16())),
        }
        let headers = response.headers();
        let (media_type, max_age) = (documents::media_type(headers), documents::max_age(headers));
        Ok(Document { media_type, max_age, body: read(response, MAX_LENGTH).await? })
    }

    /// Fetches the hashes of leaked passwords that begin with `range`, unless the service failed in
    /// the last seconds. The service pads its response, so that its length says nothing.
    ///
    /// # Errors
    /// As for [`Fetcher::get`].
    pub async fn password_range(&self, service: &str, range: &str, now: i64) -> Result<Vec<u8>, FetchError> {
        let fetch = async {
            let url = format!("{service}{range}");
            let url = addresses::check(&url, self.allow_loopback).ok_or(FetchError::Forbidden)?;
            let request = self.http.get(url).header("Add-Padding", "true");
            let request = request.timeout(Duration::from_secs(RANGE_TIMEOUT));
            let response = self.execute(request.build()).await?;
            match response.status() {
                StatusCode::OK => read(response, MAX_RANGE_LENGTH).await,
                status if status.is_redirection() => Err(FetchError::Redirect),
                status => Err(FetchError::Status(status.as_u16())),
            }
        };
        // What the operator has to correct is no outage, and each look-up says so.
        let is_outage = |error: &FetchError| match error {
            FetchError::Timeout | FetchError::Connection => true,
            FetchError::Status(status) => *status == 429 || *status >= 500,
            FetchError::Forbidden | FetchError::Redirect | FetchError::TooLong => false,
        };
        self.unless_failing(&format!("ranges {service}"), now, is_outage, fetch).await
    }
}

/// Makes a client trust the certificate authorities in a PEM file as well.
///
/// # Errors
/// The file cannot be read, or has no certificate.
pub fn with_authorities(builder: ClientBuilder, file: Option<&Path>) -> io::Result<ClientBuilder> {
    let Some(path) = file else { return Ok(builder) };
    let named = |error: String| io::Error::other(format!("{}: {error}", path.display()));
    let pem = std::fs::read(path).map_err(|error| named(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| named(error.to_string()))?;
    if certificates.is_empty() {
        return Err(named("the file has no certificate".to_owned()));
    }
    Ok(builder.tls_certs_merge(certificates))
}

/// Reads a body up to the limit, whatever its declared length.
async fn read(mut response: Response, max_length: usize) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
        if body.len() + chunk.len() > max_length {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn no_answer(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        FetchError::Timeout
    } else if addresses::is_forbidden(error) {
        FetchError::Forbidden
    } else {
        FetchError::Connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(allow_loopback: bool) -> Fetcher {
        Fetcher::new(&OutgoingSettings { allow_loopback, ca_file: None }).expect("TLS")
    }

    #[tokio::test]
    async fn forbidden_url_is_not_fetched() {
        let closed = outgoing(false);
        for url in [
            "http://shop.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://2130706433/",
            "https://localhost/",
            "http://localhost/",
            "ftp://shop.example/",
            "nonsense",
        ] {
            assert_eq!(closed.post_form(url, &[]).await, Err(FetchError::Forbidden), "{url}");
            assert_eq!(closed.get(url).await, Err(FetchError::Forbidden), "{url}");
        }
        let answer = outgoing(true).get("http://shop.example/").await;
        assert_eq!(answer, Err(FetchError::Forbidden), "plain http is for this machine alone");
    }

    #[test]
    fn authorities_file_is_refused_when_empty() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for path in [file.path(), "/no/such/file".as_ref()] {
            let settings = OutgoingSettings { allow_loopback: false, ca_file: Some(path.to_owned()) };
            let error = Fetcher::new(&settings).err().expect("refused").to_string();
            assert!(error.starts_with(&path.display().to_string()), "{error}");
        }
    }
}
