//! The order of the house (src/lib.rs): a room uses only the floors below its own.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// From the ground up; rooms that stand together never use each other.
const FLOORS: &[&[&str]] = &[
    &["fault", "secret", "password", "clock"],
    &["config"],
    &["logging", "tls", "fetch"],
    &["store"],
    &["keys", "scopes", "web"],
    &["snapshot"],
    &["clients"],
    &["server"],
    &["tokens", "sessions", "requests", "consent"],
    &["endpoints", "pages", "tasks"],
    &["app"],
    &["serve"],
    &["demo"],
];

#[test]
fn room_uses_only_lower_floors() {
    let mut breaches = Vec::new();
    for (room, file) in files() {
        let own = floor(&room).unwrap_or_else(|| panic!("{room} stands on no floor: add it to FLOORS and src/lib.rs"));
        let text = fs::read_to_string(&file).expect("a source file");
        for used in uses(&text) {
            let below = floor(&used).is_some_and(|used| used < own);
            if used != room && !below {
                breaches.push(format!("{} uses {used}", file.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn core_has_no_io() {
    let manifest = include_str!("../crates/writ-core/Cargo.toml");
    for forbidden in ["actix", "diesel", "tokio", "reqwest", "tracing"] {
        assert!(!manifest.contains(forbidden), "writ-core depends on {forbidden}");
    }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Every source file with the room it stands in; the binary's own files are no rooms.
fn files() -> Vec<(String, PathBuf)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let within = path.strip_prefix(&src).expect("below src").with_extension("");
                let room = within.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
                if !["lib", "main", "cli"].contains(&room.as_str()) {
                    files.push((room, path));
                }
            }
        }
    }
    files
}

/// The rooms that a file names after `crate::`, in whatever grouping.
fn uses(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => rooms.extend(name(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut at_start = true;
                for (index, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => at_start = true,
                        c if at_start && c.is_ascii_alphabetic() => {
                            rooms.extend(name(&group[index..]));
                            at_start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    rooms
}

/// The module name at the start of `text`; macros and items of the crate's root are none.
fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!name.is_empty() && text[name.len()..].starts_with([':', ',', ';', '}'])).then_some(name)
}
