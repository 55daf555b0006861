//! Fixes, and findings without one.

use flowgen_codegen::analyze;
use flowgen_codegen::fix::fix;

use crate::support::{codes, sketch};

fn fixed(lines: &str) -> Option<String> {
    let text = sketch(lines);
    let fixed = fix(&text, |text| analyze(text).findings);
    (fixed.applied > 0).then_some(fixed.text)
}

/// The label that a third arrow gets beside these.
fn only_label(yes: &str, no: &str, last: &str) -> Option<String> {
    let label = |label: &str| if label.is_empty() { String::new() } else { format!(": {label}") };
    let text = fixed(&format!(
        "circle n1 Start\ndiamond n2 Which?\ncircle n3 A\ncircle n4 B\ncircle n5 C
         n1 -> n2\nn2 -> n3{}\nn2 -> n4{}\nn2 -> n5{}",
        label(yes),
        label(no),
        label(last)
    ))?;
    let line = text.lines().find(|line| line.contains("n5.handle"))?;
    Some(line.split('"').nth(1)?.to_owned())
}

#[test]
fn the_last_outcome_without_a_label_gets_one() {
    assert_eq!(only_label("Yes", "No", "").as_deref(), Some("Otherwise"));
    assert_eq!(only_label("By air", "By sea", "").as_deref(), Some("Otherwise"));
}

#[test]
fn an_opposite_is_written_in_the_same_case() {
    for (one, other) in
        [("Yes", "No"), ("no", "yes"), ("YES", "NO"), ("false", "true"), ("Sold", "Otherwise")]
    {
        let lines = format!(
            "circle n1 Start\ndiamond n2 Which?\ncircle n3 A\ncircle n4 B\nn1 -> n2\nn2 -> n3: {one}\nn2 -> n4"
        );
        let text = fixed(&lines).unwrap();
        assert!(text.contains(&format!("n4.handle(left) [label=\"{other}\"]\n")), "{text}");
        assert!(analyze(&text).findings.is_empty());
    }
}

#[test]
fn two_outcomes_without_labels_get_none() {
    assert_eq!(only_label("Yes", "", ""), None);
    assert_eq!(only_label("Yes", "otherwise", ""), None);
}

#[test]
fn brackets_without_a_label_have_no_fix() {
    let text =
        sketch("circle n1 Start\ndiamond n2 Which?\ncircle n3 A\ncircle n4 B\nn1 -> n2\nn2 -> n3: Yes")
            .replace("}\n", "n2.handle(top) -> n4.handle(left) [label=\"\"]\n}\n");
    let fixed = fix(&text, |text| analyze(text).findings);
    assert_eq!((fixed.applied, fixed.remaining[0].rule.code), (0, "F207"));
}

const GAP: &str = "circle n1 Start\nrectangle n3 Pack\ncircle n9 Packed\nn1 -> n3\nn3 -> n9";

#[test]
fn gaps_are_closed() {
    let closed = GAP.replace("n3", "n2").replace("n9", "n3");
    assert_eq!(fixed(GAP), Some(sketch(&closed)));
}

#[test]
fn numbers_continue_from_the_first_one() {
    let later = GAP.replace("n1", "n7").replace("n3", "n8");
    assert_eq!(codes(&later), [""; 0]);
    let gap = later.replace("n9", "n20");
    assert_eq!(fixed(&gap), Some(sketch(&later)));
}

#[test]
fn gaps_between_ids_with_a_width_have_no_fix() {
    let wide = GAP.replace("n1", "n01").replace("n3", "n03").replace("n9", "n09");
    assert_eq!(codes(&wide), ["F106"]);
    assert_eq!(fixed(&wide), None);
}

#[test]
fn a_gap_that_a_reference_may_name_has_no_fix() {
    let missing = format!("{GAP}\nn3 -> n2");
    assert_eq!(codes(&missing), ["F103"]);
    assert_eq!(fixed(&missing), None);
    let twice = format!("{GAP}\nrectangle n9 Packed");
    assert!(!codes(&twice).contains(&"F106"));
}
