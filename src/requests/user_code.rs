//! The user code that a device displays (RFC 8628 §6.1).

use std::fmt;

use crate::secret::random_bytes;

/// Consonants that do not look alike and form no words.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// Eight letters: 20^8 codes, about 34 bits, valid for ten minutes and protected by a rate limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A random code. Bytes beyond the last multiple of twenty are discarded, so that all letters
    /// are equally likely.
    pub fn random() -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let fair = random_bytes::<16>().into_iter().filter(|byte| *byte < 240);
            code.extend(fair.take(LENGTH - code.len()).map(|byte| char::from(LETTERS[usize::from(byte) % 20])));
        }
        Self(code)
    }

    /// Parses user input: upper or lower case, full-width or not, with spaces, dots or hyphens
    /// anywhere.
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed
            .chars()
            .map(half_width)
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{30fc}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        (code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte))).then_some(Self(code))
    }

    /// The letters without the hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ASCII form of a full-width character, which East Asian input methods produce.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

impl fmt::Display for UserCode {
    /// `BCDF-GHJK`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_code_is_parsed_in_every_common_spelling() {
        let code = UserCode::random();
        let shown = code.to_string();
        assert_eq!(shown.len(), LENGTH + 1);
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('-', "\u{2013}")] {
            assert_eq!(UserCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        for bad in ["", "BCDF", "BCDF-GHJKL", "ABCD-EFGH", "BCDF-GHJ0", "BCDF/GHJK"] {
            assert_eq!(UserCode::parse(bad), None, "{bad}");
        }
    }
}
