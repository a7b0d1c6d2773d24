//! What this process has counted since its start.
//!
//! Counting takes no lock and no memory: every series exists from the start, so its labels are
//! bounded, and adding is one atomic operation. A label that is not expected is not counted.
//! Nothing here is about a user or a client.

mod counters;
mod endpoint;

use std::{sync::LazyLock, time::Duration};

use writ_core::{Cause, SigningAlg, vocabulary::client_metadata::GrantType};

pub use self::{
    counters::{Counters, Histograms, Snapshot},
    endpoint::{Endpoint, status_class},
};

/// Bounds of durations in seconds.
const SECONDS: [f64; 11] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Bounds of the number of units of work in a commit.
const UNITS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 512.0];

/// The counters of this process.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// The counters of a process. The fields are public so that callers count with one expression.
#[derive(Debug)]
pub struct Metrics {
    /// Requests by endpoint and class of the status.
    pub requests: Counters<2>,
    /// Durations of requests by endpoint.
    pub request_seconds: Histograms,
    /// Refused requests by [`Cause`].
    pub refusals: Counters<1>,
    /// Failures on the server's side.
    pub faults: Counters<1>,
    /// Attempts to sign in.
    pub sign_ins: Counters<1>,
    /// Consent pages, and what users decided.
    pub consents: Counters<1>,
    /// Token responses by grant type.
    pub tokens: Counters<1>,
    /// Signatures by algorithm.
    pub signatures: Counters<1>,
    /// Decisions about refresh tokens.
    pub refreshes: Counters<1>,
    /// Durations of units of work, including the wait for the database.
    pub unit_seconds: Histograms,
    /// The number of units of work in each commit of SQLite.
    pub commit_units: Histograms,
}

impl Metrics {
    fn new() -> Self {
        let endpoints = || Endpoint::ALL.iter().map(|endpoint| endpoint.as_str());
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let requests = endpoints().flat_map(|endpoint| classes.map(|class| [endpoint, class]));
        let one = |label: &'static str| [label];
        Self {
            requests: Counters::new("writ_requests", "HTTP requests", ["endpoint", "status"], requests),
            request_seconds: Histograms::new(
                "writ_request_seconds",
                "Seconds until the response of a request",
                "endpoint",
                endpoints(),
                &SECONDS,
            ),
            refusals: Counters::new(
                "writ_refusals",
                "Refused requests by cause",
                ["cause"],
                Cause::all().map(|cause| [cause.id()]),
            ),
            faults: Counters::new("writ_faults", "Requests that the server failed to serve", ["kind"], {
                ["shed", "busy", "passing", "permanent"].map(one)
            }),
            sign_ins: Counters::new("writ_sign_ins", "Attempts to sign in with a password", ["outcome"], {
                ["accepted", "second_step", "wrong", "throttled", "busy"].map(one)
            }),
            consents: Counters::new("writ_consents", "Consent pages, and what users decided", ["outcome"], {
                ["shown", "allowed", "narrowed", "denied"].map(one)
            }),
            tokens: Counters::new(
                "writ_tokens",
                "Token responses by grant type",
                ["grant_type"],
                GrantType::ALL.map(|grant_type| [grant_type_label(grant_type)]),
            ),
            signatures: Counters::new(
                "writ_signatures",
                "Signed tokens and documents by algorithm",
                ["algorithm"],
                SigningAlg::ALL.map(|alg| [alg.as_str()]),
            ),
            refreshes: Counters::new("writ_refreshes", "Decisions about presented refresh tokens", ["decision"], {
                ["keep", "rotate", "repeat", "replace", "revoke"].map(one)
            }),
            unit_seconds: Histograms::new(
                "writ_unit_of_work_seconds",
                "Seconds of a unit of work in the database, including the wait for it",
                "kind",
                ["read", "write"],
                &SECONDS,
            ),
            commit_units: Histograms::new(
                "writ_commit_units",
                "Units of work that share a commit of SQLite",
                "database",
                ["sqlite"],
                &UNITS,
            ),
        }
    }

    /// Counts a response.
    pub fn count_response(&self, endpoint: Endpoint, status: u16, duration: Duration) {
        self.requests.add([endpoint.as_str(), status_class(status)]);
        self.request_seconds.observe_duration(endpoint.as_str(), duration);
    }

    /// Counts a response with tokens.
    pub fn count_tokens(&self, grant_type: GrantType) {
        self.tokens.add([grant_type_label(grant_type)]);
    }

    /// Every family of counters.
    pub fn counters(&self) -> (&Counters<2>, [&Counters<1>; 7]) {
        let Self { requests, refusals, faults, sign_ins, consents, tokens, signatures, refreshes, .. } = self;
        (requests, [refusals, faults, sign_ins, consents, tokens, signatures, refreshes])
    }

    /// Every family of histograms.
    pub fn histograms(&self) -> [&Histograms; 3] {
        [&self.request_seconds, &self.unit_seconds, &self.commit_units]
    }
}

/// The last part of the registered name, which is short and unique.
fn grant_type_label(grant_type: GrantType) -> &'static str {
    match grant_type {
        GrantType::AuthorizationCode => "authorization_code",
        GrantType::RefreshToken => "refresh_token",
        GrantType::ClientCredentials => "client_credentials",
        GrantType::DeviceCode => "device_code",
        GrantType::TokenExchange => "token_exchange",
        GrantType::JwtBearer => "jwt_bearer",
    }
}
