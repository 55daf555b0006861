//! `flowgen explain`

use flowgen_codegen::rules::RULES;

use crate::program::Place;

#[test]
fn a_finding_is_explained_by_code_and_by_name() {
    let place = Place::new();
    let by_code = place.run(["explain", "f004"]).succeeded().stdout;
    assert_eq!(place.run(["explain", "unknown-shape"]).succeeded().stdout, by_code);
    for words in ["F004 unknown-shape (error)", "Why it matters", "hexagon", "The same, mended"] {
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
