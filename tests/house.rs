//! The module order of src/lib.rs: a module uses only modules on lower levels.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The levels from the bottom up. Modules on the same level never use each other.
const FLOORS: &[&[&str]] = &[
    &["metrics", "telemetry"],
    &["fault", "secret", "clock"],
    &["config", "password"],
    &["logging", "tls", "fetch"],
    &["store"],
    &["keys", "scopes", "web"],
    &["backup", "snapshot"],
    &["acme", "breached", "clients", "mail", "upstream"],
    &["server"],
    &["administration", "doctor", "tokens", "sessions", "requests", "consent"],
    &["endpoints", "pages", "tasks"],
    &["app"],
    &["serve"],
    &["demo"],
];

#[test]
fn module_uses_only_lower_levels() {
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
fn files_have_no_circular_imports() {
    let files = files();
    let modules: BTreeMap<String, &PathBuf> = files.iter().map(|(_, file)| (module(file), file)).collect();
    let mut uses: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (module, file) in &modules {
        let text = fs::read_to_string(file).expect("a source file");
        let used = paths(&text).iter().filter_map(|path| module_of(path, module, &modules)).collect();
        uses.insert(module, used);
    }
    // Removes files that use none of the others, until only circular imports and their users are
    // left.
    loop {
        let before = uses.len();
        let left: BTreeSet<String> = uses.keys().map(|module| (*module).clone()).collect();
        uses.retain(|_, used| used.iter().any(|used| left.contains(used)));
        if uses.len() == before {
            break;
        }
    }
    assert!(uses.is_empty(), "{uses:#?}");
}

/// The name of a file's module, such as `store::postgres::tls`.
fn module(file: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let within = file.strip_prefix(src).expect("below src").with_extension("");
    within.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("::")
}

/// All paths in a file, with groups expanded. Its tests are ignored.
fn paths(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join(" ");
    let mut paths = Vec::new();
    for rest in code.split("use ").skip(1) {
        paths.extend(written_out(rest.split(';').next().unwrap_or_default()));
    }
    for start in ["crate::", "super::", "self::"] {
        for (index, _) in code.match_indices(start) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
            paths.push(code[index..].chars().take_while(|c| is_path(*c)).collect());
        }
    }
    paths
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn written_out(tree: &str) -> Vec<String> {
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let mut members = vec![String::new()];
    let mut depth = 0;
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => members.push(String::new()),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                members.last_mut().expect("one at least").push(c);
            }
        }
    }
    let members = members.iter().filter(|member| !member.trim().is_empty());
    members.flat_map(|member| written_out(member)).map(|member| format!("{}{member}", prefix.trim())).collect()
}

/// The file that `path` refers to from `module`. A parent and its children count as one.
fn module_of(path: &str, module: &str, modules: &BTreeMap<String, &PathBuf>) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut base: Vec<&str> = module.split("::").collect();
    match *parts.first()? {
        "crate" => base.clear(),
        "super" => {
            let up = parts.iter().take_while(|part| **part == "super").count();
            base.truncate(base.len().saturating_sub(up));
            parts.drain(1..up);
        }
        "self" => {}
        _ => parts.insert(0, "self"),
    }
    let full = [base, parts.split_off(1)].concat();
    let found =
        (1..=full.len()).rev().map(|length| full[..length].join("::")).find(|name| modules.contains_key(name))?;
    let family = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}::"));
    (!family(&found, module) && !family(module, &found)).then_some(found)
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

/// All source files with their top-level modules. The files of the binary are not modules.
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

/// The modules after `crate::` in a file, including those in groups.
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

/// The module name at the start of `text`. `None` for macros and items of the crate root.
fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!name.is_empty() && text[name.len()..].starts_with([':', ',', ';', '}'])).then_some(name)
}
