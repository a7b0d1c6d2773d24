//! Texts for users, by language.

use unic_langid::LanguageIdentifier;

/// Why texts cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not a language tag.
    #[error("{0} is not a language tag such as ko or pt-BR")]
    Language(String),
    /// A text without words.
    #[error("a text in the language {0} is empty, or has spaces around it")]
    Blank(String),
    /// English is missing.
    #[error("en is missing: every text exists in English at least")]
    NoEnglish,
}

/// Checks texts, each with its language.
///
/// # Errors
/// [`Invalid`] with the reason.
pub fn check<'a>(texts: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), Invalid> {
    let mut has_english = false;
    for (language, text) in texts {
        let tag: Option<LanguageIdentifier> = language.parse().ok();
        if tag.is_none_or(|tag| tag != language) {
            return Err(Invalid::Language(language.to_owned()));
        }
        if text.is_empty() || text.trim() != text {
            return Err(Invalid::Blank(language.to_owned()));
        }
        has_english |= language == "en";
    }
    if has_english { Ok(()) } else { Err(Invalid::NoEnglish) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[("en", "Talk"), ("ko", "톡")], None)]
    #[case(&[("ko", "톡")], Some(Invalid::NoEnglish))]
    #[case(&[("en", "Talk"), ("x y", "a")], Some(Invalid::Language("x y".to_owned())))]
    #[case(&[("en", "Talk"), ("KO", "톡")], Some(Invalid::Language("KO".to_owned())))]
    #[case(&[("en", "")], Some(Invalid::Blank("en".to_owned())))]
    #[case(&[("en", " Talk")], Some(Invalid::Blank("en".to_owned())))]
    fn texts_have_a_language_and_exist_in_english(#[case] texts: &[(&str, &str)], #[case] invalid: Option<Invalid>) {
        assert_eq!(check(texts.iter().copied()).err(), invalid);
    }
}
