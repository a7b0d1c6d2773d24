//! One voice: comments and documents use the words of docs/glossary.md.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words that have a better counterpart in the specifications.
const PRIVATE_WORDS: &[&str] = &[
    "anew", "beat", "errand", "errands", "heard", "nobody", "people", "person", "persons", "somebody", "told",
    "vouches", "whoever", "whom",
];
/// Phrases that need a second reading.
const PRIVATE_PHRASES: &[&str] = &["; none:", "so many", "none: "];
/// Maximum width of a comment line, in columns.
const WIDTH: usize = 100;

#[test]
fn comments_use_the_glossary_and_fit_the_page() {
    let mut breaches = Vec::new();
    for file in files("rs") {
        for (number, line) in lines(&file) {
            let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
            let is_wide = line.chars().count() > WIDTH && !line.contains("http");
            if let Some(breach) = private_word(comment).or(is_wide.then_some("over 100 columns")) {
                breaches.push(format!("{}:{number}: {breach}", file.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{} comments:\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn documents_use_the_glossary() {
    let mut breaches = Vec::new();
    for file in files("md").into_iter().filter(|file| !file.ends_with("CODE_OF_CONDUCT.md")) {
        let mut is_code = false;
        for (number, line) in lines(&file) {
            is_code ^= line.trim_start().starts_with("```");
            if let Some(breach) = private_word(&prose(&line)).filter(|_| !is_code) {
                breaches.push(format!("{}:{number}: {breach}", file.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{} lines:\n{}", breaches.len(), breaches.join("\n"));
}

/// The first word or phrase of the lists above in `text`.
fn private_word(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let mut words = text.split(|letter: char| !letter.is_alphabetic());
    let word = words.find_map(|word| PRIVATE_WORDS.iter().find(|private| **private == word));
    word.or_else(|| PRIVATE_PHRASES.iter().find(|phrase| text.contains(**phrase))).copied()
}

/// A line of Markdown without code and quotations.
fn prose(line: &str) -> String {
    let without = |text: &str, mark: char| text.split(mark).step_by(2).collect::<Vec<_>>().join(" ");
    without(&without(line, '`'), '"')
}

fn lines(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).expect("a text file");
    text.lines().map(str::to_owned).enumerate().map(|(index, line)| (index + 1, line)).collect()
}

/// Every file of the repository with this extension, except generated ones.
fn files(extension: &str) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let is_generated = ["data", "dist", "node_modules", "screenshots", "target"].contains(&name.as_str());
                if !is_generated && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files
}
