//! What holds for the source as a whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod imports;
mod parts;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// A file with more lines than this wants to be several.
const MOST_LINES: usize = 450;

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files, and templates of such, below the folders of this page; the crates that `new`
/// writes among them, what cargo builds not.
fn sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for folder in folders() {
        collect(&checkout().join(folder), &mut sources);
    }
    sources.sort();
    assert!(sources.len() > 100, "{} files are not all", sources.len());
    sources
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, sources);
        } else if is_rust(&path) {
            sources.push(path);
        }
    }
}

/// A Rust file, or a template of one.
fn is_rust(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".askama").unwrap_or(name);
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

/// The folders that ARCHITECTURE.md lists.
fn folders() -> Vec<String> {
    let page = fs::read_to_string(checkout().join("ARCHITECTURE.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("/` | "));
    rows.map(|(folder, _)| folder.to_owned()).collect()
}

#[test]
fn the_folders_that_the_architecture_lists_are_there() {
    let folders = folders();
    assert!(folders.iter().any(|folder| folder == "codegen"), "{folders:?}");
    for folder in folders {
        assert!(checkout().join(&folder).is_dir(), "ARCHITECTURE.md lists `{folder}/`, which is not there");
    }
}

#[test]
fn files_stay_small() {
    for path in sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let is_golden = path.starts_with(checkout().join("tests/golden"));
        assert!(is_golden || lines <= MOST_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_is_left_to_do() {
    let this = checkout().join(file!());
    for path in sources().into_iter().filter(|path| *path != this) {
        let text = fs::read_to_string(&path).unwrap();
        for left in ["todo!", "unimplemented!", "dbg!", "TODO", "FIXME", "XXX"] {
            let line = text.lines().position(|line| line.contains(left));
            assert_eq!(line, None, "`{left}` in {}, by line from 0", path.display());
        }
    }
}

/// A code that is named anywhere, in a comment, a test or a page, is one that `flowgen explain` knows.
#[test]
fn every_code_that_is_named_is_one_of_a_rule() {
    let codes: Vec<&str> = flowgen_codegen::rules::RULES.iter().map(|rule| rule.code).collect();
    let pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/comparison.md"]
        .map(|page| checkout().join(page));
    for path in sources().into_iter().chain(pages) {
        for code in named(&fs::read_to_string(&path).unwrap()) {
            let is_unknown_on_purpose = code == "F999";
            assert!(is_unknown_on_purpose || codes.contains(&code), "{code} in {}", path.display());
        }
    }
}

#[test]
fn every_finding_is_compared_with_those_of_others() {
    let page = fs::read_to_string(checkout().join("docs/comparison.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| F")?.split(" | ").next());
    let compared: Vec<String> = rows.map(|finding| format!("F{finding}")).collect();
    let rules = flowgen_codegen::rules::RULES.iter().map(|rule| format!("{} {}", rule.code, rule.name));
    assert_eq!(compared, rules.collect::<Vec<_>>(), "a row of docs/comparison.md for each, in order");
}

/// Words like `F101`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        word.len() == 4 && word.starts_with('F') && word[1..].bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The folders in a list of the workspace's manifest.
fn listed(list: &str) -> Vec<String> {
    let manifest = fs::read_to_string(checkout().join("Cargo.toml")).unwrap();
    let entries = manifest.split_once(&format!("\n{list} = [")).unwrap().1.split_once(']').unwrap().0;
    entries.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A package's name, by its folder.
fn package(folder: &str) -> String {
    let manifest = fs::read_to_string(checkout().join(folder).join("Cargo.toml")).unwrap();
    manifest
        .split_once("\n[package]")
        .map_or(&*manifest, |(_, package)| package)
        .split_once("name = \"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned()
}

#[test]
fn every_package_is_tested() {
    let run = fs::read_to_string(checkout().join(".ci/run")).unwrap();
    let tested = listed("default-members");
    for member in listed("members").into_iter().filter(|member| !tested.contains(member)) {
        let name = package(&member);
        assert!(run.contains(&format!("--package {name} ")), "nothing in .ci/run tests `{member}`");
    }
}

#[test]
fn every_published_package_is_packaged_and_has_a_readme() {
    let script = fs::read_to_string(checkout().join(".ci/package")).unwrap();
    for member in
        listed("members").into_iter().chain([".".to_owned()]).filter(|member| member != "examples/*")
    {
        let manifest = fs::read_to_string(checkout().join(&member).join("Cargo.toml")).unwrap();
        if manifest.contains("\npublish = false\n") {
            continue;
        }
        let name = package(&member);
        let packages = script.split_once("packages=(").unwrap().1.split_once(')').unwrap().0;
        assert!(
            packages.split_whitespace().any(|packaged| packaged == name),
            ".ci/package leaves out `{name}`"
        );
        assert!(checkout().join(&member).join("README.md").is_file(), "`{member}` has no README.md");
    }
}
