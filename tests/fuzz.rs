//! The fuzz targets of `fuzz/`, run with their corpora and with random inputs.

#[allow(unreachable_pub, reason = "a library to the fuzzers")]
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path};

use proptest::{prelude::*, sample::Index};

use targets::TARGETS;

/// The corpus of a target, to which a fuzzer adds its findings.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed")).collect()
}

#[derive(Debug, Clone)]
enum Edit {
    Replace(u8),
    Insert(Vec<u8>),
    Delete(usize),
    Repeat(usize),
}

fn edits() -> impl Strategy<Value = Vec<(Index, Edit)>> {
    let edit = prop_oneof![
        any::<u8>().prop_map(Edit::Replace),
        prop::collection::vec(any::<u8>(), 1..8).prop_map(Edit::Insert),
        (1..16_usize).prop_map(Edit::Delete),
        (1..64_usize).prop_map(Edit::Repeat),
    ];
    prop::collection::vec((any::<Index>(), edit), 0..6)
}

fn edited(mut input: Vec<u8>, edits: &[(Index, Edit)]) -> Vec<u8> {
    for (index, edit) in edits {
        let at = index.index(input.len() + 1);
        let end = |length: &usize| (at + length).min(input.len());
        match edit {
            Edit::Replace(byte) => input.get_mut(at).into_iter().for_each(|old| *old = *byte),
            Edit::Insert(bytes) => drop(input.splice(at..at, bytes.iter().copied())),
            Edit::Delete(length) => drop(input.drain(at..end(length))),
            Edit::Repeat(length) => {
                let part = input[at..end(length)].to_vec();
                input.splice(at..at, part);
            }
        }
    }
    input
}

#[test]
fn every_target_has_a_corpus_that_it_survives() {
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        assert!(!seeds.is_empty(), "{name}");
        seeds.iter().for_each(|seed| target(seed));
    }
}

#[test]
fn every_target_is_a_binary_of_cargo_fuzz() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(input in prop::collection::vec(any::<u8>(), 0..2048)) {
        TARGETS.iter().for_each(|(_, target)| target(&input));
    }

    #[test]
    fn no_text_makes_a_parser_panic(input in "\\PC{0,300}") {
        TARGETS.iter().for_each(|(_, target)| target(input.as_bytes()));
    }

    #[test]
    fn no_edit_of_a_valid_input_makes_its_parser_panic(seed in any::<Index>(), edits in edits()) {
        for (name, target) in TARGETS {
            let seeds = corpus(name);
            target(&edited(seeds[seed.index(seeds.len())].clone(), &edits));
        }
    }
}
