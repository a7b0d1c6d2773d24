//! How long a consent lasts.

use strum::{EnumString, IntoStaticStr};

/// The durations on the consent page, as values of the form field `duration`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum GrantDuration {
    /// `once`: the grant lasts one hour, and no consent is stored.
    Once,
    /// `30_days`.
    #[strum(serialize = "30_days")]
    ThirtyDays,
    /// `until_revoked`.
    #[default]
    UntilRevoked,
}

impl GrantDuration {
    /// Every duration, shortest first.
    pub const ALL: [Self; 3] = [Self::Once, Self::ThirtyDays, Self::UntilRevoked];

    /// The value of the form field.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// When a grant that starts at `now` ends, in seconds since the epoch. `None` if it lasts until
    /// it is revoked.
    pub fn ends_at(self, now: i64) -> Option<i64> {
        match self {
            Self::Once => Some(now + 3600),
            Self::ThirtyDays => Some(now + 30 * 86_400),
            Self::UntilRevoked => None,
        }
    }
}
