//! Describes a `User-Agent` in two words that a user recognises.

/// The browser and the operating system of a `User-Agent`. `None` if it is not a browser.
#[must_use]
pub fn describe(user_agent: &str) -> Option<(&'static str, &'static str)> {
    // In this order, because each browser also claims to be those after it.
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Whale/", "Whale"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    Some((named(&BROWSERS)?, named(&SYSTEMS)?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "Chrome",
        "Linux"
    )]
    #[case(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
        "Edge",
        "Windows"
    )]
    #[case(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1",
        "Safari",
        "iPhone"
    )]
    #[case(
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Safari/537.36",
        "Samsung Internet",
        "Android"
    )]
    #[case("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "macOS")]
    fn browsers(#[case] user_agent: &str, #[case] browser: &str, #[case] system: &str) {
        assert_eq!(describe(user_agent), Some((browser, system)));
    }

    #[test]
    fn programs_are_not_browsers() {
        assert_eq!(describe("curl/8.5.0"), None);
        assert_eq!(describe(""), None);
    }
}
