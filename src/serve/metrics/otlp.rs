//! The same metrics for a collector, as OTLP.

use std::{sync::Arc, time::Duration};

use opentelemetry_proto::{
    tonic::{
        collector::metrics::v1::ExportMetricsServiceRequest,
        common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
        metrics::v1::{
            AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
            ScopeMetrics, Sum, metric::Data, number_data_point::Value,
        },
        resource::v1::Resource,
    },
    transform::common::tonic::ResourceAttributesWithSchema,
};
use prost::Message;
use tokio::time::MissedTickBehavior;

use super::gauges::{self, Gauges};
use crate::{
    clock::Clock,
    logging::Telemetry,
    metrics::{Counters, Histograms, METRICS},
    server::Server,
};

const NANOSECONDS: u64 = 1_000_000_000;

/// Sends the metrics at intervals, until it is dropped.
pub async fn send(server: Arc<Server>, telemetry: Arc<Telemetry>) {
    let Some(collector) = telemetry.metrics() else { return };
    let attributes = ResourceAttributesWithSchema::from(telemetry.resource()).attributes.0;
    let gauges = Gauges::new(Arc::clone(&server));
    let started = now();
    let mut interval = tokio::time::interval(Duration::from_secs(server.settings.telemetry.metrics_interval));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let families = families(&gauges.current().await, Times { started, now: now() });
        collector.send_metrics(request(attributes.clone(), families).encode_to_vec()).await;
    }
}

fn request(attributes: Vec<KeyValue>, metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    let scope = InstrumentationScope {
        name: "writ".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() }];
    let resource = Some(Resource { attributes, ..Resource::default() });
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }],
    }
}

/// When counting began, and now, in nanoseconds since the epoch.
#[derive(Clone, Copy)]
struct Times {
    started: u64,
    now: u64,
}

fn now() -> u64 {
    Clock::default().now().unsigned_abs() * NANOSECONDS
}

fn families(gauges: &[gauges::Gauge], times: Times) -> Vec<Metric> {
    let (requests, counters) = METRICS.counters();
    let mut metrics = vec![sum(requests, times)];
    metrics.extend(counters.into_iter().map(|family| sum(family, times)));
    metrics.extend(METRICS.histograms().into_iter().map(|family| histogram(family, times)));
    metrics.extend(gauges.iter().map(|family| gauge(family, times)));
    metrics
}

fn metric(name: &str, help: &str, data: Data) -> Metric {
    Metric { name: name.to_owned(), description: help.to_owned(), data: Some(data), ..Metric::default() }
}

fn attribute(name: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(any_value::Value::StringValue(value.to_owned())) };
    KeyValue { key: name.to_owned(), value: Some(value), ..KeyValue::default() }
}

fn number(attributes: Vec<KeyValue>, value: Value, times: Times) -> NumberDataPoint {
    NumberDataPoint {
        attributes,
        start_time_unix_nano: times.started,
        time_unix_nano: times.now,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn sum<const N: usize>(family: &Counters<N>, times: Times) -> Metric {
    let point = |(values, value): ([&'static str; N], u64)| {
        let attributes = family.labels.iter().zip(values).map(|(name, value)| attribute(name, value)).collect();
        number(attributes, Value::AsInt(i64::try_from(value).unwrap_or(i64::MAX)), times)
    };
    let data_points = family.values().into_iter().map(point).collect();
    let aggregation_temporality = AggregationTemporality::Cumulative.into();
    metric(family.name, family.help, Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic: true }))
}

fn histogram(family: &Histograms, times: Times) -> Metric {
    let point = |series: crate::metrics::Snapshot| HistogramDataPoint {
        attributes: vec![attribute(family.label, series.value)],
        start_time_unix_nano: times.started,
        time_unix_nano: times.now,
        count: series.count,
        sum: Some(series.sum),
        bucket_counts: series.buckets.iter().map(|(_, count)| *count).collect(),
        explicit_bounds: series.buckets.iter().map(|(bound, _)| *bound).filter(|bound| bound.is_finite()).collect(),
        ..HistogramDataPoint::default()
    };
    let data_points = family.snapshots().into_iter().map(point).collect();
    let aggregation_temporality = AggregationTemporality::Cumulative.into();
    metric(family.name, family.help, Data::Histogram(Histogram { data_points, aggregation_temporality }))
}

fn gauge(family: &gauges::Gauge, times: Times) -> Metric {
    let point = |(label, value): &(String, f64)| {
        let attributes = match family.label {
            "" => Vec::new(),
            name => vec![attribute(name, label)],
        };
        number(attributes, Value::AsDouble(*value), times)
    };
    metric(family.name, family.help, Data::Gauge(Gauge { data_points: family.values.iter().map(point).collect() }))
}
