//! `flowgen new` writes the crates in `examples/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use flowgen_templates::{Crate, PATTERNS, Pattern, Source};

/// Paths and contents.
type Files = BTreeMap<String, String>;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

#[test]
fn new_writes_the_examples() {
    for pattern in PATTERNS {
        let written =
            written(pattern, &Crate { name: pattern.name, flowgen: &Source::Path("../..".to_owned()) });
        let found = found(&examples().join(pattern.name));
        let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&written), "the files of examples/{}", pattern.name);
        for (path, contents) in &written {
            assert!(found[path] == *contents, "examples/{}/{path} is not what `new` writes", pattern.name);
        }
    }
}

#[test]
fn every_example_is_a_pattern() {
    let folders = fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut folders: Vec<String> = folders.map(|name| name.into_string().unwrap()).collect();
    folders.sort();
    let mut patterns: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.name).collect();
    patterns.sort_unstable();
    assert_eq!(folders, patterns, "the folders in examples/, and the list in templates/build.rs");
}

/// The library keeps its name under any name of the package, so no Rust file is rewritten.
#[test]
fn another_name_changes_the_manifest_and_the_title() {
    for pattern in PATTERNS {
        let example = found(&examples().join(pattern.name));
        let written =
            written(pattern, &Crate { name: "shop", flowgen: &Source::Path("/flowgen".to_owned()) });
        let changed = written.iter().filter(|(path, contents)| example[*path] != **contents);
        let changed: Vec<&str> = changed.map(|(path, _)| path.as_str()).collect();
        assert_eq!(changed, ["Cargo.toml", "README.md"], "{}", pattern.name);
        let manifest = &written["Cargo.toml"];
        let library = format!("[lib]\nname = \"{}\"\n", pattern.name.replace('-', "_"));
        assert!(manifest.starts_with("[package]\nname = \"shop\"\n"), "{manifest}");
        assert!(manifest.contains(&library), "no {library} in {manifest}");
        assert!(manifest.contains("flowgen = { path = \"/flowgen\""), "{manifest}");
        assert!(!manifest.contains("\"../"), "a path of the checkout in {manifest}");
        assert!(written["README.md"].starts_with("# shop\n"), "{}", pattern.name);
    }
}

/// A summary and a drawing are in several files of an example.
#[test]
fn pages_repeat_the_summary_and_the_drawing() {
    for Pattern { name, summary, drawing, .. } in PATTERNS {
        let files = found(&examples().join(name));
        let (readme, library) = (&files["README.md"], &files["src/lib.rs"]);
        assert!(readme.starts_with(&format!("# {name}\n\n{summary}.\n")), "{name}");
        assert!(library.starts_with(&format!("//! {summary}.\n")), "{name}");
        let has_drawing = readme.contains(drawing.lines().next().unwrap());
        assert!(!has_drawing || readme.contains(&format!("```text\n{drawing}```\n")), "{name}");
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

fn written(pattern: &Pattern, new: &Crate<'_>) -> Files {
    pattern.files(new).into_iter().map(|file| (file.path, file.contents)).collect()
}

/// All files below a folder.
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
