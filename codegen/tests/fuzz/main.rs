//! Whatever bytes come in: no panic, and what always holds does.
//!
//! Drawings are damaged at random, so many a run as `PROPTEST_CASES` says. `fuzz/` does the same
//! under libFuzzer, which finds more and takes longer. What either has found is kept in
//! `tests/drawings/found`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod damage;
mod whole_way;

use std::path::Path;
use std::{fmt, fs};

use flowgen_codegen::rules::RULES;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use damage::damage;

/// The folders of drawings, those of the whole workspace among them.
const FOLDERS: [&str; 5] = [
    "tests/drawings/ok",
    "tests/drawings/err",
    "tests/drawings/data",
    "tests/drawings/found",
    "../tests/drawings",
];

/// All drawings that there are to begin with.
fn corpus() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        files.extend(fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.sort();
    let drawings = RULES.iter().flat_map(|rule| [rule.wrong, rule.right]);
    files
        .iter()
        .map(|file| fs::read(file).unwrap())
        .chain(drawings.map(|text| text.as_bytes().to_vec()))
        .collect()
}

#[test]
fn every_drawing_goes_the_whole_way() {
    for bytes in corpus() {
        whole_way::go(&bytes);
    }
}

#[test]
fn every_damaged_drawing_goes_the_whole_way() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&damaged(), |Bytes(bytes)| {
            whole_way::go(&bytes);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Shown as the text that it nearly is.
struct Bytes(Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}\n", String::from_utf8_lossy(&self.0))
    }
}

fn damaged() -> impl Strategy<Value = Bytes> {
    let corpus = corpus();
    let damages = prop::collection::vec(damage(), 1..8);
    (any::<Index>(), damages).prop_map(move |(drawing, damages)| {
        let mut bytes = corpus[drawing.index(corpus.len())].clone();
        for damage in damages {
            damage.apply(&mut bytes, &corpus);
        }
        Bytes(bytes)
    })
}
