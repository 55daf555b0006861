//! Words that `docs/glossary.md` has replaced do not come back.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::parts::{Part, all, parts};
use crate::{checkout, collect};

/// The folders whose comments are checked, and the strings of files in `src`. The list only gets longer.
const CLEAN: &[&str] = &[
    "cli",
    "codegen/src",
    "codegen/tests",
    "engines/conformance/src",
    "engines/sqlite/src",
    "engines/temporal/src",
    "examples",
    "macros/src",
    "picture",
    "src",
    "templates",
];

/// The folders whose names are checked, by the section of the page that lists the names. The list only gets longer.
const CLEAN_NAMES: &[(&str, &[&str])] = &[
    ("Names in codegen", &["codegen/src", "codegen/tests", "macros/src"]),
    (
        "Names of the runtime, engines and command line",
        &["src", "engines/conformance/src", "engines/sqlite/src", "engines/temporal/src"],
    ),
];

#[test]
fn replaced_words_do_not_come_back() {
    let page = fs::read_to_string(checkout().join("docs/glossary.md")).unwrap();
    let words = replaced(section(&page, "Words"));
    assert!(words.contains("nobody") && words.contains("mending"), "{words:?}");
    let is_replaced = |word: &&str| words.contains(word.to_lowercase().as_str());
    let mut found = Vec::new();
    for path in sources(CLEAN) {
        let text = fs::read_to_string(&path).unwrap();
        let mut prose = all(Part::Comment, &text);
        if path.components().any(|folder| folder.as_os_str() == "src") {
            // Not single words: they can be keys of saved files.
            let is_text = |&(part, text): &(Part, &str)| part == Part::Literal && text.contains(' ');
            prose.extend(parts(&text).into_iter().filter(is_text).map(|(_, text)| text));
        }
        let words = split(&prose).filter(is_replaced);
        found.extend(words.map(|word| format!("{}: `{word}`", path.display())));
    }
    assert!(found.is_empty(), "see docs/glossary.md: {found:#?}");
}

#[test]
fn replaced_names_do_not_come_back() {
    let page = fs::read_to_string(checkout().join("docs/glossary.md")).unwrap();
    let mut found = Vec::new();
    for (title, folders) in CLEAN_NAMES {
        let names = replaced(section(&page, title));
        assert!(names.len() > 30, "{names:?}");
        for path in sources(folders) {
            let code = all(Part::Code, &fs::read_to_string(&path).unwrap());
            let words = split(&code).filter(|word| names.contains(*word));
            found.extend(words.map(|word| format!("{}: `{word}`", path.display())));
        }
    }
    assert!(found.is_empty(), "see docs/glossary.md: {found:#?}");
}

fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for folder in folders {
        collect(&checkout().join(folder), &mut sources);
    }
    sources
}

fn section<'p>(page: &'p str, title: &str) -> &'p str {
    page.split("\n## ").find_map(|part| part.strip_prefix(title)).unwrap()
}

/// The words in backticks in the last column of a table, and on lines that begin with `Not`.
fn replaced(section: &str) -> BTreeSet<&str> {
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    let last = rows.filter_map(|row| row.trim().rsplit('|').next());
    let lists = section.lines().filter_map(|line| line.strip_prefix("Not "));
    last.chain(lists).flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
