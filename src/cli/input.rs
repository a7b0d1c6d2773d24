//! The input of commands: standard input, files, and texts with a language.

use std::{collections::BTreeMap, io::Read};

use anyhow::{Context, ensure};

/// Maximum length of standard input in bytes.
const LONGEST_INPUT: u64 = 1 << 20;

/// Reads standard input without the final line break.
pub(super) fn standard_input() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(LONGEST_INPUT + 1).read_to_string(&mut text).context("standard input")?;
    ensure!(text.len() as u64 <= LONGEST_INPUT, "standard input is longer than {LONGEST_INPUT} bytes");
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}

/// Reads `file`. `-` is standard input.
pub(super) fn text_of(file: &str) -> anyhow::Result<String> {
    if file == "-" { standard_input() } else { std::fs::read_to_string(file).with_context(|| file.to_owned()) }
}

/// A text in one language: `LANG=TEXT`, such as `ko=메시지 읽기`.
#[derive(Debug, Clone)]
pub(super) struct LocalizedText {
    language: String,
    text: String,
}

impl std::str::FromStr for LocalizedText {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, Self::Err> {
        let expected = || "expected LANG=TEXT, such as en=Messages".to_owned();
        let (language, text) = argument.split_once('=').ok_or_else(expected)?;
        let tag: unic_langid::LanguageIdentifier = language.parse().map_err(|_| expected())?;
        if text.trim().is_empty() {
            return Err(expected());
        }
        Ok(Self { language: tag.to_string(), text: text.trim().to_owned() })
    }
}

/// The texts by language.
pub(super) fn texts(option: &str, texts: Vec<LocalizedText>) -> anyhow::Result<BTreeMap<String, String>> {
    let count = texts.len();
    let by_language: BTreeMap<_, _> = texts.into_iter().map(|text| (text.language, text.text)).collect();
    ensure!(by_language.len() == count, "{option} has two texts for one language");
    Ok(by_language)
}

/// The texts by language, which must include English.
pub(super) fn by_language(option: &str, localized: Vec<LocalizedText>) -> anyhow::Result<BTreeMap<String, String>> {
    let by_language = texts(option, localized)?;
    ensure!(by_language.contains_key("en"), "{option} en=TEXT is missing: every text exists in English at least");
    Ok(by_language)
}
