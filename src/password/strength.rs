//! Estimates how hard a password is to guess. It does not count kinds of characters, but considers
//! words, names, dates, keyboard patterns and data about the user.

use zxcvbn::{Score, feedback::Warning, zxcvbn};

/// Minimum length of a word about the user that must not be part of the password.
const OWN_WORD: usize = 4;
/// Maximum number of characters to estimate. Longer keyboard patterns overflow the estimate.
const MAX_JUDGED: usize = 32;
/// Maximum number of different substitutes for letters to estimate. Each multiplies the cost: with
/// all of them, 24 characters take five hundred times as long as a normal password; with six,
/// fifteen times.
const MAX_SUBSTITUTES: usize = 6;
/// Characters that replace letters, as in `p@$$w0rd`.
const SUBSTITUTES: &str = "4@8({[<369!1|70$5+%2";

/// The part of a password to estimate: its start, with excess substitutes replaced by plain
/// symbols.
fn judged(password: &str) -> String {
    let mut seen = String::new();
    let judge = |c: char| {
        if !SUBSTITUTES.contains(c) || seen.contains(c) {
            c
        } else if seen.len() < MAX_SUBSTITUTES {
            seen.push(c);
            c
        } else {
            '~'
        }
    };
    password.chars().take(MAX_JUDGED).map(judge).collect()
}

/// Why a password is too easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// It contains the user's name or address.
    Own,
    /// It is a common password.
    Common,
    /// It is little more than a word or name.
    Word,
    /// It consists of neighbouring keys.
    Keyboard,
    /// It consists of repetitions.
    Repeats,
    /// It is an ascending or descending sequence.
    Sequence,
    /// It is little more than a date.
    Date,
    /// It is too simple.
    Little,
}

impl Weakness {
    /// The weakness of `password` if 10^8 guesses could find it. `own` are names and addresses of
    /// its user.
    ///
    /// Only the part from `judged` is estimated, which bounds the cost.
    pub fn find(password: &str, own: &[String]) -> Option<Self> {
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let judged = zxcvbn(&judged(password), &own);
        if judged.score() >= Score::Three {
            return None;
        }
        let lower = password.to_lowercase();
        if own.iter().any(|word| word.chars().count() >= OWN_WORD && lower.contains(&word.to_lowercase())) {
            return Some(Self::Own);
        }
        Some(match judged.feedback().and_then(|feedback| feedback.warning()) {
            Some(
                Warning::ThisIsATop10Password
                | Warning::ThisIsATop100Password
                | Warning::ThisIsACommonPassword
                | Warning::ThisIsSimilarToACommonlyUsedPassword,
            ) => Self::Common,
            Some(
                Warning::AWordByItselfIsEasyToGuess
                | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
                | Warning::CommonNamesAndSurnamesAreEasyToGuess,
            ) => Self::Word,
            Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
                Self::Keyboard
            }
            Some(Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => {
                Self::Repeats
            }
            Some(Warning::SequencesLikeAbcAreEasyToGuess) => Self::Sequence,
            Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Self::Date,
            None => Self::Little,
        })
    }

    /// The message key of its description.
    pub fn text_key(self) -> &'static str {
        match self {
            Self::Own => "password-weak-own",
            Self::Common => "password-weak-common",
            Self::Word => "password-weak-word",
            Self::Keyboard => "password-weak-keyboard",
            Self::Repeats => "password-weak-repeats",
            Self::Sequence => "password-weak-sequence",
            Self::Date => "password-weak-date",
            Self::Little => "password-weak-little",
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("password1", Some(Weakness::Common))]
    #[case("hanbyeol2026", Some(Weakness::Own))]
    #[case("hanbyeol-sunset-otter-violin", None)]
    #[case("spectacular", Some(Weakness::Little))]
    #[case("hydroelectric", Some(Weakness::Word))]
    #[case("asdfghjkl;'", Some(Weakness::Keyboard))]
    #[case("aaaaaaaaaa", Some(Weakness::Repeats))]
    #[case("abcdefghijkl", Some(Weakness::Sequence))]
    #[case("23.11.1987", Some(Weakness::Date))]
    #[case("hiccup44", Some(Weakness::Common))]
    #[case("correct horse battery staple", None)]
    #[case("바람이 부는 저녁의 종이배", None)]
    #[case("x9$Lk2!vQz", None)]
    fn guesses(#[case] password: &str, #[case] weakness: Option<Weakness>) {
        assert_eq!(Weakness::find(password, &["hanbyeol".to_owned(), "김한별".to_owned()]), weakness);
    }

    #[test]
    fn worst_input_is_bounded_before_it_is_estimated() {
        let worst = judged(&SUBSTITUTES.repeat(5));
        assert_eq!(worst.chars().count(), MAX_JUDGED);
        assert!(worst.starts_with("4@8({[~~~~"), "{worst}");
        assert_eq!(judged("p@$$w0rd"), "p@$$w0rd");
        for keys in ["qwertyuiop".repeat(10), "1qaz2wsx".repeat(12), "zaq1xsw2".repeat(100)] {
            assert!(Weakness::find(&keys, &[]).is_some(), "{keys}");
        }
    }

    #[test]
    fn long_password_costs_no_more_than_a_hundred_characters() {
        assert_eq!(Weakness::find(&"a".repeat(1024), &[]), Some(Weakness::Repeats));
    }
}
