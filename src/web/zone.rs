//! The time zone of displayed times.

use jiff::{Timestamp, ZonedDateTime, tz, tz::TimeZone};
use writ_core::StandardClaims;

/// A time zone of the IANA database, which is compiled in.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone with this IANA name, such as `Asia/Seoul`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The user's zone, by default UTC.
    #[must_use]
    pub fn of(claims: &StandardClaims) -> Self {
        claims.zoneinfo.as_deref().and_then(Self::find).unwrap_or(Self::UTC)
    }

    /// The names for users to choose from, each a region and a place.
    pub fn names() -> impl Iterator<Item = String> {
        const REGIONS: [&str; 10] = [
            "Africa",
            "America",
            "Antarctica",
            "Arctic",
            "Asia",
            "Atlantic",
            "Australia",
            "Europe",
            "Indian",
            "Pacific",
        ];
        let db = tz::db().available().map(|name| name.to_string());
        db.filter(|name| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region)))
    }

    /// A time in seconds since the epoch, in this zone. The epoch, if it is out of range.
    #[must_use]
    pub fn at(&self, seconds: i64) -> ZonedDateTime {
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned_datetime(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_has_its_summer_offset() {
        let berlin = Zone::find("Europe/Berlin").expect("a zone");
        assert_eq!(berlin.at(1_795_424_400).to_string(), "2026-11-23T10:00:00+01:00[Europe/Berlin]");
        assert_eq!(berlin.at(1_782_464_400).to_string(), "2026-06-26T11:00:00+02:00[Europe/Berlin]");
        assert!(Zone::find("Middle/Earth").is_none());
        assert!(Zone::names().any(|name| name == "Asia/Seoul"));
    }
}
