//! Requests to the authority: https only, without redirects, and bounded.
//!
//! The operator names the authority, which may be on a private network.

use std::{error::Error as StdError, future::Future, io, path::Path, pin::Pin, time::Duration};

use actix_web::web::Bytes;
use http_body_util::BodyExt;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use reqwest::{Certificate, Client, redirect::Policy};

/// Maximum time of a request.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum length of a response in bytes.
const MAX_LENGTH: usize = 1 << 20;

#[derive(Clone)]
pub(super) struct Http(Client);

impl Http {
    /// A client that trusts the machine's authorities, and those in a file.
    ///
    /// # Errors
    /// An error with the name of the file if it cannot be used.
    pub(super) fn new(ca_file: Option<&Path>) -> io::Result<Self> {
        let mut http = Client::builder()
            .https_only(true)
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT);
        if let Some(path) = ca_file {
            let named = |error: String| io::Error::other(format!("{}: {error}", path.display()));
            let pem = std::fs::read(path).map_err(|error| named(error.to_string()))?;
            let roots = Certificate::from_pem_bundle(&pem).map_err(|error| named(error.to_string()))?;
            if roots.is_empty() {
                return Err(named("the file has no certificate".to_owned()));
            }
            http = http.tls_certs_merge(roots);
        }
        http.build().map(Self).map_err(io::Error::other)
    }
}

impl HttpClient for Http {
    fn request(
        &self,
        request: http::Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let http = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(other)?.to_bytes();
            let request = http::Request::from_parts(parts, body).try_into().map_err(other)?;
            let mut response = http.execute(request).await.map_err(other)?;
            let mut head = http::Response::new(());
            (*head.status_mut(), *head.headers_mut()) = (response.status(), response.headers().clone());
            let mut bounded = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(other)? {
                if bounded.len() + chunk.len() > MAX_LENGTH {
                    return Err(Error::Str("a response of acceptable length"));
                }
                bounded.extend_from_slice(&chunk);
            }
            Ok(BytesResponse { parts: head.into_parts().0, body: Box::new(Bytes::from(bounded)) })
        })
    }
}

fn other(error: impl StdError + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}
