//! `flowgen explain`

use std::fs;
use std::path::Path;

use flowgen_codegen::rules::RULES;

use crate::program::Place;

#[test]
fn a_finding_is_explained_by_code_and_by_name() {
    let place = Place::new();
    let by_code = place.run(["explain", "f004"]).succeeded().stdout;
    assert_eq!(place.run(["explain", "unknown-shape"]).succeeded().stdout, by_code);
    for words in [
        "F004 unknown-shape (error)",
        "What it does",
        "Why is this bad?",
        "Example",
        "hexagon",
        "Use instead",
    ] {
        assert!(by_code.contains(words), "{by_code}");
    }
}

#[test]
fn all_findings_are_explained() {
    let all = Place::new().run(["explain", "--all"]).succeeded().stdout;
    for rule in RULES {
        assert!(all.contains(&format!("{} {} (", rule.code, rule.name)));
    }
}

#[test]
fn the_page_of_findings_is_fresh() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/findings.md");
    let command = ["explain", "--all", "--format", "markdown"];
    let printed = Place::new().run(command).succeeded().stdout;
    let is_fresh = fs::read_to_string(page).is_ok_and(|page| page == printed);
    assert!(is_fresh, "run: cargo run -p flowgen-cli -- {} > docs/findings.md", command.join(" "));
}

#[test]
fn one_finding_is_explained_as_a_section_of_that_page() {
    let section = Place::new().run(["explain", "F205", "--format", "markdown"]).succeeded().stdout;
    assert!(section.starts_with("## F205 dead-end\n\n*error*\n\n**What it does.** "), "{section}");
    assert_eq!(section.matches("```text\nShop {").count(), 2);
}
