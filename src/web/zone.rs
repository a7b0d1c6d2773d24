//! The time zone of displayed times.

use jiff::{Timestamp, tz, tz::TimeZone};
use time::{OffsetDateTime, UtcOffset};

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

    /// A time in seconds since the epoch, with the zone's offset. The epoch, if it is out of range.
    #[must_use]
    pub fn at(&self, seconds: i64) -> OffsetDateTime {
        let offset = Timestamp::from_second(seconds).map_or(0, |moment| self.0.to_offset(moment).seconds());
        OffsetDateTime::from_unix_timestamp(seconds)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(UtcOffset::from_whole_seconds(offset).unwrap_or(UtcOffset::UTC))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_knows_its_summer() {
        let berlin = Zone::find("Europe/Berlin").expect("a zone");
        assert_eq!(berlin.at(1_795_424_400).to_string(), "2026-11-23 10:00:00.0 +01:00:00");
        assert_eq!(berlin.at(1_782_464_400).to_string(), "2026-06-26 11:00:00.0 +02:00:00");
        assert!(Zone::find("Middle/Earth").is_none());
        assert!(Zone::names().any(|name| name == "Asia/Seoul"));
    }
}
