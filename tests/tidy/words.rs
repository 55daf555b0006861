//! Words that `docs/glossary.md` has replaced do not come back.

use std::collections::BTreeSet;
use std::fs;

use crate::imports::without_comments;
use crate::{checkout, collect};

/// The folders that are cleaned up, by the section of the page that lists their names. The list only gets longer.
const CLEAN: &[(&str, &[&str])] = &[
    ("Names in codegen", &["codegen/src", "codegen/tests", "macros/src"]),
    (
        "Names of the runtime, engines and command line",
        &["src", "engines/conformance/src", "engines/sqlite/src", "engines/temporal/src"],
    ),
];

#[test]
fn replaced_words_do_not_come_back() {
    let page = fs::read_to_string(checkout().join("docs/glossary.md")).unwrap();
    let section = |title: &str| page.split("\n## ").find_map(|part| part.strip_prefix(title)).unwrap();
    let words = replaced(section("Words"));
    assert!(words.contains("nobody") && words.contains("mending"), "{words:?}");
    let mut found = Vec::new();
    for (title, folders) in CLEAN {
        let names = replaced(section(title));
        assert!(names.len() > 30, "{names:?}");
        let mut sources = Vec::new();
        for folder in *folders {
            collect(&checkout().join(folder), &mut sources);
        }
        for path in sources {
            let text = fs::read_to_string(&path).unwrap();
            let code = without_comments(&text);
            let in_code = split(&code).filter(|word| names.contains(*word));
            let comments = text.lines().filter_map(|line| Some(line.split_once("//")?.1));
            let in_comments =
                comments.flat_map(split).filter(|word| words.contains(word.to_lowercase().as_str()));
            let file = path.strip_prefix(checkout()).unwrap().display();
            found.extend(in_code.chain(in_comments).map(|word| format!("{file}: `{word}`")));
        }
    }
    assert!(found.is_empty(), "see docs/glossary.md: {found:#?}");
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
