//! The span of a request for a collector, and the trace that it belongs to
//! ([Trace Context](https://www.w3.org/TR/trace-context/)).

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use tracing::{Instrument, Span};
use writ_core::vocabulary::trace_parent::TraceParent;

use crate::{metrics::Endpoint, server::Server, telemetry};

/// The request header.
const TRACEPARENT: &str = "traceparent";

/// Serves a request in a span. The log names its trace.
pub(super) async fn trace<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let method = telemetry::method_name(request.method().as_str());
    let span = telemetry::request(method, Endpoint::of(request.path()).as_str());
    let caller = caller(&request);
    if let Some(caller) = caller {
        telemetry::continue_from(&span, caller);
    }
    if let Some(trace_id) = telemetry::trace_id(&span, caller) {
        Span::current().record("trace_id", trace_id);
    }
    let result = next.call(request).instrument(span.clone()).await;
    let status = result.as_ref().map_or_else(|error| error.as_response_error().status_code(), ServiceResponse::status);
    telemetry::record_status(&span, status.as_u16());
    result
}

/// The trace of a trusted proxy, if it is believed. A stranger could have every request recorded,
/// or name the trace of another user, and most proxies forward what strangers send.
fn caller(request: &ServiceRequest) -> Option<TraceParent> {
    let server = request.app_data::<Data<Server>>()?;
    if !server.settings.telemetry.trust_traceparent {
        return None;
    }
    let trusted = &server.settings.server.trusted_proxies;
    // A peer without an address is a proxy on this machine.
    let is_trusted = request
        .peer_addr()
        .is_none_or(|peer| trusted.iter().any(|network| network.contains(&peer.ip().to_canonical())));
    let mut values = request.headers().get_all(TRACEPARENT);
    let value = values.next().filter(|_| is_trusted && values.next().is_none())?;
    value.to_str().ok()?.trim().parse().ok()
}
