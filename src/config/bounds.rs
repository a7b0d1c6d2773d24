//! Numbers that are checked against their bounds during parsing.

use std::marker::PhantomData;

use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// Reads an integer from `MIN` to `MAX` inclusive.
///
/// # Errors
/// An error with the bounds, for any other value.
pub(super) fn within<'de, const MIN: i64, const MAX: i64, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<i64>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_i64(Within::<MIN, MAX, T>(PhantomData))
}

/// Reads 0 or an integer from `MIN` to `MAX` inclusive. 0 disables the feature.
///
/// # Errors
/// An error with the bounds, for any other value.
pub(super) fn zero_or_within<'de, const MIN: i64, const MAX: i64, D>(deserializer: D) -> Result<i64, D::Error>
where
    D: Deserializer<'de>,
{
    let value = within::<0, MAX, i64, D>(deserializer)?;
    if value == 0 || value >= MIN {
        Ok(value)
    } else {
        Err(Error::custom(format_args!(
            "invalid value: integer `{value}`, expected 0 or an integer from {MIN} to {MAX}"
        )))
    }
}

struct Within<const MIN: i64, const MAX: i64, T>(PhantomData<T>);

impl<const MIN: i64, const MAX: i64, T: TryFrom<i64>> Visitor<'_> for Within<MIN, MAX, T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an integer from {MIN} to {MAX}")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        let out_of_bounds = || E::invalid_value(Unexpected::Signed(value), &self);
        if !(MIN..=MAX).contains(&value) {
            return Err(out_of_bounds());
        }
        T::try_from(value).map_err(|_| out_of_bounds())
    }
}
