//! Load shedding: a worker that cannot serve every ready request refuses the last ones at once, so
//! that those it serves are served in time.
//!
//! A worker handles the requests that are ready in turns, one after the other. The length of a turn
//! is the time that a request waits. It is bounded, but only for a turn with many requests: a few
//! that take long are no overload.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCEPT, CACHE_CONTROL, ContentType, HeaderMap, RETRY_AFTER},
    middleware::Next,
    rt,
};

use crate::metrics::METRICS;

/// Maximum length of a turn before further requests are refused.
const MAX_TURN: Duration = Duration::from_millis(12);
/// The number of requests that each turn serves, however long it takes.
const ALWAYS_SERVED: u32 = 64;
/// Minimum time between two lines of a worker in the log.
const LOGGED_EVERY: Duration = Duration::from_secs(1);

const READINESS: &str = "/readyz";
const JSON: &str = r#"{"error":"temporarily_unavailable","error_description":"the server is overloaded"}"#;
const PAGE: &str = "The server is busy. Please try again in a moment.\n\
    지금은 서버가 붐빕니다. 잠시 후 다시 시도해 주세요.\n";

/// A worker's turn through the requests that are ready.
#[derive(Debug, Clone, Copy)]
struct Turn {
    began: Instant,
    served: u32,
    refused: u32,
}

impl Turn {
    const fn begin(now: Instant) -> Self {
        Self { began: now, served: 0, refused: 0 }
    }

    /// Counts another request. `false` if it is to be refused.
    fn admit(&mut self, now: Instant) -> bool {
        let admitted = self.served < ALWAYS_SERVED || now.duration_since(self.began) <= MAX_TURN;
        if admitted {
            self.served += 1;
        } else {
            self.refused += 1;
        }
        admitted
    }
}

thread_local! {
    /// The turn of this worker. `None` while it waits for requests.
    static TURN: Cell<Option<Turn>> = const { Cell::new(None) };
    /// Requests served and refused in the turns that refused some, since the last line in the log.
    static UNLOGGED: Cell<Option<(u32, u32)>> = const { Cell::new(None) };
}

/// Refuses a request that would wait for too long, with 503. Readiness is about what the server can
/// do, not about how busy it is.
pub(super) async fn shed<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.path() == READINESS || admit() {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    METRICS.faults.add(["shed"]);
    let refusal = refusal(request.headers());
    Ok(request.into_response(refusal).map_into_right_body())
}

fn admit() -> bool {
    let now = Instant::now();
    let mut turn = TURN.get().unwrap_or_else(|| {
        // Runs after everything that is ready now.
        rt::spawn(async {
            tokio::task::yield_now().await;
            if let Some(Turn { served, refused: refused @ 1.., .. }) = TURN.take() {
                log(served, refused);
            }
        });
        Turn::begin(now)
    });
    let admitted = turn.admit(now);
    TURN.set(Some(turn));
    admitted
}

fn log(served: u32, refused: u32) {
    let unlogged = UNLOGGED.get();
    let (served_before, refused_before) = unlogged.unwrap_or_default();
    UNLOGGED.set(Some((served_before + served, refused_before + refused)));
    if unlogged.is_none() {
        rt::spawn(async {
            rt::time::sleep(LOGGED_EVERY).await;
            if let Some((served, refused)) = UNLOGGED.take() {
                tracing::warn!(served, refused, "overload: a worker refused requests that would have waited");
            }
        });
    }
}

/// Made without templates and languages, because it must cost nearly nothing.
fn refusal(headers: &HeaderMap) -> HttpResponse {
    let mut response = HttpResponse::ServiceUnavailable();
    response.insert_header((RETRY_AFTER, "1")).insert_header((CACHE_CONTROL, "no-store"));
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        response.content_type(ContentType::plaintext()).body(PAGE)
    } else {
        response.content_type(ContentType::json()).body(JSON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turn_refuses_requests_only_when_it_is_long_and_has_served_many() {
        let began = Instant::now();
        let admits =
            |served, millis| Turn { served, ..Turn::begin(began) }.admit(began + Duration::from_millis(millis));
        assert!(admits(0, 0));
        assert!(admits(10_000, 12), "many short requests");
        assert!(admits(63, 1000), "a few long requests");
        assert!(!admits(64, 16));
    }

    #[actix_web::test]
    async fn turn_ends_when_the_worker_has_run_what_was_ready() {
        assert!(admit());
        assert!(TURN.get().is_some());
        let long_ago = Instant::now() - Duration::from_secs(1);
        TURN.set(Some(Turn { served: 64, ..Turn::begin(long_ago) }));
        assert!(!admit(), "the same turn");
        while TURN.get().is_some() {
            tokio::task::yield_now().await;
        }
        assert!(admit(), "the next turn");
    }
}
