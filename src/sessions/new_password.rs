//! The rules for a new password, for every page and command that sets one.

use writ_core::throttle::Rate;
use zeroize::Zeroizing;

use crate::{
    breached::Breached,
    fault::Fault,
    password::{MAX_LENGTH, Reservation, Weakness},
    server::Server,
    store::{
        throttle::{self, Key},
        users::User,
    },
    web::{limits::account_rate, locale::Locale},
};

/// The number of characters that fit into [`MAX_LENGTH`] bytes in every script.
const ALWAYS_FITS: usize = MAX_LENGTH / char::MAX.len_utf8();

/// A new password of an accepted length.
#[derive(Clone)]
pub struct NewPassword(Zeroizing<String>);

/// Why a new password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unacceptable {
    /// It has too few characters.
    TooShort {
        /// The minimum number of characters.
        min_characters: usize,
    },
    /// It has more than [`MAX_LENGTH`] bytes.
    TooLong,
    /// It is easy to guess.
    Weak(Weakness),
    /// It appears in leaks.
    Breached,
    /// The account has changed its password too often.
    Throttled {
        /// Seconds until another change is accepted.
        retry_after_seconds: i64,
    },
}

impl NewPassword {
    /// A password with at least `min_characters`.
    ///
    /// # Errors
    /// [`Unacceptable::TooShort`] or [`Unacceptable::TooLong`].
    pub fn parse(text: &str, min_characters: usize) -> Result<Self, Unacceptable> {
        if text.len() > MAX_LENGTH {
            return Err(Unacceptable::TooLong);
        }
        if text.chars().count() < min_characters {
            return Err(Unacceptable::TooShort { min_characters });
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Estimates its strength without waiting for others. `own` are names and addresses of its
    /// user.
    ///
    /// # Errors
    /// [`Unacceptable::Weak`].
    pub fn check(&self, own: &[String]) -> Result<(), Unacceptable> {
        Weakness::find(&self.0, own).map_or(Ok(()), |weakness| Err(Unacceptable::Weak(weakness)))
    }

    /// Looks it up among the passwords that appear in leaks. `now` is in seconds since the epoch.
    ///
    /// # Errors
    /// [`Unacceptable::Breached`].
    pub async fn check_leaks(&self, breached: &Breached, now: i64) -> Result<(), Unacceptable> {
        if breached.contains(&self.0, now).await { Err(Unacceptable::Breached) } else { Ok(()) }
    }

    /// The text, for the caller who has generated or read it.
    pub fn into_text(self) -> Zeroizing<String> {
        self.0
    }

    /// Hashes the new password of `user`. It is counted first, because estimating the strength and
    /// hashing are expensive.
    ///
    /// # Errors
    /// [`Fault`] of the store or of the hashing threads.
    pub async fn hash_for(self, server: &Server, user: &User) -> Result<Result<String, Unacceptable>, Fault> {
        let reservation = server.passwords.reserve(None)?;
        let (key, rate): (Key, Rate) = (Key::of_new_passwords(user.id), account_rate(&server.settings.throttle));
        let wait = server.store.write(move |tx| throttle::attempt(tx, &key, rate)).await?;
        if let Some(retry_after_seconds) = wait {
            return Ok(Err(Unacceptable::Throttled { retry_after_seconds }));
        }
        self.hash(server, user.own_words()?, reservation).await
    }

    /// Estimates the strength, looks it up among the leaked ones and hashes it. All of it is
    /// expensive, so callers count it first, and refund it at most if there was no place in the
    /// queue to begin with. `own` are names and addresses of its user.
    ///
    /// # Errors
    /// [`Fault`] of the hashing threads.
    pub async fn hash(
        self,
        server: &Server,
        own: Vec<String>,
        reservation: Reservation,
    ) -> Result<Result<String, Unacceptable>, Fault> {
        if let Some(weakness) = server.passwords.judge(self.0.clone(), own).await? {
            return Ok(Err(Unacceptable::Weak(weakness)));
        }
        if let Err(reason) = self.check_leaks(&server.breached, server.clock.now()).await {
            return Ok(Err(reason));
        }
        Ok(Ok(server.passwords.hash_reserved(self.0, reservation).await?))
    }
}

impl Unacceptable {
    /// The reason as text.
    #[must_use]
    pub fn text(self, locale: Locale) -> String {
        match self {
            Self::TooShort { min_characters } => locale.text_with("password-too-short", &[("count", min_characters)]),
            Self::TooLong => locale.text_with("password-too-long", &[("count", ALWAYS_FITS)]),
            Self::Weak(weakness) => locale.text(weakness.text_key()),
            Self::Breached => locale.text("password-breached"),
            Self::Throttled { retry_after_seconds } => {
                locale.text_with("login-advice-throttled", &[("moment", locale.in_time(retry_after_seconds))])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::empty("", Some(Unacceptable::TooShort { min_characters: 8 }))]
    #[case::seven_characters("1234567", Some(Unacceptable::TooShort { min_characters: 8 }))]
    #[case::seven_characters_in_more_bytes("가나다라마바사", Some(Unacceptable::TooShort { min_characters: 8 }))]
    #[case::eight_characters("가나다라마바사아", None)]
    #[case::longest(&"a".repeat(MAX_LENGTH), None)]
    #[case::one_byte_more(&"a".repeat(MAX_LENGTH + 1), Some(Unacceptable::TooLong))]
    #[case::as_many_as_always_fit(&"\u{1f9a6}".repeat(ALWAYS_FITS), None)]
    #[case::one_more(&"\u{1f9a6}".repeat(ALWAYS_FITS + 1), Some(Unacceptable::TooLong))]
    fn length_is_bounded_in_characters_below_and_in_bytes_above(
        #[case] text: &str,
        #[case] reason: Option<Unacceptable>,
    ) {
        assert_eq!(NewPassword::parse(text, 8).err(), reason);
    }

    #[test]
    fn password_that_is_too_long_is_not_called_short() {
        let long = NewPassword::parse(&"a".repeat(MAX_LENGTH + 1), 8).err().expect("refused");
        let text = long.text(Locale::EN);
        assert!(text.contains("too long") && text.contains("256"), "{text}");
    }
}
