//! Load shedding: a worker with more requests than it can serve in time refuses the last ones at
//! once, so that those it serves are served in time.
//!
//! A worker starts requests for a slice of time, one after the other, and then looks for new ones.
//! Those that find no place in a slice wait in a queue. It is bounded by the expected time, but
//! only if it is long: a few requests that take long are no overload.

use std::{
    cell::Cell,
    rc::Rc,
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
use tokio::{sync::Semaphore, task::yield_now};

use crate::metrics::METRICS;

/// Time in which a worker starts requests before it looks for new ones.
const SLICE: Duration = Duration::from_millis(4);
/// Maximum expected wait before further requests are refused.
const MAX_WAIT: Duration = Duration::from_millis(12);
/// The number of requests that may always wait.
const ALWAYS_WAIT: u32 = 32;
/// Minimum time between two lines of a worker in the log.
const LOGGED_EVERY: Duration = Duration::from_secs(1);

const READINESS: &str = "/readyz";
const JSON: &str = r#"{"error":"temporarily_unavailable","error_description":"the server is overloaded"}"#;
const PAGE: &str = "The server is busy. Please try again in a moment.\n\
    지금은 서버가 붐빕니다. 잠시 후 다시 시도해 주세요.\n";

/// The time in which requests have started since the worker looked for new ones.
#[derive(Debug, Clone, Copy)]
struct Slice {
    began: Instant,
    started: u32,
}

/// The requests of a worker that have not started.
struct Queue {
    /// The first one has the permit. The others wait for it, in order.
    first: Semaphore,
    waiting: Cell<u32>,
    /// `None` if the worker has looked for new requests since the last one.
    slice: Cell<Option<Slice>>,
    /// How long a request takes, as far as the last slice tells.
    pace: Cell<Duration>,
    /// Requests refused since the last line in the log.
    refused: Cell<u32>,
}

/// A place in the queue.
struct Place(Rc<Queue>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.update(|waiting| waiting - 1);
    }
}

thread_local! {
    static QUEUE: Rc<Queue> = Rc::new(Queue::new());
}

impl Queue {
    const fn new() -> Self {
        Self {
            first: Semaphore::const_new(1),
            waiting: Cell::new(0),
            slice: Cell::new(None),
            pace: Cell::new(Duration::ZERO),
            refused: Cell::new(0),
        }
    }

    /// Waits until a request may start. `false` if it is to be refused.
    async fn admit(self: &Rc<Self>) -> bool {
        if is_full(self.waiting.get(), self.pace.get()) {
            self.log_refusal();
            return false;
        }
        self.waiting.update(|waiting| waiting + 1);
        let _place = Place(Rc::clone(self));
        let _first = self.first.acquire().await;
        while !self.start(Instant::now()) {
            yield_now().await;
        }
        true
    }

    /// Counts a request that starts. `false` if the slice is over.
    fn start(self: &Rc<Self>, now: Instant) -> bool {
        let slice = self.slice.get().unwrap_or_else(|| {
            let queue = Rc::clone(self);
            rt::spawn(async move {
                // Returns after the worker has looked for new requests.
                yield_now().await;
                queue.slice.set(None);
            });
            Slice { began: now, started: 0 }
        });
        let elapsed = now.duration_since(slice.began);
        if slice.started > 0 {
            self.pace.set(elapsed / slice.started);
        }
        let starts = elapsed <= SLICE;
        if starts {
            self.slice.set(Some(Slice { started: slice.started + 1, ..slice }));
        }
        starts
    }

    fn log_refusal(self: &Rc<Self>) {
        if self.refused.replace(self.refused.get() + 1) == 0 {
            let queue = Rc::clone(self);
            rt::spawn(async move {
                rt::time::sleep(LOGGED_EVERY).await;
                let refused = queue.refused.take();
                tracing::warn!(refused, "overload: a worker refused requests that would have waited");
            });
        }
    }
}

/// Whether a further request would wait for too long.
fn is_full(waiting: u32, pace: Duration) -> bool {
    waiting >= ALWAYS_WAIT && pace * waiting > MAX_WAIT
}

/// Refuses a request that would wait for too long, with 503. Readiness is about what the server can
/// do, not about how busy it is.
pub(super) async fn shed<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let queue = QUEUE.with(Rc::clone);
    if request.path() == READINESS || queue.admit().await {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    METRICS.faults.add(["shed"]);
    let refusal = refusal(request.headers());
    Ok(request.into_response(refusal).map_into_right_body())
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
    use futures_util::poll;

    use super::*;

    #[test]
    fn queue_is_full_only_if_it_is_long_and_the_wait_is() {
        let millis = Duration::from_millis;
        assert!(!is_full(31, millis(1000)), "a few long requests");
        assert!(is_full(32, millis(1)), "many long requests");
        assert!(!is_full(100, millis(1) / 10), "many short requests");
        assert!(is_full(200, millis(1) / 10), "too many short requests");
    }

    #[actix_web::test]
    async fn slice_ends_when_the_worker_has_looked_for_new_requests() {
        let queue = Rc::new(Queue::new());
        assert!(queue.admit().await);
        let slice = queue.slice.get().expect("a slice");
        queue.slice.set(Some(Slice { began: slice.began - SLICE * 2, ..slice }));
        let mut second = Box::pin(queue.admit());
        assert!(poll!(&mut second).is_pending(), "the slice is over");
        assert_eq!((queue.waiting.get(), queue.pace.get() >= SLICE), (1, true));
        assert!(second.await, "the next slice");
        assert_eq!(queue.waiting.get(), 0);
    }

    #[actix_web::test]
    async fn full_queue_refuses_at_once_and_those_who_leave_make_room() {
        let queue = Rc::new(Queue::new());
        queue.slice.set(Some(Slice { began: Instant::now() - SLICE * 2, started: 1 }));
        let mut waiting: Vec<_> = (0..ALWAYS_WAIT).map(|_| Box::pin(queue.admit())).collect();
        for request in &mut waiting {
            assert!(poll!(request).is_pending());
        }
        assert!(!queue.admit().await);
        assert_eq!(queue.refused.get(), 1);
        // The first one is disconnected.
        drop(waiting.remove(0));
        assert!(poll!(&mut waiting[0]).is_pending());
        queue.slice.set(None);
        assert!(poll!(&mut waiting[0]).is_ready(), "the next one is the first");
        assert_eq!(queue.waiting.get(), ALWAYS_WAIT - 2);
        assert!(poll!(Box::pin(queue.admit())).is_pending(), "there is room, behind the others");
    }
}
