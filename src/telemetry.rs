//! Spans for a collector of OpenTelemetry, and the trace that a request belongs to.
//!
//! Only spans of this file reach a collector (their target is [`TARGET`]), and the log shows none.
//! Their fields are fixed and bounded: no path, query, address, user or client, and no event.
//! Without the feature `otlp`, no span is recorded, and only the caller's trace is known.

use tracing::{Span, field::Empty};
use writ_core::vocabulary::trace_parent::TraceParent;

/// The target of spans for a collector.
pub const TARGET: &str = "writ::telemetry";

/// The span of a request.
pub fn request(method: &'static str, endpoint: &'static str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = endpoint,
        otel.kind = "server",
        http.request.method = method,
        http.route = endpoint,
        http.response.status_code = Empty,
        otel.status_code = Empty,
    )
}

/// Records how a request ended.
pub fn record_status(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        record_failure(span);
    }
}

/// Records that a request got no response.
pub fn record_failure(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// The span of a unit of work, with the wait for the database. One of a background task has none.
pub fn unit_of_work(kind: &'static str) -> Span {
    if Span::current().is_none() {
        return Span::none();
    }
    tracing::info_span!(target: TARGET, "unit_of_work", otel.name = kind, otel.kind = "client")
}

/// The span of a request that the server makes.
pub fn outgoing(method: &'static str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "outgoing",
        otel.name = method,
        otel.kind = "client",
        http.request.method = method,
        http.response.status_code = Empty,
        otel.status_code = Empty,
    )
}

/// A method by its name, or `_OTHER`, so that strangers cannot invent names.
pub fn method_name(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("_OTHER")
}

#[cfg(feature = "otlp")]
mod context {
    use opentelemetry::{
        Context, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, TraceContextExt, TraceState},
    };
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    use writ_core::vocabulary::trace_parent::TraceParent;

    /// Makes a span part of the caller's trace, unless spans are not recorded.
    pub fn continue_from(span: &Span, caller: TraceParent) {
        let flags = if caller.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
        let (trace_id, parent_id) = (TraceId::from(caller.trace_id), SpanId::from(caller.parent_id));
        let remote = SpanContext::new(trace_id, parent_id, flags, true, TraceState::default());
        // Fails only without a collector.
        let _ = span.set_parent(Context::new().with_remote_span_context(remote));
    }

    fn of(span: &Span) -> Option<SpanContext> {
        let context = span.context();
        let context = context.span().span_context().clone();
        context.is_valid().then_some(context)
    }

    /// The trace of a span as text. `None` if spans are not recorded.
    pub(super) fn trace_id(span: &Span) -> Option<String> {
        Some(of(span)?.trace_id().to_string())
    }

    /// The header `traceparent` of a request that is sent in a span. `None` if spans are not
    /// recorded.
    pub fn traceparent(span: &Span) -> Option<String> {
        let context = of(span)?;
        let (trace_id, span_id, flags) = (context.trace_id(), context.span_id(), context.trace_flags().to_u8());
        Some(format!("00-{trace_id}-{span_id}-{flags:02x}"))
    }
}

#[cfg(not(feature = "otlp"))]
mod context {
    use tracing::Span;
    use writ_core::vocabulary::trace_parent::TraceParent;

    /// No span is recorded.
    pub fn continue_from(_span: &Span, _caller: TraceParent) {}

    /// No span is recorded.
    pub(super) fn trace_id(_span: &Span) -> Option<String> {
        None
    }

    /// No span is recorded.
    pub fn traceparent(_span: &Span) -> Option<String> {
        None
    }
}

pub use context::{continue_from, traceparent};

/// The trace of a request as text, for the log: that of its span, else that of its caller.
pub fn trace_id(span: &Span, caller: Option<TraceParent>) -> Option<String> {
    context::trace_id(span).or_else(|| caller.map(|caller| format!("{:032x}", caller.trace_id)))
}
