//! Every rule has what it takes, and its two drawings show what it says they show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use flowgen_codegen::analyze;
use flowgen_codegen::finding::Rule;
use flowgen_codegen::fix::fix;
use flowgen_codegen::rules::{RULES, rule};

fn codes(drawing: &str) -> Vec<&'static str> {
    analyze(drawing).findings.iter().map(|finding| finding.rule.code).collect()
}

/// Said of every loop with a bound, so also of drawings of other rules, and of those that are right.
const OF_EVERY_BOUND: &str = "F216";

/// Said only of drawings too large to be printed (`meaning/bounded.rs` has one).
const OF_LARGE_DRAWINGS: &str = "F305";

#[test]
fn the_wrong_drawing_has_this_finding_and_no_other() {
    for rule in RULES.iter().filter(|rule| rule.code != OF_LARGE_DRAWINGS) {
        let is_own = |code: &&str| *code != OF_EVERY_BOUND || rule.code == OF_EVERY_BOUND;
        let found: BTreeSet<_> = codes(rule.wrong).into_iter().filter(is_own).collect();
        assert_eq!(found, BTreeSet::from([rule.code]), "{}", rule.name);
    }
}

#[test]
fn the_right_drawing_has_no_findings() {
    for rule in RULES {
        let mut found = codes(rule.right);
        found.retain(|code| *code != OF_EVERY_BOUND);
        assert!(found.is_empty(), "{}: {:#?}", rule.code, analyze(rule.right).findings);
    }
}

#[test]
fn rules_are_sorted_and_have_different_names() {
    assert!(RULES.is_sorted_by(|a, b| a.code < b.code));
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    assert_eq!(rule("f205").unwrap().name, "dead-end");
    assert!(rule("F999").is_none());
}

#[test]
fn texts_are_sentences() {
    for Rule { code, what, why, .. } in RULES {
        for text in [what, why] {
            assert!(text.ends_with('.') && !text.contains('\n') && !text.contains("  "), "{code}: {text}");
        }
    }
}

#[test]
fn a_rule_is_a_file_of_its_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let files: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(name).collect();
    let is_rule = |file: &&String| file.starts_with('f') && file[1..4].parse::<u16>().is_ok();
    let expected: BTreeSet<_> = RULES
        .iter()
        .map(|rule| format!("{}_{}.rs", rule.code.to_lowercase(), rule.name.replace('-', "_")))
        .collect();
    assert_eq!(files.iter().filter(is_rule).cloned().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn messages_do_not_end_with_a_full_stop() {
    for rule in RULES {
        for finding in analyze(rule.wrong).findings {
            let texts = [Some(&finding.message), finding.help.as_ref()];
            for text in texts.into_iter().flatten() {
                assert!(!text.ends_with('.') && !text.contains('\n'), "{}: {text}", rule.code);
            }
        }
    }
}

#[test]
fn every_fix_fixes() {
    for rule in RULES {
        let fixed = fix(rule.wrong, |text| analyze(text).findings);
        let mut left = fixed.remaining.iter().filter(|finding| finding.rule.code != OF_EVERY_BOUND);
        assert!(fixed.applied == 0 || left.next().is_none(), "{}: {}", rule.code, fixed.text);
    }
}
