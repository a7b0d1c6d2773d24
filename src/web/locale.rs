//! The language of a page and its texts.
//!
//! Texts are Fluent files in `locales/<BCP 47 tag>/*.ftl`, which are compiled in. Each folder is a
//! language. The code names no language except the fallback.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::LazyLock,
};

use super::cookies;
use actix_web::{HttpMessage, HttpRequest, http::header::ACCEPT_LANGUAGE};
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader};
use jiff::{ZonedDateTime, tz::Offset};

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
        // Isolation marks would end up in HTML attributes and titles. The sentences do not need
        // them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");
static KOREAN: LanguageIdentifier = langid!("ko");

static AVAILABLE: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    let mut locales: Vec<Locale> = TEXTS.locales().map(Locale).collect();
    locales.sort_by_key(Locale::to_string);
    locales
});

/// The cookie with the BCP 47 tag of the user's chosen language.
pub const LOCALE_COOKIE: &str = "locale";

/// The BCP 47 tag of the language in the user's account, as an extension of the request.
#[derive(Clone, Debug)]
pub struct Setting(pub String);

/// A value in a text: a string, or a number that may select a plural form.
pub type Value<'a> = FluentValue<'a>;

/// A language that every text exists in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Locale(&'static LanguageIdentifier);

impl Locale {
    /// English, the fallback of every text.
    pub const EN: Self = Self(&ENGLISH);
    /// Korean.
    pub const KO: Self = Self(&KOREAN);

    /// All languages, by tag.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &AVAILABLE
    }

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static LanguageIdentifier {
        self.0
    }

    /// The language of the response: the client's `ui_locales` (space-separated, OpenID Connect
    /// Core §3.1.2.1) unless the user chose a language in this browser, else the user's choice (the
    /// account's [`Setting`], then the cookie), else `Accept-Language`.
    #[must_use]
    pub fn of(request: &HttpRequest, ui_locales: Option<&str>) -> Self {
        let setting = request.extensions().get::<Setting>().cloned();
        let cookie = cookies::read_named(request, LOCALE_COOKIE);
        let accepted = accepted_languages(request);
        let suggested = ui_locales.filter(|_| cookie.is_none()).unwrap_or_default();
        let wishes = (suggested.split(' '))
            .chain(setting.as_ref().map(|Setting(tag)| tag.as_str()))
            .chain(cookie.as_deref())
            .chain(accepted.iter().map(String::as_str));
        Self::negotiate(wishes)
    }

    /// The first available language of `ranges` (best first), else English.
    pub fn negotiate<'a>(ranges: impl IntoIterator<Item = &'a str>) -> Self {
        ranges.into_iter().find_map(Self::lookup).unwrap_or(Self::EN)
    }

    /// The language for one BCP 47 range, found by dropping subtags from its end (RFC 4647 §3.4).
    #[must_use]
    pub fn lookup(range: &str) -> Option<Self> {
        // POSIX and Java write `ko_KR`.
        let range = range.trim().replace('_', "-");
        let mut range = range.as_str();
        loop {
            if let Some(found) = (Self::all().iter()).find(|locale| locale.to_string().eq_ignore_ascii_case(range)) {
                return Some(*found);
            }
            range = &range[..range.rfind('-')?];
        }
    }

    /// The entry of `texts` (by language tag) in this language, else in English.
    pub fn pick<T>(self, texts: &BTreeMap<String, T>) -> Option<&T> {
        texts.get(&self.to_string()).or_else(|| texts.get("en"))
    }

    /// The text with this key.
    #[must_use]
    pub fn text(self, key: &str) -> String {
        self.find(key, None)
    }

    /// The text with this key, with its placeholders filled in.
    pub fn text_with<'a, V: Into<Value<'a>> + Clone>(self, key: &str, values: &[(&str, V)]) -> String {
        let values = values.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        self.find(key, Some(&values))
    }

    fn find(self, key: &str, values: Option<&HashMap<&str, Value<'_>>>) -> String {
        TEXTS
            .lookup_single_language(self.0, key, values)
            .or_else(|_| TEXTS.lookup_single_language(&ENGLISH, key, values))
            .unwrap_or_else(|_| key.to_owned())
    }

    /// A number with digit groups, such as "4,210".
    #[must_use]
    pub fn number(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let head = digits.len() % 3;
        let mut groups: Vec<&str> = (head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]).collect();
        if head > 0 {
            groups.insert(0, &digits[..head]);
        }
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{}", groups.join(&self.text("digit-group-separator")))
    }

    /// A date such as "23 November 2026".
    #[must_use]
    pub fn date(self, at: &ZonedDateTime) -> String {
        self.find("date", Some(&date_values(at)))
    }

    /// A time to the minute with its offset, such as "23 November 2026, 14:05 (UTC+9)".
    #[must_use]
    pub fn date_time(self, at: &ZonedDateTime) -> String {
        let mut values = date_values(at);
        values.insert("time", format!("{:02}:{:02}", at.hour(), at.minute()).into());
        values.insert("zone", zone(at.offset()).into());
        self.find("date-time", Some(&values))
    }

    /// A duration in its largest unit, rounded up, such as "5 minutes".
    #[must_use]
    pub fn duration(self, seconds: i64) -> String {
        self.find("duration", Some(&span(seconds, Rounding::Up)))
    }

    /// A time `seconds` from now, rounded up so that waiting that long is enough: "in 5 minutes".
    #[must_use]
    pub fn in_time(self, seconds: i64) -> String {
        self.find("in-time", Some(&span(seconds, Rounding::Up)))
    }

    /// A time `seconds` ago, rounded down: "5 minutes ago".
    #[must_use]
    pub fn time_ago(self, seconds: i64) -> String {
        self.find("time-ago", Some(&span(seconds, Rounding::Down)))
    }
}

/// The BCP 47 tag.
impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({self})")
    }
}

/// The ranges of `Accept-Language`, best first. Quality 0 means refused, not last ([RFC 9110
/// §12.4.2](https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2)). Parsed here because actix
/// refuses the whole header if one tag is malformed, such as `ko_KR`.
fn accepted_languages(request: &HttpRequest) -> Vec<String> {
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut ranges: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|item| {
            let (range, quality) = item.split_once(';').unwrap_or((item, "q=1"));
            let quality = quality.trim().strip_prefix("q=")?.parse().ok()?;
            (quality > 0.0).then_some((quality, range.trim()))
        })
        .collect();
    ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranges.into_iter().map(|(_, range)| range.to_owned()).collect()
}

fn date_values(at: &ZonedDateTime) -> HashMap<&'static str, Value<'static>> {
    HashMap::from([("year", at.year().into()), ("month", at.month().into()), ("day", at.day().into())])
}

fn zone(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{hours:+}"),
        (hours, minutes) => format!("UTC{hours:+}:{:02}", minutes.abs()),
    }
}

#[derive(Clone, Copy)]
enum Rounding {
    Up,
    Down,
}

fn span(seconds: i64, rounding: Rounding) -> HashMap<&'static str, Value<'static>> {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = seconds.max(0);
    let (length, unit) = UNITS.into_iter().find(|(length, _)| seconds >= *length).unwrap_or((1, "second"));
    let count = match rounding {
        Rounding::Up => (seconds + length - 1) / length,
        Rounding::Down => seconds / length,
    };
    HashMap::from([("unit", unit.into()), ("count", count.into())])
}

#[cfg(test)]
mod tests {
    use actix_web::{cookie::Cookie, test::TestRequest};
    use rstest::rstest;

    use super::*;
    use crate::web::zone::Zone;

    #[rstest]
    #[case::nothing_known("", None, None, "", Locale::EN)]
    #[case::browser("", None, None, "ko-KR,ko;q=0.9,en;q=0.8", Locale::KO)]
    #[case::browser_by_quality("", None, None, "en;q=0.5, ko;q=0.7", Locale::KO)]
    #[case::refused_by_browser("", None, None, "ko;q=0, fr", Locale::EN)]
    #[case::anything("", None, None, "*", Locale::EN)]
    #[case::unknown_then_known("", None, None, "fr-CH, ko;q=0.1", Locale::KO)]
    #[case::underscore_in_browser("", None, None, "fr_CH, ko_KR;q=0.8", Locale::KO)]
    #[case::malformed_header("", None, None, ";;;q=x", Locale::EN)]
    #[case::cookie_over_browser("", None, Some("ko"), "en", Locale::KO)]
    #[case::setting_over_cookie("", Some("en"), Some("ko"), "ko", Locale::EN)]
    #[case::unknown_cookie_is_passed_over("", None, Some("tlh"), "ko", Locale::KO)]
    #[case::client_over_setting("ko en", Some("en"), None, "en", Locale::KO)]
    #[case::menu_over_client("en", None, Some("ko"), "en", Locale::KO)]
    #[case::client_falls_through("fr it", Some("ko"), None, "en", Locale::KO)]
    #[case::region_is_dropped("ko-Kore-KR", None, None, "", Locale::KO)]
    #[case::case_does_not_matter("KO-kr", None, None, "", Locale::KO)]
    #[case::underscore("ko_KR", None, None, "", Locale::KO)]
    #[case::longer_word_is_no_match("kok", None, None, "", Locale::EN)]
    fn negotiates(
        #[case] ui_locales: &str,
        #[case] setting: Option<&str>,
        #[case] cookie: Option<&'static str>,
        #[case] accept_language: &str,
        #[case] expected: Locale,
    ) {
        let mut request = TestRequest::default().insert_header(("Accept-Language", accept_language));
        if let Some(tag) = cookie {
            request = request.cookie(Cookie::new(LOCALE_COOKIE, tag));
        }
        let request = request.to_http_request();
        if let Some(tag) = setting {
            request.extensions_mut().insert(Setting(tag.to_owned()));
        }
        let found = Locale::of(&request, Some(ui_locales));
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(4_210, "4,210")]
    #[case(-1_234_567, "-1,234,567")]
    fn digits_stand_in_groups_of_three(#[case] number: i64, #[case] written: &str) {
        assert_eq!(Locale::EN.number(number), written);
    }

    #[test]
    fn dates_and_times_are_formatted() {
        let at = Zone::UTC.at(1_795_442_700);
        assert_eq!(Locale::EN.date(&at), "23 November 2026");
        assert_eq!(Locale::KO.date(&at), "2026년 11월 23일");
        assert_eq!(Locale::EN.date_time(&at), "23 November 2026, 14:05 (UTC)");
        let seoul = Zone::find("Asia/Seoul").expect("a zone").at(1_795_442_700);
        assert_eq!(Locale::KO.date_time(&seoul), "2026년 11월 23일 23:05(UTC+9)");
    }

    #[rstest]
    #[case(0, "in 0 seconds", "0초 뒤")]
    #[case(1, "in 1 second", "1초 뒤")]
    #[case(61, "in 2 minutes", "2분 뒤")]
    #[case(3_600, "in 1 hour", "1시간 뒤")]
    #[case(2_592_000, "in 30 days", "30일 뒤")]
    fn future_times_round_up(#[case] seconds: i64, #[case] english: &str, #[case] korean: &str) {
        assert_eq!(Locale::EN.in_time(seconds), english);
        assert_eq!(Locale::KO.in_time(seconds), korean);
    }

    #[rstest]
    #[case("de", "23. November 2026", "in 1 Tag", "vor 2 Tagen", "in 2 Stunden", "4.210")]
    #[case("ja", "2026年11月23日", "1日後", "2日前", "2時間後", "4,210")]
    fn further_languages_have_their_own_rules(
        #[case] tag: &str,
        #[case] date: &str,
        #[case] in_a_day: &str,
        #[case] two_days_ago: &str,
        #[case] in_two_hours: &str,
        #[case] number: &str,
    ) {
        let locale = Locale::lookup(tag).expect("a language");
        assert_eq!(locale.date(&Zone::UTC.at(1_795_442_700)), date);
        assert_eq!(
            (locale.in_time(86_400), locale.time_ago(2 * 86_400)),
            (in_a_day.to_owned(), two_days_ago.to_owned())
        );
        assert_eq!((locale.in_time(7_200), locale.number(4_210)), (in_two_hours.to_owned(), number.to_owned()));
    }

    #[test]
    fn past_times_round_down() {
        assert_eq!(Locale::EN.time_ago(119), "1 minute ago");
        assert_eq!(Locale::KO.time_ago(7_199), "1시간 전");
        assert_eq!(Locale::EN.duration(172_800), "2 days");
    }
}
