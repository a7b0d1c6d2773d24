//! Polling for a device authorization
//! ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).

use crate::{Cause, Error, ErrorCode, ScopeSet};

/// Seconds by which the interval grows when a device polls too soon.
pub const SLOW_DOWN: i64 = 5;

/// The request of a device code. Times are seconds since the epoch.
#[derive(Debug, Clone)]
pub struct DeviceFacts<'a> {
    /// The client that started the request.
    pub client_id: &'a str,
    /// When the codes expire.
    pub expires_at: i64,
    /// Minimum number of seconds between two polls.
    pub interval: i64,
    /// The earliest time of the next poll.
    pub next_poll_at: i64,
    /// The granted scope: empty if the user denied, `None` if the user has not decided yet.
    pub granted: Option<&'a ScopeSet>,
}

/// The result of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// The poll is refused and not counted.
    Refuse(Error),
    /// The poll is counted, and the device must wait.
    Wait {
        /// The new interval in seconds.
        interval: i64,
        /// `slow_down` or `authorization_pending`.
        error: Error,
    },
    /// The user denied the request.
    Denied(Error),
    /// The user granted the request.
    Granted,
}

/// The error for an unusable device code.
pub fn invalid(detail: impl Into<String>) -> Error {
    Error::new(Cause::DeviceCodeInvalid, "the device code is not valid").because(detail)
}

/// "A variant of `authorization_pending`, the authorization request is still pending and polling
/// should continue, but the interval MUST be increased by 5 seconds".
pub fn slow_down() -> Error {
    Error::new(ErrorCode::SlowDown, "wait five seconds longer between two requests")
}

/// The user has not decided yet.
pub fn pending() -> Error {
    Error::new(ErrorCode::AuthorizationPending, "the user has not decided yet")
}

/// Decides about a poll of `client_id` at `now`.
pub fn poll(facts: &DeviceFacts<'_>, client_id: &str, now: i64) -> Poll {
    if facts.client_id != client_id {
        let owner = facts.client_id;
        return Poll::Refuse(invalid(format!("client {client_id} presented a code of client {owner}")));
    }
    if facts.expires_at <= now {
        return Poll::Refuse(
            Error::new(ErrorCode::ExpiredToken, "the device code has expired: request another")
                .because(format!("{} s ago", now - facts.expires_at)),
        );
    }
    if now < facts.next_poll_at {
        return Poll::Wait { interval: facts.interval + SLOW_DOWN, error: slow_down() };
    }
    match facts.granted {
        None => Poll::Wait { interval: facts.interval, error: pending() },
        Some(granted) if granted.is_empty() => {
            Poll::Denied(Error::new(ErrorCode::AccessDenied, "the user denied the request"))
        }
        Some(_) => Poll::Granted,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The error code of a poll at second 1000 and the new interval. `None` if it is granted.
    fn outcome(poll: Poll) -> Option<(ErrorCode, i64)> {
        match poll {
            Poll::Granted => None,
            Poll::Refuse(error) | Poll::Denied(error) => Some((error.code, 0)),
            Poll::Wait { interval, error } => Some((error.code, interval)),
        }
    }

    #[rstest]
    #[case::granted("tv", 1001, 1000, Some("openid"), None)]
    #[case::denied("tv", 1001, 1000, Some(""), Some((ErrorCode::AccessDenied, 0)))]
    #[case::pending("tv", 1001, 1000, None, Some((ErrorCode::AuthorizationPending, 5)))]
    #[case::too_soon("tv", 1001, 1001, None, Some((ErrorCode::SlowDown, 10)))]
    #[case::too_soon_though_granted("tv", 1001, 1001, Some("openid"), Some((ErrorCode::SlowDown, 10)))]
    #[case::expired("tv", 1000, 1000, Some("openid"), Some((ErrorCode::ExpiredToken, 0)))]
    #[case::foreign("radio", 1001, 1000, Some("openid"), Some((ErrorCode::InvalidGrant, 0)))]
    fn poll_has_one_outcome(
        #[case] client_id: &str,
        #[case] expires_at: i64,
        #[case] next_poll_at: i64,
        #[case] granted: Option<&str>,
        #[case] expected: Option<(ErrorCode, i64)>,
    ) {
        let granted = granted.map(ScopeSet::from_stored);
        let facts = DeviceFacts { client_id: "tv", expires_at, interval: 5, next_poll_at, granted: granted.as_ref() };
        assert_eq!(outcome(poll(&facts, client_id, 1000)), expected);
    }
}
