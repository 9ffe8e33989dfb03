//! Drives every target with its corpus, and with what proptest makes of the corpus.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use cloakroom_fuzz::TARGETS;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

/// The files of a target's corpus, in the order of their names.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// One change of a file, as a careless or hostile sender would make it.
#[derive(Clone, Debug)]
enum Change {
    Cut(Index),
    Insert(Index, Vec<u8>),
    Overwrite(Index, Vec<u8>),
    Remove(Index, u8),
    Repeat(Index, u8),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        // What the parsers look for, beside plain noise.
        let piece = || {
            prop_oneof![
                prop::collection::vec(any::<u8>(), 1..5),
                select(vec![
                    "/",
                    "..",
                    "%2f",
                    "\\",
                    "\0",
                    "?",
                    "&",
                    "=",
                    "#",
                    "@",
                    "fat=",
                    "&Expires=1",
                    "\n",
                    "\u{e9}",
                    "+",
                    " ",
                    ".",
                    "_",
                    "-",
                ])
                .prop_map(|text| text.as_bytes().to_vec()),
                select(vec![0_u32, 1, 0x7fff_ffff, 0xffff_ffff, 0xff00_0000])
                    .prop_map(|number| number.to_be_bytes().to_vec()),
            ]
        };
        let at = any::<Index>;
        prop_oneof![
            at().prop_map(Self::Cut),
            (at(), piece()).prop_map(|(at, piece)| Self::Insert(at, piece)),
            (at(), piece()).prop_map(|(at, piece)| Self::Overwrite(at, piece)),
            (at(), 1..40_u8).prop_map(|(at, len)| Self::Remove(at, len)),
            (at(), 1..40_u8).prop_map(|(at, len)| Self::Repeat(at, len)),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        let range = |at: &Index, n: usize| {
            let at = at.index(len + 1);
            at..(at + n).min(len)
        };
        match self {
            Self::Cut(at) => bytes.truncate(at.index(len + 1)),
            Self::Insert(at, piece) => {
                let at = at.index(len + 1);
                bytes.splice(at..at, piece.iter().copied());
            }
            Self::Overwrite(at, piece) => {
                bytes.splice(range(at, piece.len()), piece.iter().copied());
            }
            Self::Remove(at, n) => {
                bytes.drain(range(at, usize::from(*n)));
            }
            Self::Repeat(at, n) => {
                let part = bytes[range(at, usize::from(*n))].to_vec();
                let at = at.index(len + 1);
                bytes.splice(at..at, part);
            }
        }
    }
}

#[test]
fn every_target_stands_its_corpus() {
    for (name, target) in TARGETS {
        let files = corpus(name);
        assert!(!files.is_empty(), "{name} has no corpus");
        for (_, bytes) in files {
            target(&bytes);
        }
    }
}

#[test]
fn every_corpus_folder_has_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(TARGETS.iter().any(|(target, _)| name == *target), "{}", name.display());
    }
}

#[test]
fn every_target_stands_changes_of_its_corpus() {
    for (name, target) in TARGETS {
        let seeds: Vec<Vec<u8>> = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
        let changed = (select(seeds), prop::collection::vec(Change::any(), 1..4)).prop_map(
            |(mut bytes, changes)| {
                for change in changes {
                    change.apply(&mut bytes);
                }
                bytes
            },
        );
        let config = Config { cases: 512, failure_persistence: None, ..Config::default() };
        let result = TestRunner::new(config).run(&changed, |bytes| {
            target(&bytes);
            Ok(())
        });
        assert!(result.is_ok(), "{name}: {result:?}");
    }
}

#[test]
fn every_target_stands_noise() {
    for (name, target) in TARGETS {
        let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
        let noise = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            r"\PC{0,60}".prop_map(String::into_bytes),
        ];
        let result = TestRunner::new(config).run(&noise, |bytes| {
            target(&bytes);
            Ok(())
        });
        assert!(result.is_ok(), "{name}: {result:?}");
    }
}
