//! How the issuer is reached: one seam, so that tests and unusual networks can replace it.

use std::{pin::Pin, time::Duration};

/// An HTTP request to the issuer.
pub type Request = reqwest::Request;

/// What the issuer answered, read to its end.
pub type Response = http::Response<Vec<u8>>;

/// The issuer gave no usable answer; the text is for logs.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// Sends requests to the issuer: without following redirects, within bounds of time and size.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>>;
}

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 256 * 1024;

/// The default: reqwest over rustls, no redirects, 5 s in all, at most 256 KiB.
pub(crate) struct Https(reqwest::Client);

impl Https {
    pub(crate) fn new() -> Result<Self, TransportError> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT).build();
        client.map(Self).map_err(|error| because(&error))
    }
}

impl Transport for Https {
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>> {
        let answer = self.0.execute(request);
        Box::pin(async move {
            let mut answer = answer.await.map_err(|error| because(&error))?;
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(|error| because(&error))? {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_BODY {
                    return Err(TransportError("the answer is longer than 256 KiB".to_owned()));
                }
            }
            let mut response = Response::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            Ok(response)
        })
    }
}

/// reqwest's own message stops at "error sending request"; the cause is further down.
fn because(error: &dyn std::error::Error) -> TransportError {
    let causes = std::iter::successors(Some(error), |error| error.source());
    TransportError(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}
