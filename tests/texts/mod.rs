//! The texts: every used one exists in all languages, none is unused, and templates contain none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use writ_core::Cause;

/// The prefix of the texts of `/docs/errors`, followed by the id.
const CAUSE: &str = "cause-";

type Variables = BTreeSet<String>;

/// The texts of a language: for each key, its variables and references.
#[derive(Default)]
struct Texts {
    variables: BTreeMap<String, Variables>,
    references: BTreeSet<String>,
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn languages() -> BTreeMap<String, Texts> {
    let mut languages = BTreeMap::new();
    for folder in fs::read_dir(root().join("locales")).unwrap() {
        let folder = folder.unwrap().path();
        let mut texts = Texts::default();
        let mut references_of = BTreeMap::new();
        for file in files(&folder, "ftl") {
            let source = fs::read_to_string(&file).unwrap();
            let resource = fluent_syntax::parser::parse(source.as_str())
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.display()));
            for entry in resource.body {
                let Entry::Message(message) = entry else {
                    continue;
                };
                let key = message.id.name.to_owned();
                let (mut variables, mut references) = (Variables::new(), BTreeSet::new());
                collect(&message.value.unwrap(), &mut variables, &mut references);
                references_of.insert(key.clone(), references);
                let earlier = texts.variables.insert(key.clone(), variables);
                assert!(earlier.is_none(), "{key} stands twice in {}", folder.display());
            }
        }
        // A text also has the variables of the texts that it refers to.
        let own = texts.variables.clone();
        for (key, references) in references_of {
            let referred = references.iter().flat_map(|reference| own[reference].iter().cloned());
            texts.variables.get_mut(&key).unwrap().extend(referred);
            texts.references.extend(references);
        }
        languages.insert(folder.file_name().unwrap().to_string_lossy().into_owned(), texts);
    }
    languages
}

fn collect(pattern: &Pattern<&str>, variables: &mut Variables, references: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    collect(&variant.value, variables, references);
                }
                selector
            }
        };
        match inline {
            InlineExpression::VariableReference { id } => {
                variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                references.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => {
                let nested = PatternElement::Placeable { expression: (**expression).clone() };
                collect(&Pattern { elements: vec![nested] }, variables, references);
            }
            _ => {}
        }
    }
}

/// The templates of the server's pages, without the demonstration's shop.
fn our_templates() -> Vec<PathBuf> {
    let demo = root().join("templates/demo");
    files(&root().join("templates"), "html").into_iter().filter(|file| !file.starts_with(&demo)).collect()
}

/// Everything that may contain a key: the templates and the sources without tests.
fn sources() -> String {
    let mut all = String::new();
    for file in our_templates().into_iter().chain(files(&root().join("src"), "rs")) {
        all.push_str(&fs::read_to_string(file).unwrap());
    }
    all
}

#[test]
fn languages_have_the_same_keys_and_variables() {
    let languages = languages();
    let english = &languages["en"];
    for (language, texts) in &languages {
        let keys: BTreeSet<_> = texts.variables.keys().collect();
        let expected: BTreeSet<_> = english.variables.keys().collect();
        assert_eq!(keys, expected, "{language}");
        for (key, variables) in &texts.variables {
            // Only the number that chooses a plural form may be omitted.
            let expected = &english.variables[key];
            let differences: Vec<_> =
                variables.symmetric_difference(expected).filter(|name| *name != "count").collect();
            assert!(differences.is_empty(), "{language}: {key} differs in {differences:?}");
            assert!(variables.is_subset(expected), "{language}: {key} has {variables:?}");
        }
    }
}

#[test]
fn every_language_has_the_words_with_which_a_name_claims_an_approval() {
    let claims: BTreeMap<_, _> = writ_core::clients::look_alike::CLAIMS.into_iter().collect();
    for language in languages().keys() {
        assert!(claims.get(language.as_str()).is_some_and(|words| words.len() > 3), "no words for {language}");
    }
}

#[test]
fn texts_are_all_used() {
    let sources = sources();
    let english = &languages()["en"];
    let unused: Vec<_> = english
        .variables
        .keys()
        .filter(|key| !sources.contains(&format!("\"{key}\"")) && !english.references.contains(*key))
        .filter(|key| key.strip_prefix(CAUSE).is_none_or(|id| Cause::find(id).is_none()))
        .collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
}

#[test]
fn causes_are_all_explained() {
    let english = &languages()["en"];
    let missing: Vec<_> =
        Cause::all().map(Cause::id).filter(|id| !english.variables.contains_key(&format!("{CAUSE}{id}"))).collect();
    assert!(missing.is_empty(), "no text: {missing:?}");
}

#[test]
fn used_texts_all_exist() {
    let sources = sources();
    let english = &languages()["en"];
    for call in [".text(\"", ".text_with(\"", ".text(\n", ".text_with(\n"] {
        for (at, _) in sources.match_indices(call) {
            let rest = sources[at + call.len()..].trim_start().trim_start_matches('"');
            let key = rest.split(['"', ' ', ',', ')']).next().unwrap();
            let is_key = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            assert!(!is_key || key.is_empty() || english.variables.contains_key(key), "no text for {key}");
        }
    }
}

#[test]
fn korean_particles_do_not_depend_on_inserted_text() {
    const PARTICLES: [&str; 10] = ["을", "를", "이", "가", "은", "는", "와", "과", "으로", "로"];
    for file in files(&root().join("locales/ko"), "ftl") {
        for line in fs::read_to_string(&file).unwrap().lines().filter(|line| !line.starts_with('#')) {
            for (at, _) in line.match_indices('}') {
                let next = &line[at + 1..];
                assert!(!PARTICLES.iter().any(|particle| next.starts_with(particle)), "{line}");
            }
        }
    }
}

#[test]
fn templates_contain_no_literal_sentences() {
    for file in our_templates() {
        let source = fs::read_to_string(&file).unwrap();
        let spoken = spoken_text(&source);
        assert!(!spoken.chars().any(char::is_alphabetic), "{} says {spoken:?}", file.display());
    }
}

/// A template's text without tags, expressions and blocks, with the attributes that screen readers
/// use.
fn spoken_text(template: &str) -> String {
    let mut text = template.to_owned();
    for (open, close) in [("{{", "}}"), ("{%", "%}"), ("{#", "#}")] {
        while let Some(start) = text.find(open) {
            let end = start + text[start..].find(close).unwrap() + close.len();
            text.replace_range(start..end, "");
        }
    }
    let mut attributes = String::new();
    for name in ["aria-label=\"", "title=\"", "alt=\"", "placeholder=\""] {
        for (at, _) in text.match_indices(name) {
            attributes.push_str(text[at + name.len()..].split('"').next().unwrap());
        }
    }
    while let Some(start) = text.find('<') {
        let end = start + text[start..].find('>').unwrap() + 1;
        text.replace_range(start..end, "");
    }
    text + attributes.as_str()
}
