//! Whether a password is hard to guess: not by rules about characters, but by how soon a guesser who knows words, names, dates,
//! keyboards and the person would come to it.

use zxcvbn::{Score, feedback::Warning, zxcvbn};

/// The fewest letters of a user's own word that count as contained.
const OWN_WORD: usize = 4;
/// How many characters are judged. The estimate of a longer row of keys overflows.
const MAX_JUDGED: usize = 32;
/// How many different substitutes for letters are judged. The cost multiplies with each: with all of
/// them, 24 characters take five hundred times as long as a normal password; with six, fifteen times.
const MAX_SUBSTITUTES: usize = 6;
/// What stands for letters, as in `p@$$w0rd`.
const SUBSTITUTES: &str = "4@8({[<369!1|70$5+%2";

/// The part of a password that is judged: its beginning, with further substitutes as plain symbols.
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
    /// The person's own name or address is in it.
    Own,
    /// Many people use it.
    Common,
    /// It is hardly more than one word or name.
    Word,
    /// Its keys are neighbours.
    Keyboard,
    /// It repeats itself.
    Repeats,
    /// It counts or spells on.
    Sequence,
    /// It is hardly more than a date.
    Date,
    /// It is put together from too little.
    Little,
}

impl Weakness {
    /// The weakness of `password`, if it could be guessed with 10^8 guesses; `own` are names and addresses of its person.
    ///
    /// Only `judged` is looked at, which bounds the cost.
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

    /// The key of its sentence.
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
    fn cost_of_the_worst_input_is_bounded_before_it_is_judged() {
        let worst = judged(&SUBSTITUTES.repeat(5));
        assert_eq!(worst.chars().count(), MAX_JUDGED);
        assert!(worst.starts_with("4@8({[~~~~"), "{worst}");
        assert_eq!(judged("p@$$w0rd"), "p@$$w0rd");
        for keys in ["qwertyuiop".repeat(10), "1qaz2wsx".repeat(12), "zaq1xsw2".repeat(100)] {
            assert!(Weakness::find(&keys, &[]).is_some(), "{keys}");
        }
    }

    #[test]
    fn a_long_one_costs_no_more_than_a_hundred_characters() {
        assert_eq!(Weakness::find(&"a".repeat(1024), &[]), Some(Weakness::Repeats));
    }
}
