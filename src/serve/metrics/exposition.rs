//! The text of the metrics.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet, text::encode},
    metrics::MetricType,
    registry::Registry,
};

use super::gauges::Gauge;
use crate::metrics::{Counters, METRICS};

/// Encodes the counters of this process and these gauges.
///
/// # Errors
/// An error of the encoder.
pub(super) fn text(gauges: Vec<Gauge>) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Everything(gauges)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Everything(Vec<Gauge>);

impl Collector for Everything {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let (requests, counters) = METRICS.counters();
        count(&mut encoder, requests)?;
        for family in counters {
            count(&mut encoder, family)?;
        }
        for family in METRICS.histograms() {
            let mut metric = encoder.encode_descriptor(family.name, family.help, None, MetricType::Histogram)?;
            for series in family.snapshots() {
                let labels = [(family.label, series.value)];
                metric.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                    series.sum,
                    series.count,
                    &series.buckets,
                    None,
                )?;
            }
        }
        for gauge in &self.0 {
            let mut metric = encoder.encode_descriptor(gauge.name, gauge.help, None, MetricType::Gauge)?;
            for (label, value) in &gauge.values {
                match gauge.label {
                    "" => metric.encode_gauge(value)?,
                    name => metric.encode_family(&[(name, label.as_str())])?.encode_gauge(value)?,
                }
            }
        }
        Ok(())
    }
}

fn count<const N: usize>(encoder: &mut DescriptorEncoder<'_>, family: &Counters<N>) -> Result<(), fmt::Error>
where
    [(&'static str, &'static str); N]: EncodeLabelSet,
{
    let mut metric = encoder.encode_descriptor(family.name, family.help, None, MetricType::Counter)?;
    for (values, value) in family.values() {
        let labels: [(&str, &str); N] = std::array::from_fn(|index| (family.labels[index], values[index]));
        metric.encode_family(&labels)?.encode_counter::<NoLabelSet, u64, f64>(&value, None)?;
    }
    Ok(())
}
