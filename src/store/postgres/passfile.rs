//! The libpq password file
//! ([§34.16](https://www.postgresql.org/docs/current/libpq-pgpass.html)).

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use tokio_postgres::config::Host;

use crate::config::PostgresUrl;

/// The password for the first host of `url` from the file, if the URL has none.
pub(super) fn password(url: &PostgresUrl) -> Option<String> {
    if url.driver.get_password().is_some() {
        return None;
    }
    let path = url
        .passfile
        .clone()
        .or_else(|| std::env::var_os("PGPASSFILE").map(PathBuf::from))
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pgpass")))?;
    let mode = fs::metadata(&path).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the password file is ignored: others can read it (chmod 600)");
        return None;
    }
    let host = match url.driver.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(folder)) => folder.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = url.driver.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = url.driver.get_user().unwrap_or_default();
    let name = url.driver.get_dbname().unwrap_or(user);
    find(&fs::read_to_string(&path).ok()?, [&host, &port, name, user])
}

/// The password of the first line whose four fields match. `*` matches anything, and `\` escapes.
fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split(line);
        let (password, keys) = fields.split_last().filter(|(_, keys)| keys.len() == wanted.len())?;
        keys.iter().zip(wanted).all(|(key, wanted)| key == "*" || key == wanted).then(|| password.clone())
    })
}

fn split(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = fields.len() - 1;
        match character {
            ':' => fields.push(String::new()),
            '\\' => fields[last].extend(characters.next()),
            other => fields[last].push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::find;

    #[rstest]
    #[case("db:5432:writ:writ:secret", Some("secret"))]
    #[case("# a comment\n*:*:*:writ:sec\\:ret", Some("sec:ret"))]
    #[case("other:5432:writ:writ:secret", None)]
    #[case("db:5432:writ:writ", None)]
    fn password_is_that_of_the_first_matching_line(#[case] text: &str, #[case] password: Option<&str>) {
        assert_eq!(find(text, ["db", "5432", "writ", "writ"]).as_deref(), password);
    }
}
