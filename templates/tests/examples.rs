//! `examples/` holds exactly what `flowgen new` writes.
//!
//! To write the examples anew after a change of a template: `FLOWGEN_BLESS=1 cargo test -p
//! flowgen-templates --test examples`, and read the difference.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use flowgen_templates::{Crate, PATTERNS, Pattern};

/// Paths and contents.
type Files = BTreeMap<String, String>;

#[test]
fn examples_are_what_new_writes() {
    for pattern in PATTERNS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(pattern.name);
        let written = written(pattern);
        if std::env::var_os("FLOWGEN_BLESS").is_some() {
            bless(&folder, &written);
        }
        let found = found(&folder);
        let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&written), "the files of examples/{}", pattern.name);
        for (path, contents) in &written {
            assert!(found[path] == *contents, "examples/{}/{path} is not what `new` writes", pattern.name);
        }
    }
}

/// The project's own page has a row for each, in the order in which they are listed.
#[test]
fn the_readme_has_a_table_of_all_patterns() {
    let rows = PATTERNS.iter().map(|Pattern { name, summary, .. }| {
        format!("| [`{name}`](examples/{name}/README.md) | {summary} |\n")
    });
    let table = format!("| pattern | what it is |\n|---|---|\n{}\n", rows.collect::<String>());
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    assert!(readme.contains(&table), "README.md has no table that says:\n{table}");
}

/// What `flowgen new PATTERN examples/PATTERN --flowgen ../..` writes.
fn written(pattern: &Pattern) -> Files {
    let new = Crate { name: pattern.name, flowgen: "../.." };
    let files = pattern.files(&new).unwrap();
    files.into_iter().map(|file| (file.path, file.contents)).collect()
}

fn found(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn bless(folder: &Path, files: &Files) {
    fs::remove_dir_all(folder).ok();
    for (path, contents) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
}
