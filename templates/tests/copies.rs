//! Files that several examples have are equal in all of them, but for the name of the library.
//!
//! Each example is a whole crate, so it has a copy of its own. To copy the files anew after a change of
//! the first one: `FLOWGEN_BLESS=1 cargo test -p flowgen-templates --test copies`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The example that is copied from, a file or a folder in it, and the examples that have a copy.
const COPIES: &[(&str, &str, &[&str])] = &[
    ("saga", ".gitignore", &["ab-test", "api-gateway", "blue-green", "circuit-breaker", "cqrs", "rollback"]),
    (
        "saga",
        "rustfmt.toml",
        &["ab-test", "api-gateway", "blue-green", "circuit-breaker", "cqrs", "rollback"],
    ),
    (
        "saga",
        ".github/workflows/ci.yml",
        // The CI of cqrs installs a database, and that of blue-green HAProxy.
        &["ab-test", "api-gateway", "circuit-breaker", "rollback"],
    ),
    ("saga", "src/service", &["api-gateway", "blue-green", "cqrs"]),
    ("saga", "src/http/query.rs", &["cqrs"]),
    ("api-gateway", "src/transfer", &["blue-green"]),
    ("saga", "tests/figures", &["api-gateway", "blue-green", "cqrs"]),
    ("saga", "tests/openapi", &["api-gateway", "blue-green", "cqrs"]),
];

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

#[test]
fn copies_are_equal() {
    for (from, path, copies) in COPIES {
        let originals = files(&example(from), path);
        assert!(!originals.is_empty(), "examples/{from} has no {path}");
        for to in *copies {
            for file in &originals {
                let text = fs::read_to_string(example(from).join(file)).unwrap();
                let wanted = text.replace(&library(from), &library(to));
                let copy = example(to).join(file);
                if std::env::var_os("FLOWGEN_BLESS").is_some() {
                    fs::create_dir_all(copy.parent().unwrap()).unwrap();
                    fs::write(&copy, &wanted).unwrap();
                }
                let found = fs::read_to_string(&copy).unwrap_or_default();
                assert!(
                    found == wanted,
                    "{} of examples/{to} is not that of examples/{from}: copy it with FLOWGEN_BLESS=1",
                    file.display()
                );
            }
        }
    }
}

/// A copied folder of Rust code has no files of its own: they would be lost beside the copies.
#[test]
fn copied_modules_have_no_other_files() {
    for (from, path, copies) in COPIES.iter().filter(|(_, path, _)| path.starts_with("src/")) {
        for to in *copies {
            assert_eq!(files(&example(to), path), files(&example(from), path), "examples/{to}/{path}");
        }
    }
}

/// How the library is named in a path.
fn library(example: &str) -> String {
    format!("{}::", example.replace('-', "_"))
}

/// A file, or all files below a folder, by their paths in the example.
fn files(example: &Path, path: &str) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut paths = vec![example.join(path)];
    while let Some(next) = paths.pop() {
        if next.is_dir() {
            paths.extend(fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.insert(next.strip_prefix(example).unwrap().to_owned());
        }
    }
    files
}
