//! Time as a value.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) type Seconds = u64;

/// A `NumericDate` ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)): a JSON number, not negative. Fractions
/// are dropped.
pub(crate) fn numeric_date(value: &Value) -> Option<Seconds> {
    let fractional = || value.as_f64().filter(|date| *date >= 0.0).map(|date| date as Seconds);
    value.as_u64().or_else(fractional)
}

/// How far the clocks of issuer and resource server may disagree.
pub(crate) const LEEWAY: Seconds = 30;

/// Where a verifier reads the time. Tests replace it.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    pub(crate) fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Seconds {
        (self.0)().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

impl Default for Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}
