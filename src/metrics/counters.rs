//! Counters and histograms whose series are fixed at the start.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A family of counters with `N` labels.
#[derive(Debug)]
pub struct Counters<const N: usize> {
    /// The name of the family, without a unit or `_total`.
    pub name: &'static str,
    /// What is counted.
    pub help: &'static str,
    /// The names of the labels.
    pub labels: [&'static str; N],
    series: HashMap<[&'static str; N], AtomicU64>,
}

impl<const N: usize> Counters<N> {
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        values: impl IntoIterator<Item = [&'static str; N]>,
    ) -> Self {
        let series = values.into_iter().map(|values| (values, AtomicU64::new(0))).collect();
        Self { name, help, labels, series }
    }

    /// Adds one to the series with these label values.
    pub fn add(&self, values: [&'static str; N]) {
        if let Some(counter) = self.series.get(&values) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The current values, in the order of the labels.
    pub fn values(&self) -> Vec<([&'static str; N], u64)> {
        let mut values: Vec<_> =
            self.series.iter().map(|(labels, value)| (*labels, value.load(Ordering::Relaxed))).collect();
        values.sort_unstable();
        values
    }
}

/// A family of histograms with one label.
#[derive(Debug)]
pub struct Histograms {
    /// The name of the family.
    pub name: &'static str,
    /// What is measured, with the unit.
    pub help: &'static str,
    /// The name of the label.
    pub label: &'static str,
    bounds: &'static [f64],
    series: HashMap<&'static str, Series>,
}

#[derive(Debug)]
struct Series {
    /// One more than there are bounds.
    buckets: Vec<AtomicU64>,
    /// In millionths.
    sum: AtomicU64,
}

/// The state of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The value of the label.
    pub value: &'static str,
    /// The sum of all observations.
    pub sum: f64,
    /// The number of observations.
    pub count: u64,
    /// Each upper bound with the number of observations between the previous one and this one.
    pub buckets: Vec<(f64, u64)>,
}

impl Histograms {
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = &'static str>,
        bounds: &'static [f64],
    ) -> Self {
        let series = |value| {
            let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
            (value, Series { buckets, sum: AtomicU64::new(0) })
        };
        Self { name, help, label, bounds, series: values.into_iter().map(series).collect() }
    }

    /// Adds an observation to the series with this label value.
    pub fn observe(&self, value: &'static str, observed: f64) {
        let Some(series) = self.series.get(value) else { return };
        let bucket = self.bounds.iter().position(|bound| observed <= *bound).unwrap_or(self.bounds.len());
        series.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        series.sum.fetch_add((observed * 1e6) as u64, Ordering::Relaxed);
    }

    /// As [`observe`](Self::observe), in seconds.
    pub fn observe_duration(&self, value: &'static str, observed: Duration) {
        self.observe(value, observed.as_secs_f64());
    }

    /// The current state of each series, in the order of the label.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let mut snapshots: Vec<Snapshot> =
            self.series.iter().map(|(value, series)| self.snapshot(value, series)).collect();
        snapshots.sort_unstable_by_key(|snapshot| snapshot.value);
        snapshots
    }

    fn snapshot(&self, value: &'static str, series: &Series) -> Snapshot {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let counts = series.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        // Taken from the buckets, so that both agree while others count.
        let count = buckets.iter().map(|(_, count)| count).sum();
        Snapshot { value, sum: series.sum.load(Ordering::Relaxed) as f64 / 1e6, count, buckets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_expected_labels_are_counted() {
        let counters = Counters::new("c", "", ["kind"], [["b"], ["a"]]);
        counters.add(["a"]);
        counters.add(["a"]);
        counters.add(["from a stranger"]);
        assert_eq!(counters.values(), [(["a"], 2), (["b"], 0)]);
    }

    #[test]
    fn observation_is_counted_below_the_next_bound() {
        let histograms = Histograms::new("h", "", "kind", ["a"], &[1.0, 2.0]);
        for observed in [0.5, 1.0, 1.5, 7.0] {
            histograms.observe("a", observed);
        }
        let buckets = vec![(1.0, 2), (2.0, 1), (f64::INFINITY, 1)];
        assert_eq!(histograms.snapshots(), [Snapshot { value: "a", sum: 10.0, count: 4, buckets }]);
    }
}
