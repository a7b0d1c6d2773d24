//! The languages of the demonstration.

use actix_web::{HttpRequest, http::header::ACCEPT_LANGUAGE};

/// A language of a page. The templates contain the texts in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Korean,
}

impl Language {
    /// The language that the browser prefers.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let preferred = accepted.unwrap_or_default().trim_start();
        if preferred.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("ko")) { Self::Korean } else { Self::English }
    }

    /// The BCP 47 tag.
    pub(super) fn tag(self) -> &'static str {
        self.say("en", "ko")
    }

    /// The text in this language.
    pub(super) fn say<'a>(self, english: &'a str, korean: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Korean => korean,
        }
    }
}
