//! Domains of mail addresses: which may sign up, and for which another provider is trusted.

/// Whether an address may sign up: its domain is not blocked, and is allowed unless `allowed` is
/// empty. An entry stands for its subdomains, too. Internationalized domains are compared in their
/// ASCII form ([RFC 5890 §2.3.2](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2)).
pub fn admits(address: &str, allowed: &[String], blocked: &[String]) -> bool {
    let Some(domain) = address.rsplit('@').next().and_then(ascii) else { return false };
    let is_in = |list: &[String]| list.iter().filter_map(|entry| ascii(entry)).any(|entry| is_within(&domain, &entry));
    !is_in(blocked) && (allowed.is_empty() || is_in(allowed))
}

/// Whether the domain of an address is one of `trusted`. A subdomain is another domain, which
/// others may own.
pub fn is_one_of(address: &str, trusted: &[String]) -> bool {
    let Some(domain) = address.rsplit_once('@').and_then(|(_, domain)| ascii(domain)) else { return false };
    trusted.iter().filter_map(|entry| ascii(entry)).any(|entry| entry == domain)
}

fn ascii(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain.trim_end_matches('.')).ok().filter(|domain| !domain.is_empty())
}

fn is_within(domain: &str, entry: &str) -> bool {
    domain.strip_suffix(entry).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::everything("a@example.com", &[], &[], true)]
    #[case::allowed("a@example.com", &["example.com"], &[], true)]
    #[case::another("a@example.org", &["example.com"], &[], false)]
    #[case::subdomain("a@mail.example.com", &["example.com"], &[], true)]
    #[case::parent("a@example.com", &["mail.example.com"], &[], false)]
    #[case::same_ending("a@notexample.com", &["example.com"], &[], false)]
    #[case::blocked("a@example.com", &[], &["example.com"], false)]
    #[case::blocked_subdomain("a@x.example.com", &[], &["example.com"], false)]
    #[case::blocked_in_allowed("a@bad.example.com", &["example.com"], &["bad.example.com"], false)]
    #[case::case_of_the_entry("a@example.com", &["Example.COM"], &[], true)]
    #[case::other_form_of_a_blocked_one("a@münchen.example", &[], &["xn--mnchen-3ya.example"], false)]
    #[case::other_form_of_the_entry("a@xn--mnchen-3ya.example", &["münchen.example"], &[], true)]
    #[case::trailing_dot("a@example.com.", &[], &["example.com"], false)]
    #[case::two_signs("a@example.com@evil.example", &["example.com"], &[], false)]
    #[case::nothing("", &[], &[], false)]
    fn domain_decides(
        #[case] address: &str,
        #[case] allowed: &[&str],
        #[case] blocked: &[&str],
        #[case] admitted: bool,
    ) {
        let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
        assert_eq!(admits(address, &list(allowed), &list(blocked)), admitted);
    }
    #[rstest]
    #[case("ada@example.com", true)]
    #[case("ada@EXAMPLE.com", true)]
    #[case("ada@example.com.", true)]
    #[case("ada@münchen.example", true)]
    #[case("ada@eu.example.com", false)]
    #[case("ada@notexample.com", false)]
    #[case("ada@example.com@evil.example", false)]
    #[case("example.com", false)]
    #[case("", false)]
    fn trust_is_for_the_domain_itself(#[case] address: &str, #[case] trusted: bool) {
        let domains = ["example.com", "xn--mnchen-3ya.example"].map(str::to_owned);
        assert_eq!(is_one_of(address, &domains), trusted);
    }
}
