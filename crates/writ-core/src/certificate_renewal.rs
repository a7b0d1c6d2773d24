//! When the server's own certificate is renewed ([RFC 8555](https://www.rfc-editor.org/rfc/rfc8555)),
//! and how long it waits after a failed order.

/// Seconds until the second order. Authorities allow a handful of failures in an hour.
const FIRST_DELAY: i64 = 300;
/// Maximum time between two orders in seconds: six hours.
pub const LONGEST_DELAY: i64 = 6 * 3600;
/// Bounds of the time until the authority is asked again, in seconds: an hour and a day.
const ASKED_AGAIN: (i64, i64) = (3600, 86_400);

/// The latest time of a renewal: a third of the certificate's life is left.
pub fn renewal_time(not_before: i64, not_after: i64) -> i64 {
    not_after - (not_after - not_before).max(0) / 3
}

/// The time of a renewal in the window that the authority suggests, but no later than `latest`.
/// `random` selects it, so that the clients of an authority do not all come at once, and only when
/// the `planned` time is that without a window, or is outside of it: the earliest of many draws
/// would be the start of the window for all
/// ([RFC 9773 §4.2](https://www.rfc-editor.org/rfc/rfc9773#section-4.2)).
pub fn suggested_time((start, end): (i64, i64), planned: i64, latest: i64, random: u32) -> i64 {
    if planned != latest && (start..=end).contains(&planned) {
        return planned.min(latest);
    }
    let width = i128::from(end.saturating_sub(start).max(0));
    let offset = width * i128::from(random) / i128::from(u32::MAX);
    start.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX)).min(latest)
}

/// Seconds until the authority is asked for a window again, after it asked for `seconds`.
pub fn asked_again_after(seconds: i64) -> i64 {
    seconds.clamp(ASKED_AGAIN.0, ASKED_AGAIN.1)
}

/// Seconds until the next order, if the one after `failures` failed ones fails as well.
pub fn delay_after(failures: i32) -> i64 {
    let doublings = failures.clamp(0, 16).unsigned_abs();
    (FIRST_DELAY << doublings).min(LONGEST_DELAY)
}

/// Whether a certificate is ordered now. `renew_at` is in the past if there is none yet. An attempt
/// further ahead than the longest delay was planned by a fast clock.
pub fn is_due(renew_at: i64, next_attempt_at: i64, now: i64) -> bool {
    renew_at <= now && (next_attempt_at <= now || next_attempt_at > now + LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const DAY: i64 = 86_400;

    #[rstest]
    #[case(0, 90 * DAY, 60 * DAY)]
    #[case(0, 6 * DAY, 4 * DAY)]
    #[case(100, 115, 110)]
    #[case::turned_round(100, 50, 50)]
    fn certificate_is_renewed_when_a_third_of_its_life_is_left(
        #[case] not_before: i64,
        #[case] not_after: i64,
        #[case] expected: i64,
    ) {
        assert_eq!(renewal_time(not_before, not_after), expected);
    }

    #[rstest]
    #[case((100, 200), 1000, 0, 100)]
    #[case((100, 200), 1000, u32::MAX, 200)]
    #[case((100, 200), 1000, u32::MAX / 2, 149)]
    #[case::time_without_a_window((900, 1100), 1000, 0, 900)]
    #[case::drawn_before((100, 200), 150, 0, 150)]
    #[case::window_has_moved((100, 200), 250, 0, 100)]
    #[case::window_ends_too_late((100, 2000), 1000, u32::MAX, 1000)]
    #[case::drawn_too_late((100, 2000), 1500, 0, 1000)]
    #[case::window_is_past((-50, -10), 1000, 0, -50)]
    #[case::window_is_turned_round((200, 100), 1000, u32::MAX, 200)]
    #[case::window_is_endless((0, i64::MAX), 1000, u32::MAX, 1000)]
    fn renewal_is_in_the_suggested_window_and_never_later_than_without(
        #[case] window: (i64, i64),
        #[case] planned: i64,
        #[case] random: u32,
        #[case] expected: i64,
    ) {
        assert_eq!(suggested_time(window, planned, 1000, random), expected);
    }

    #[test]
    fn delay_doubles_up_to_six_hours() {
        let delays: Vec<i64> = (0..8).map(delay_after).collect();
        assert_eq!(delays, [300, 600, 1200, 2400, 4800, 9600, 19_200, LONGEST_DELAY]);
        assert_eq!((delay_after(i32::MAX), delay_after(-1)), (LONGEST_DELAY, 300));
    }

    #[test]
    fn orders_of_the_first_hour_and_of_a_later_day_are_few() {
        let mut at = 0;
        let mut orders = Vec::new();
        for failures in 0..40 {
            orders.push(at);
            at += delay_after(failures);
        }
        assert_eq!(orders.iter().filter(|at| **at < 3600).count(), 4);
        assert!(orders.iter().filter(|at| (2 * DAY..3 * DAY).contains(*at)).count() <= 4);
    }

    #[rstest]
    #[case::first_order(0, 0, true)]
    #[case::not_yet(1001, 0, false)]
    #[case::now(1000, 1000, true)]
    #[case::after_a_failure(0, 1001, false)]
    #[case::planned_by_a_fast_clock(0, 1001 + LONGEST_DELAY, true)]
    fn order_waits_for_the_renewal_and_for_the_delay(
        #[case] renew_at: i64,
        #[case] next_attempt_at: i64,
        #[case] due: bool,
    ) {
        assert_eq!(is_due(renew_at, next_attempt_at, 1000), due);
    }

    #[rstest]
    #[case(0, 3600)]
    #[case(6 * 3600, 6 * 3600)]
    #[case(i64::MAX, DAY)]
    fn authority_is_asked_between_an_hour_and_a_day(#[case] seconds: i64, #[case] expected: i64) {
        assert_eq!(asked_again_after(seconds), expected);
    }
}
