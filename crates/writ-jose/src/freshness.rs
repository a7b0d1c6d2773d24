//! How long a response stays fresh in a private cache ([RFC 9111 §4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)).
//!
//! Only `Cache-Control` and `Age` are read. Servers that publish keys send them, and `Expires`
//! would depend on the clock of the other machine.

/// Seconds for which a response stays fresh, from the values of its `Cache-Control` headers and its
/// `Age`.
///
/// `None` if the response does not specify it. Zero if the response must not be reused (`no-store`,
/// `no-cache`), is already stale, or has an invalid number of seconds.
pub fn lifetime<'a>(cache_control: impl IntoIterator<Item = &'a str>, age: Option<&str>) -> Option<u64> {
    let mut max_age = None;
    for directive in cache_control.into_iter().flat_map(|value| value.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(0),
            // The first `max-age` counts (RFC 9111 §4.2.1).
            "max-age" if max_age.is_none() => max_age = Some(seconds(value.trim().trim_matches('"')).unwrap_or(0)),
            _ => {}
        }
    }
    Some(max_age?.saturating_sub(age.and_then(seconds).unwrap_or(0)))
}

/// Parses `delta-seconds` ([RFC 9111
/// §1.2.2](https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2)). A number that is too large means
/// forever.
fn seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::max_age(&["public, max-age=600"], None, Some(600))]
    #[case::less_age(&["max-age=600"], Some("590"), Some(10))]
    #[case::stale(&["max-age=600"], Some("601"), Some(0))]
    #[case::malformed_age_is_ignored(&["max-age=600"], Some("-1"), Some(600))]
    #[case::any_case_and_quoted(&["Max-Age=\"60\""], None, Some(60))]
    #[case::space_before_comma(&["max-age=60 , public"], None, Some(60))]
    #[case::no_store(&["max-age=600, No-Store"], None, Some(0))]
    #[case::no_store_in_another_header(&["max-age=600", "no-store"], None, Some(0))]
    #[case::no_cache(&["no-cache"], None, Some(0))]
    #[case::no_cache_with_fields(&["max-age=600, no-cache=\"Set-Cookie\""], None, Some(0))]
    #[case::first_of_two(&["max-age=60, max-age=600"], None, Some(60))]
    #[case::not_a_number(&["max-age=soon"], None, Some(0))]
    #[case::negative(&["max-age=-1"], None, Some(0))]
    #[case::no_value(&["max-age"], None, Some(0))]
    #[case::forever(&["max-age=99999999999999999999999"], None, Some(u64::MAX))]
    #[case::other_directives(&["private, s-maxage=600"], None, None)]
    #[case::no_header(&[], Some("10"), None)]
    fn lifetime_follows_the_headers(
        #[case] cache_control: &[&str],
        #[case] age: Option<&str>,
        #[case] expected: Option<u64>,
    ) {
        assert_eq!(lifetime(cache_control.iter().copied(), age), expected);
    }
}
