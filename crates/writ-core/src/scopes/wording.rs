//! Checks whether the description of a scope is easy to understand on a consent page.

use std::{collections::BTreeMap, fmt};

use crate::vocabulary::scope::Risk;

/// Maximum number of characters of a sentence and of a consequence. A Korean or Japanese character
/// counts as two, because it carries about as much as two Latin ones.
const MAX_SENTENCE: usize = 48;
const MAX_CONSEQUENCE: usize = 140;
/// Maximum reading age in years: the Flesch-Kincaid grade plus five.
const MAX_READING_AGE: f64 = 14.0;
/// Maximum number of words in a sentence, for languages without that grade.
const MAX_WORDS: usize = 20;

/// Verbs that the English sentence of a scope may start with.
const ENGLISH_VERBS: &str = "accept access act add answer approve archive ask assign book buy call cancel change \
    check close collect comment confirm connect control copy create delete disconnect download edit end export find \
    follow forward get give hide import invite join keep know leave let like list listen make manage mark message \
    move open order pay pin play post print publish read receive recognise recognize record refund remove rename \
    reply report request reserve rotate run save search see sell send set share show sign spend start stop store \
    submit subscribe sync tag take transfer translate turn unlock update upload use view watch withdraw write";

/// Words that say what others notice, or that an action cannot be undone.
const OTHERS: [(&str, &[&str]); 4] = [
    ("en", &["anybody", "anyone", "cannot be", "contact", "every", "friend", "nobody", "other", "people", "they"]),
    ("ko", &["누구", "다른", "되돌릴 수", "받는", "사람", "상대", "친구"]),
    ("ja", &["ほか", "他", "人", "友だち", "友達", "取り消せ", "相手", "誰"]),
    ("de", &["andere", "empfänger", "freund", "kontakt", "leute", "niemand", "rückgängig", "wer "]),
];

/// The description of a scope in one language.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// The action that it permits.
    pub sentence: &'a str,
    /// The consequence for the user.
    pub consequence: &'a str,
}

/// A problem of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// There is no description in a language of the pages.
    Missing,
    /// There is no consequence.
    NoConsequence,
    /// The sentence does not fit on a phone.
    LongSentence(usize),
    /// The consequence is too long.
    LongConsequence(usize),
    /// The sentence names no action: it has no verb in the place that the language requires.
    NoVerb,
    /// The consequence is only understood from this age.
    ReadingAge(u8),
    /// A sentence of the consequence has this many words.
    ManyWords(usize),
    /// The consequence repeats the sentence.
    SaysNothingNew,
    /// A scope of high risk does not say what others notice, or that it is final.
    OthersUnmentioned,
    /// The words are those of this other language.
    Untranslated(String),
    /// The number of sentences of the consequence differs from that in the first language.
    OutOfStep,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "has no words in this language"),
            Self::NoConsequence => write!(f, "has no consequence"),
            Self::LongSentence(length) => write!(f, "the sentence has {length} characters: shorten it"),
            Self::LongConsequence(length) => write!(f, "the consequence has {length} characters: shorten it"),
            Self::NoVerb => write!(f, "the sentence does not say what the app does: begin with the verb"),
            Self::ReadingAge(age) => write!(f, "the consequence needs readers of {age} years: use shorter words"),
            Self::ManyWords(count) => write!(f, "a sentence of the consequence has {count} words: split it"),
            Self::SaysNothingNew => write!(f, "the consequence says no more than the sentence"),
            Self::OthersUnmentioned => {
                write!(f, "the consequence does not say what other people notice, or that it cannot be undone")
            }
            Self::Untranslated(other) => write!(f, "the words are the same as in {other}: translate them"),
            Self::OutOfStep => write!(f, "the consequence has more or fewer sentences than in the other languages"),
        }
    }
}

/// The problems of the descriptions of a scope in `languages` (BCP 47 tags).
pub fn check(words: &BTreeMap<&str, Wording<'_>>, languages: &[&str], risk: Risk) -> Vec<(String, Finding)> {
    let first = languages.iter().find_map(|language| words.get(language));
    let mut found = Vec::new();
    for &language in languages {
        let mut report = |finding| found.push((language.to_owned(), finding));
        let Some(wording) = words.get(language) else {
            report(Finding::Missing);
            continue;
        };
        let earlier = languages.iter().take_while(|earlier| **earlier != language);
        let same = earlier.copied().find(|earlier| {
            let is_same = |other: &Wording<'_>| {
                are_same(other.sentence, wording.sentence) || are_same(other.consequence, wording.consequence)
            };
            words.get(earlier).is_some_and(is_same)
        });
        if let Some(same) = same {
            report(Finding::Untranslated(same.to_owned()));
            continue;
        }
        check_sentence(language, wording.sentence).into_iter().for_each(&mut report);
        if wording.consequence.trim().is_empty() {
            report(Finding::NoConsequence);
            continue;
        }
        check_consequence(language, wording, risk).into_iter().for_each(&mut report);
        if first.is_some_and(|first| sentences(first.consequence).count() != sentences(wording.consequence).count()) {
            report(Finding::OutOfStep);
        }
    }
    found
}

fn check_sentence(language: &str, sentence: &str) -> Vec<Finding> {
    let length = width(sentence);
    let long = (length > MAX_SENTENCE).then_some(Finding::LongSentence(length));
    let no_verb = (!names_an_action(language, sentence)).then_some(Finding::NoVerb);
    long.into_iter().chain(no_verb).collect()
}

fn check_consequence(language: &str, wording: &Wording<'_>, risk: Risk) -> Vec<Finding> {
    let consequence = wording.consequence;
    let length = width(consequence);
    let long = (length > MAX_CONSEQUENCE).then_some(Finding::LongConsequence(length));
    let hard = if language == "en" {
        let age = reading_age(consequence);
        (age > MAX_READING_AGE).then_some(Finding::ReadingAge(age.round().clamp(0.0, 99.0) as u8))
    } else {
        let words = sentences(consequence).map(|sentence| sentence.split_whitespace().count()).max().unwrap_or(0);
        (words > MAX_WORDS).then_some(Finding::ManyWords(words))
    };
    let repeats = plain(consequence) == plain(wording.sentence);
    let others = OTHERS.iter().find(|(tag, _)| *tag == language).is_none_or(|(_, words)| {
        let consequence = consequence.to_lowercase();
        words.iter().any(|word| consequence.contains(word))
    });
    let unmentioned = (risk == Risk::High && !others).then_some(Finding::OthersUnmentioned);
    let repeated = repeats.then_some(Finding::SaysNothingNew);
    long.into_iter().chain(hard).chain(repeated).chain(unmentioned).collect()
}

/// Whether the sentence has a verb in the right place: at the start in English, at the end in
/// German, Japanese and Korean. Other languages are not checked.
fn names_an_action(language: &str, sentence: &str) -> bool {
    let sentence = sentence.trim().trim_end_matches(['.', '。']);
    let first = sentence.split_whitespace().next().unwrap_or_default().to_lowercase();
    match language {
        "en" => ENGLISH_VERBS.split_whitespace().any(|verb| verb == first),
        "de" => sentence.ends_with('n'),
        "ja" => sentence.ends_with(['う', 'く', 'ぐ', 'す', 'つ', 'ぶ', 'む', 'る']),
        "ko" => sentence.ends_with('기'),
        _ => true,
    }
}

/// The number of characters. Those of East Asian scripts count twice.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{1100}'..'\u{1f000}').contains(&c) && c.is_alphabetic() { 2 } else { 1 }).sum()
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '!', '?', '。']).filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

/// Whether two texts have the same words.
fn are_same(one: &str, other: &str) -> bool {
    let one = plain(one);
    !one.is_empty() && one == plain(other)
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The age in years from which a text is understood: the Flesch-Kincaid grade plus five.
fn reading_age(text: &str) -> f64 {
    let words: Vec<&str> = text.split_whitespace().collect();
    let syllables: usize = words.iter().map(|word| syllables(word)).sum();
    let (sentences, words) = (sentences(text).count().max(1) as f64, words.len().max(1) as f64);
    let grade = 0.39 * (words / sentences) + 11.8 * (syllables as f64 / words) - 15.59;
    grade + 5.0
}

/// The syllables of an English word: its groups of vowels, without a silent `e` at the end.
fn syllables(word: &str) -> usize {
    let word: String = word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let word = word.strip_suffix('e').filter(|stem| !stem.ends_with('l')).unwrap_or(&word);
    let is_vowel = |c: char| "aeiouy".contains(c);
    let starts = word.chars().zip(std::iter::once(' ').chain(word.chars()));
    starts.filter(|(c, before)| is_vowel(*c) && !is_vowel(*before)).count().max(1)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LONG: &str = "It may at any time and without a further question from anybody read, copy, keep and pass on \
        to others whatever you or your friends wrote, write or are going to write.";

    fn found(language: &str, sentence: &str, consequence: &str, risk: Risk) -> Vec<Finding> {
        let words = BTreeMap::from([(language, Wording { sentence, consequence })]);
        check(&words, &[language], risk).into_iter().map(|(_, finding)| finding).collect()
    }

    #[rstest]
    #[case("en", "Read your messages", "All of them, also those that others wrote to you.", Risk::High, &[])]
    #[case("ko", "메시지 읽기", "다른 사람이 보낸 메시지까지 읽을 수 있습니다.", Risk::High, &[])]
    #[case("de", "Ihre Nachrichten lesen", "Auch was andere Ihnen schreiben.", Risk::High, &[])]
    #[case("ja", "メッセージを読む", "ほかの人からのメッセージも読めます。", Risk::High, &[])]
    #[case("fr", "Vos messages", "Tous vos messages.", Risk::High, &[])]
    #[case("en", "Your messages", "All of them.", Risk::Low, &[Finding::NoVerb])]
    #[case("ko", "메시지", "모두 읽습니다.", Risk::Low, &[Finding::NoVerb])]
    #[case("de", "Nachrichten", "Alle.", Risk::Low, &[])]
    #[case("en", "Send messages", "They appear in your rooms.", Risk::High, &[])]
    #[case("en", "Pay", "Money leaves your wallet.", Risk::High, &[Finding::OthersUnmentioned])]
    #[case("en", "Pay", "Money leaves your wallet.", Risk::Elevated, &[])]
    #[case("en", "Read your messages", " ", Risk::Low, &[Finding::NoConsequence])]
    #[case("en", "Read your messages", "Read your messages.", Risk::Low, &[Finding::SaysNothingNew])]
    #[case("en", "See what you and all of your friends wrote in every room", "All.", Risk::Low, &[Finding::LongSentence(56)])]
    #[case("ko", "내가 친구들과 지금까지 주고받은 모든 메시지를 하나도 빠짐없이 읽기", "모두.", Risk::Low, &[Finding::LongSentence(66)])]
    fn words_are_checked(
        #[case] language: &str,
        #[case] sentence: &str,
        #[case] consequence: &str,
        #[case] risk: Risk,
        #[case] expected: &[Finding],
    ) {
        assert_eq!(found(language, sentence, consequence, risk), expected);
    }

    #[test]
    fn consequence_that_is_long_and_hard_is_found() {
        let findings = found("en", "Read your messages", LONG, Risk::Low);
        assert!(matches!(findings[..], [Finding::LongConsequence(_), Finding::ReadingAge(15..)]), "{findings:?}");
        let words = found("fr", "Lire", &"mot ".repeat(21), Risk::Low);
        assert_eq!(words, [Finding::ManyWords(21)]);
    }

    #[test]
    fn languages_are_in_step_and_none_is_missing() {
        let wording = |sentence, consequence| Wording { sentence, consequence };
        let words = BTreeMap::from([
            ("en", wording("Send messages", "Your friends see them. You cannot take them back.")),
            ("ko", wording("메시지 보내기", "친구들에게 보입니다.")),
        ]);
        let expected = [("ko".to_owned(), Finding::OutOfStep), ("ja".to_owned(), Finding::Missing)];
        assert_eq!(check(&words, &["en", "ko", "ja"], Risk::High), expected);
    }

    #[test]
    fn words_of_another_language_are_found() {
        let english = Wording { sentence: "Read your messages", consequence: "All of them." };
        let half = Wording { sentence: "메시지 읽기", ..english };
        for other in [english, half] {
            let words = BTreeMap::from([("en", english), ("ko", other)]);
            let expected = [("ko".to_owned(), Finding::Untranslated("en".to_owned()))];
            assert_eq!(check(&words, &["en", "ko"], Risk::Low), expected, "{other:?}");
        }
    }

    #[rstest]
    #[case("people", 2)]
    #[case("messages", 3)]
    #[case("see", 1)]
    #[case("wrote", 1)]
    #[case("identification", 6)]
    fn syllables_are_counted_by_vowels(#[case] word: &str, #[case] count: usize) {
        assert_eq!(syllables(word), count, "{word}");
    }
}
