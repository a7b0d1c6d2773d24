//! Colors and their contrast.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The darkest background behind the accent color of the light theme.
const LIGHT_GROUND: Color = Color { red: 0xf5, green: 0xf4, blue: 0xf0 };
/// The lightest background behind the accent color of the dark theme.
const DARK_SURFACE: Color = Color { red: 0x22, green: 0x25, blue: 0x2a };
/// The minimum contrast of text (WCAG 2.2, 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;

/// An sRGB color written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

impl Color {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let channel = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        Some(Self { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
    }

    /// The contrast ratio of two colors, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The relative luminance, from 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// Moves a sixteenth of the way towards white.
    fn lighter(self) -> Self {
        let towards_white = |channel: u8| channel + (255 - channel).div_ceil(16);
        Self { red: towards_white(self.red), green: towards_white(self.green), blue: towards_white(self.blue) }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// A color for buttons and links with sufficient contrast on the light background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccentColor(Color);

impl AccentColor {
    /// The color of the light theme.
    #[must_use]
    pub fn light(self) -> Color {
        self.0
    }

    /// The color of the dark theme, lightened until the contrast is sufficient.
    #[must_use]
    pub fn dark(self) -> Color {
        let mut color = self.0;
        while color.contrast(DARK_SURFACE) < TEXT_CONTRAST {
            color = color.lighter();
        }
        color
    }
}

/// Why a text is not an [`AccentColor`].
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidColor {
    /// The text is not `#rrggbb`.
    #[error("expected a colour written `#rrggbb`")]
    Syntax,
    /// The contrast is too low.
    #[error("too light: its contrast with the pages' background is {0:.1}, and text needs 4.5 (WCAG 2.2, 1.4.3)")]
    Contrast(f64),
}

impl TryFrom<String> for AccentColor {
    type Error = InvalidColor;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let color = Color::parse(&text).ok_or(InvalidColor::Syntax)?;
        let contrast = color.contrast(LIGHT_GROUND);
        if contrast < TEXT_CONTRAST { Err(InvalidColor::Contrast(contrast)) } else { Ok(Self(color)) }
    }
}

impl From<AccentColor> for String {
    fn from(accent: AccentColor) -> Self {
        accent.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accent(text: &str) -> Result<AccentColor, InvalidColor> {
        text.to_owned().try_into()
    }

    #[test]
    fn contrast_is_what_wcag_says() {
        let (black, white) = (Color::parse("#000000").expect("a colour"), Color::parse("#ffffff").expect("a colour"));
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        let grey = Color::parse("#767676").expect("a colour");
        assert!((grey.contrast(white) - 4.54).abs() < 0.01);
    }

    #[test]
    fn accent_has_sufficient_contrast_in_both_themes() {
        for text in ["#0b57d0", "#000000", "#7a0000", "#2b4acb"] {
            let accent = accent(text).expect("dark enough");
            assert_eq!(accent.light().to_string(), text);
            assert!(accent.dark().contrast(DARK_SURFACE) >= TEXT_CONTRAST, "{text} becomes {}", accent.dark());
        }
    }

    #[test]
    fn color_is_refused_when_its_contrast_is_too_low() {
        for text in ["#ffd400", "#ffffff", "#7f9fff"] {
            assert!(matches!(accent(text), Err(InvalidColor::Contrast(_))), "{text}");
        }
        for text in ["red", "#12345", "#1234567", "#12345g", "#+12345", ""] {
            assert_eq!(accent(text), Err(InvalidColor::Syntax), "{text}");
        }
    }
}
