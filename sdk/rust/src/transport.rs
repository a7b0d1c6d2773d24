//! The transport to the issuer. Tests and special networks can replace it.

use std::{pin::Pin, time::Duration};

/// An HTTP request to the issuer.
pub type Request = reqwest::Request;

/// The issuer's response with its whole body.
pub type Response = http::Response<Vec<u8>>;

/// The issuer did not return a usable response. The text is for logs.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// Sends requests to the issuer. Redirects are not followed, and time and size are bounded.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>>;
}

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 256 * 1024;

/// The default: reqwest over rustls, no redirects, 5 s in total, at most 256 KiB.
pub(crate) struct Https(reqwest::Client);

impl Https {
    pub(crate) fn new() -> Result<Self, TransportError> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT).build();
        client.map(Self).map_err(|error| with_causes(&error))
    }
}

impl Transport for Https {
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>> {
        let received = self.0.execute(request);
        Box::pin(async move {
            let mut received = received.await.map_err(|error| with_causes(&error))?;
            let mut body = Vec::new();
            while let Some(chunk) = received.chunk().await.map_err(|error| with_causes(&error))? {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_BODY {
                    return Err(TransportError("the response is longer than 256 KiB".to_owned()));
                }
            }
            let mut response = Response::new(body);
            *response.status_mut() = received.status();
            *response.headers_mut() = std::mem::take(received.headers_mut());
            Ok(response)
        })
    }
}

/// reqwest's own message ends at "error sending request". The reason is in its sources.
fn with_causes(error: &dyn std::error::Error) -> TransportError {
    let causes = std::iter::successors(Some(error), |error| error.source());
    TransportError(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}
