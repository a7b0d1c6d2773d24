//! The documentation: links and anchors have targets, the names in it exist, and the book has every
//! page.
//!
//! Links to other sites are not followed.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    path::{Component, Path, PathBuf},
};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Folders with generated files.
const GENERATED: &[&str] = &[".git", "data", "dist", "node_modules", "screenshots", "target"];

/// A Markdown file.
#[derive(Default)]
struct Page {
    /// The targets of its links.
    links: Vec<String>,
    /// The anchors of its headings.
    anchors: BTreeSet<String>,
    /// Texts between backticks.
    code: Vec<String>,
}

#[test]
fn relative_links_and_anchors_lead_to_files_and_headings() {
    let pages = pages();
    let mut broken = Vec::new();
    for (path, page) in &pages {
        for link in page.links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() { path.clone() } else { joined(path, file) };
            let has_anchor = |anchor: &str| pages.get(&target).is_some_and(|page| page.anchors.contains(anchor));
            if !root().join(&target).exists() || !anchor.is_none_or(has_anchor) {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn page_about_retention_has_every_table() {
    let schema = fs::read_to_string(root().join("src/store/schema.rs")).expect("the schema");
    let page = fs::read_to_string(root().join("docs/retention.md")).expect("the page");
    let definitions = schema.split("table! {").skip(1);
    let tables = definitions.filter_map(|rest| rest.trim_start().split([' ', '(']).next());
    let missing: Vec<&str> = tables.filter(|table| !page.contains(&format!("`{table}`"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn scripts_sources_items_and_tests_named_in_code_exist() {
    let files = files("");
    let sources = Sources::read(&files);
    let mut missing = Vec::new();
    for (path, page) in pages() {
        for code in &page.code {
            let word = code.split(' ').next().unwrap_or_default();
            let exists = if let Some(script) = word.strip_prefix("scripts/") {
                root().join("scripts").join(script).exists()
            } else if word.contains("::") && word.split("::").all(is_identifier) {
                sources.have(word)
            } else if word.ends_with(".rs") && !word.contains(['*', '<', '…']) {
                files.iter().any(|file| file.ends_with(word))
            } else {
                true
            };
            if !exists {
                missing.push(format!("{}: {code}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn book_and_its_tables_of_contents_have_every_page() {
    let pages = pages();
    let linked = |from: &str| -> BTreeSet<PathBuf> {
        let from = Path::new(from);
        pages[from].links.iter().map(|link| joined(from, link)).collect()
    };
    let (book, decisions) = (linked("docs/SUMMARY.md"), linked("docs/decisions/README.md"));
    for page in pages.keys().filter(|page| page.starts_with("docs") && !page.ends_with("SUMMARY.md")) {
        assert!(book.contains(page), "docs/SUMMARY.md lacks {}", page.display());
        if page.starts_with("docs/decisions") && !page.ends_with("README.md") {
            assert!(decisions.contains(page), "docs/decisions/README.md lacks {}", page.display());
        }
    }
}

#[test]
fn specifications_are_printed_from_the_rule_book() {
    let printed = writ_core::specifications::document();
    assert!(
        read(Path::new("docs/specifications.md")) == printed,
        "run: cargo run -p writ-core --example specifications > docs/specifications.md"
    );
}

#[test]
fn rules_files_and_tests_of_the_specifications_exist() {
    let files = files("");
    let text = |path: &str| files.contains(&PathBuf::from(path)).then(|| read(Path::new(path)));
    // `file#function`, or a file.
    let has_rule = |rule: &str| {
        let (file, name) = rule.split_once('#').unwrap_or((rule, ""));
        text(&format!("crates/writ-core/src/{file}")).is_some_and(|text| {
            name.is_empty() || text.contains(&format!("fn {name}")) || text.contains(&format!("enum {name}"))
        })
    };
    // A file, `module` or `module::test` of `tests/it`.
    let has_test = |test: &str| {
        let (module, name) = test.split_once("::").unwrap_or((test, ""));
        test.contains('/') && text(test).is_some()
            || text(&format!("tests/it/{module}.rs")).is_some_and(|text| text.contains(&format!("fn {name}")))
    };
    let mut missing: Vec<&str> = Vec::new();
    for section in writ_core::specifications::sections() {
        missing.extend(section.rules.iter().copied().filter(|rule| !has_rule(rule)));
        missing.extend(section.applied.iter().copied().filter(|file| text(file).is_none()));
        missing.extend(section.tests.iter().copied().filter(|test| !has_test(test)));
        assert!(!section.tests.is_empty(), "{} has no test", section.subject);
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The Rust code of this repository.
struct Sources {
    /// Each file, in the style without `mod.rs`, with the words in it.
    files: Vec<(PathBuf, HashSet<String>)>,
    lock_file: String,
}

impl Sources {
    fn read(files: &[PathBuf]) -> Self {
        let rust = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
        let words =
            |text: String| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect();
        let module = |path: &Path| {
            if path.ends_with("mod.rs") { path.with_file_name("").with_extension("rs") } else { path.into() }
        };
        Self {
            files: rust.map(|path| (module(path), words(read(path)))).collect(),
            lock_file: read(Path::new("Cargo.lock")),
        }
    }

    /// Whether `path`, such as `tokens::refresh_token::decide`, is a module, or an item or test of
    /// one. Items of dependencies are not checked.
    fn have(&self, path: &str) -> bool {
        let mut names: Vec<&str> = path.split("::").collect();
        if ["crate", "writ", "writ_core", "writ_verifier"].contains(&names[0]) {
            names.remove(0);
        } else if names[0] == "std" || self.lock_file.contains(&format!("name = \"{}\"", names[0].replace('_', "-"))) {
            return true;
        }
        let Some((item, module)) = names.split_last() else { return true };
        let own_file = PathBuf::from_iter(&names).with_extension("rs");
        let module_file = PathBuf::from_iter(module).with_extension("rs");
        // `Type::method`: searched in all files that contain the type.
        let owner = module.last().filter(|name| name.starts_with(char::is_uppercase));
        self.files.iter().any(|(file, words)| {
            let in_module = owner.map_or(file.ends_with(&module_file), |owner| words.contains(*owner));
            file.ends_with(&own_file) || (in_module && words.contains(*item))
        })
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn pages() -> BTreeMap<PathBuf, Page> {
    let files = files("").into_iter();
    let markdown = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    markdown.map(|path| (path.clone(), Page::parse(&read(&path)))).collect()
}

impl Page {
    fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let mut heading: Option<String> = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.add_anchor(&heading.take().unwrap_or_default()),
                Event::Text(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
                Event::Code(code) => {
                    heading.iter_mut().for_each(|heading| heading.push_str(&code));
                    page.code.push(code.into_string());
                }
                _ => {}
            }
        }
        page
    }

    /// Adds the anchor that forges and mdBook generate for a heading. A repeated one gets a number.
    fn add_anchor(&mut self, heading: &str) {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let slug = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let numbered = (1..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone()).chain(numbered).find(|anchor| !self.anchors.contains(anchor));
        self.anchors.extend(free);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The target of `link` on the page `from`, relative to the root.
fn joined(from: &Path, link: &str) -> PathBuf {
    let mut path = from.parent().map(Path::to_path_buf).unwrap_or_default();
    for component in Path::new(link).components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

/// Every file below `folder`, relative to the root, except generated ones.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = folder.join(entry.file_name());
            let generated = GENERATED.iter().any(|name| entry.file_name() == *name);
            match entry.file_type().expect("a type") {
                kind if kind.is_dir() && !generated => folders.push(path),
                kind if kind.is_file() => files.push(path),
                _ => {}
            }
        }
    }
    files
}
