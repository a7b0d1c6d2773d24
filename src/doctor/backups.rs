//! The age of the newest backup.

use std::sync::Arc;

use super::{Finding, Section, Subject};
use crate::backup::{self, BackupError, Listed, Place};

const ID: &str = "backups";
const HOUR: i64 = 3600;

/// Whether the newest backup in the configured place is young enough. Nothing without a place,
/// since backups may be made by other tools.
pub(super) async fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some(place), Ok(master_keys)) = (subject.settings.backup.place.clone(), &subject.master_keys) else {
        return Vec::new();
    };
    let (settings, clock, master_keys) = (subject.settings.clone(), subject.clock.clone(), Arc::clone(master_keys));
    let (max_age, now) = (settings.backup.max_age, clock.now());
    // The storage has a runtime of its own, which lives and ends on another thread.
    let listed = tokio::task::spawn_blocking(move || {
        let place = Place::parse(&place, |name| std::env::var(name).ok(), &settings, &clock)?;
        Ok((place.to_string(), backup::list(&place, &master_keys)?))
    });
    vec![match listed.await.expect("a listing does not panic") {
        Ok((place, listed)) => judge(&place, &listed, max_age, now),
        Err::<_, BackupError>(error) => unreadable(&error),
    }]
}

fn unreadable(error: &BackupError) -> Finding {
    let cause = format!("The backups cannot be looked at: {error}.");
    Finding::warning(
        ID,
        Section::Backups,
        cause,
        "Run this with the access of `writ backup list`, or correct backup.place.",
    )
}

fn judge(place: &str, listed: &[Listed], max_age: i64, now: i64) -> Finding {
    let made = |listed: &Listed| listed.manifest.as_ref().ok().map(|manifest| manifest.created_at);
    let section = Section::Backups;
    let Some((newest, at)) = listed.iter().filter_map(|listed| Some((listed, made(listed)?))).max_by_key(|(_, at)| *at)
    else {
        let cause = match listed.iter().find_map(|listed| listed.manifest.as_ref().err()) {
            Some(error) => format!("No backup in {place} can be used: {error}."),
            None => format!("There is no backup in {place}."),
        };
        return Finding::error(ID, section, cause, "Run `writ backup create`, and do so every day.");
    };
    let (name, hours) = (&newest.name, (now - at) / HOUR);
    match max_age {
        max_age if max_age > 0 && now - at > max_age => Finding::warning(
            ID,
            section,
            format!("The newest backup in {place} is {hours} hours old: {name}."),
            "Find out why no newer one was made, and run `writ backup create`.",
        ),
        _ => Finding::ok(ID, section, format!("The newest backup in {place} is {hours} hours old.")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::Severity, *};
    use crate::backup::Manifest;

    fn backup(name: &str, created_at: Option<i64>) -> Listed {
        let manifest = |created_at| Manifest {
            format: 1,
            created_at,
            version: String::new(),
            issuer: String::new(),
            master_key: String::new(),
            migrations: Vec::new(),
            keys: Vec::new(),
            rows: Default::default(),
            copy: None,
            encryption: None,
            mac: String::new(),
        };
        Listed { name: name.to_owned(), manifest: created_at.map(manifest).ok_or(BackupError::NoMasterKey) }
    }

    #[rstest]
    #[case(&[], 48, Severity::Error, "no backup")]
    #[case(&[None], 48, Severity::Error, "there is no master key")]
    #[case(&[Some(90), Some(10), None], 48, Severity::Ok, "10 hours")]
    #[case(&[Some(90), Some(50)], 48, Severity::Warning, "50 hours old: 1")]
    #[case(&[Some(90)], 0, Severity::Ok, "90 hours")]
    fn newest_backup_is_judged_by_its_age(
        #[case] ages: &[Option<i64>],
        #[case] most: i64,
        #[case] severity: Severity,
        #[case] part: &str,
    ) {
        let now = 2_000_000_000;
        let listed = ages
            .iter()
            .enumerate()
            .map(|(index, hours)| backup(&index.to_string(), hours.map(|hours| now - hours * HOUR)));
        let finding = judge("/backup", &listed.collect::<Vec<_>>(), most * HOUR, now);
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
    }
}
