//! One error, one finding: consequences of an error are not reported.

use flowgen_codegen::analyze;

use crate::support::{codes, found, sketch};

const LINE: &str = "circle n1 Start
     rectangle n2 Pack
     rectangle n3 Send
     circle n4 Sent
     n1 -> n2
     n2 -> n3
     n3 -> n4";

#[test]
fn an_unknown_target() {
    assert_eq!(codes(&LINE.replace("n2 -> n3", "n2 -> n33")), ["F103"]);
    assert_eq!(codes(&LINE.replace("n1 -> n2", "n0 -> n2")), ["F103"]);
    assert_eq!(codes(&LINE.replace("n3 -> n4", "n3 -> end")), ["F103"]);
}

#[test]
fn an_unknown_target_of_a_decision() {
    let decision =
        LINE.replace("rectangle n2", "diamond n2").replace("n2 -> n3", "n2 -> n3: Yes\nn2 -> n5: No");
    assert_eq!(codes(&decision), ["F103"]);
}

#[test]
fn a_duplicate_id() {
    assert_eq!(codes(&LINE.replace("rectangle n3", "rectangle n2")), ["F101", "F103", "F103"]);
    assert_eq!(codes(&format!("{LINE}\nrectangle n3 Send")), ["F101"]);
}

#[test]
fn text_that_cannot_be_read() {
    let broken = sketch(LINE).replace("n2.handle(right) ->", "n2.handle(right) ~~");
    let found: Vec<_> = found(&broken).into_iter().map(|(code, _)| code).collect();
    assert!(found.iter().all(|code| code.starts_with("F0")), "{found:?}");
}

#[test]
fn an_isolated_node_is_nothing_else() {
    assert_eq!(codes(&format!("{LINE}\nrectangle n5 Label")), ["F203"]);
    assert_eq!(codes(&format!("{LINE}\ndiamond n5 Label?")), ["F203"]);
}

#[test]
fn a_lone_circle_is_the_missing_start_or_end() {
    assert_eq!(codes(&LINE.replace("n1 -> n2", "")), ["F203"]);
}

#[test]
fn without_a_start_not_everything_is_unreachable() {
    assert_eq!(codes(&LINE.replace("circle n1", "rectangle n1")), ["F201"]);
}

#[test]
fn a_dead_end_is_the_missing_end() {
    assert_eq!(codes(&LINE.replace("circle n4", "rectangle n4")), ["F205"]);
}

#[test]
fn an_unreachable_line_is_reported_at_its_beginning() {
    let text = sketch(&LINE.replace("n2 -> n3", "n2 -> n4"));
    assert_eq!(found(&text), [("F204", "n3".to_owned())]);
    let text = sketch(&format!(
        "{LINE}\nrectangle n5 A\nrectangle n6 B\nrectangle n7 C\nn6 -> n5\nn5 -> n7\nn7 -> n4"
    ));
    assert_eq!(found(&text), [("F204", "n6".to_owned())]);
    assert!(analyze(&text).findings[0].help.as_ref().unwrap().contains("2 more nodes"));
}

#[test]
fn an_unreachable_cycle_is_reported_once() {
    let text = sketch(&format!(
        "{LINE}\nrectangle n7 C\nrectangle n5 A\nrectangle n6 B\nn7 -> n4\nn6 -> n5\nn5 -> n6\nn6 -> n7"
    ));
    let found = found(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(matches!(found[0].1.as_str(), "n5" | "n6"));
}

#[test]
fn three_faults_are_three_findings() {
    let text = sketch(
        "circle n1 Start
         diamond n2 In stock?
         circle n3 Sold
         rectangle n4 Label
         rectangle n5 Tell
         n1 -> n2
         n2 -> n3: Yes
         n2 -> n5: Yes",
    );
    assert_eq!(
        found(&text),
        [("F203", "n4".to_owned()), ("F205", "n5".to_owned()), ("F208", "\"Yes\"".to_owned())]
    );
}

#[test]
fn an_empty_drawing() {
    for text in ["", "  \n", "// nothing\n"] {
        assert_eq!(found(text), [("F211", String::new())], "{text:?}");
    }
    assert_eq!(found("Shop { # Shop\n}"), [("F211", "Shop".to_owned())]);
}
