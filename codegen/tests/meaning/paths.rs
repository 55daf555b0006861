//! Findings about paths: their location, and the counterexample.

use flowgen_codegen::analyze;
use flowgen_codegen::finding::Severity;

use crate::support::sketch;

/// Asserts code, text and path of each warning and error.
pub(crate) fn expect(lines: &str, expected: &[(&str, &str, &str)]) {
    let text = sketch(lines);
    let mut found = Vec::new();
    for finding in analyze(&text).findings {
        if finding.severity() > Severity::Note {
            let path: Vec<_> = finding.path.iter().map(|stop| stop.id.as_str()).collect();
            found.push((finding.rule.code, &text[finding.span.range()], path.join(" ")));
        }
    }
    let found: Vec<_> = found.iter().map(|(code, at, path)| (*code, *at, path.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn each_cycle_without_exit_is_reported_where_it_is_entered() {
    let lines = "
        circle n1 Start
        diamond n2 Which?
        circle n3 End
        rectangle n4 Fetch
        rectangle n5 Pack
        rectangle n6 Unpack
        rectangle n7 Wait
        n1 -> n2
        n2 -> n3: None
        n2 -> n4: Left
        n4 -> n5
        n5 -> n6
        n6 -> n5
        n2 -> n7: Right
        n7 -> n7
    ";
    expect(lines, &[("F302", "n5", "n5 n6 n5"), ("F302", "n7", "n7 n7")]);
}

#[test]
fn an_endless_message_is_reported() {
    let lines = "
        circle n1 Start
        rectangle n2 Sell
        circle n3 Sold
        rectangle n4 Watch
        n1 -> n2
        n2 -> n3
        n2 -> n4: async: sold
        n4 -> n4
    ";
    expect(lines, &[("F302", "n4", "n4 n4")]);
}

#[test]
fn a_cycle_that_leads_into_a_rollback_has_an_exit() {
    let lines = "
        circle n1 Start
        diamond n2 Buy?
        circle n3 Left
        rectangle n4 Reserve
        diamond n5 Again?
        rectangle n6 Put back
        circle n7 Nothing bought
        n1 -> n2
        n2 -> n3: No
        n2 -> n4: Yes
        n4 -> n6: compensated by
        n4 -> n5
        n5 -> n4: Yes
        n5 -> n6: No
        n6 -> n7
    ";
    expect(lines, &[]);
}

#[test]
fn drawings_with_syntax_errors_have_no_findings_about_paths() {
    let lines = "
        circle n1 Start
        diamond n2 Sell?
        circle n3 Sold
        rectangle n4 Wait
        n1 -> n2
        n2 -> n3: Yes
        n2 -> n4: No
        n4 -> n4
        n4 -> n9
    ";
    expect(lines, &[("F103", "n9", "")]);
}

#[test]
fn a_cycle_of_a_rollback_is_shown_from_its_entry() {
    let lines = "
        circle n1 Start
        rectangle n2 Reserve
        diamond n3 Paid?
        circle n4 Sold
        rectangle n5 Give up
        rectangle n6 Put back
        rectangle n7 Apologise
        n1 -> n2
        n2 -> n3
        n2 -> n6: compensated by
        n3 -> n4: Yes
        n3 -> n5: No
        n5 -> n6
        n6 -> n7
        n7 -> n6
    ";
    expect(lines, &[("F407", "n6", "n6 n7 n6")]);
}

#[test]
fn a_rollback_that_is_left_by_a_decision_reaches_an_end() {
    let lines = "
        circle n1 Start
        rectangle n2 Reserve
        diamond n3 Paid?
        circle n4 Sold
        rectangle n5 Give up
        rectangle n6 Put back
        diamond n7 All put back?
        circle n8 Not sold
        n1 -> n2
        n2 -> n3
        n2 -> n6: compensated by
        n3 -> n4: Yes
        n3 -> n5: No
        n5 -> n6
        n6 -> n7
        n7 -> n8: Yes
        n7 -> n5: No
    ";
    expect(lines, &[]);
}

#[test]
fn a_branch_of_a_fork_in_a_fork_that_goes_past_its_join_is_shown() {
    let lines = "
        circle n1 Start
        rectangle n2 Begin
        rectangle n3 Left
        rectangle n4 Right
        rectangle n5 Upper
        diamond n6 Lower?
        rectangle n7 Meet
        rectangle n8 Meet all
        circle n9 End
        circle n10 Off
        n1 -> n2
        n2 -> n3
        n2 -> n4
        n4 -> n5
        n4 -> n6
        n5 -> n7
        n6 -> n7: In
        n6 -> n10: Out
        n7 -> n8
        n3 -> n8
        n8 -> n9
    ";
    expect(lines, &[("F304", "n6", "n4 n6 n10")]);
}

#[test]
fn a_branch_into_the_rollback_does_not_end_alone() {
    let lines = "
        circle n1 Start
        rectangle n2 Begin
        rectangle n3 Reserve
        diamond n4 Fine?
        rectangle n5 Meet
        circle n6 End
        rectangle n7 Put back
        circle n8 Off
        n1 -> n2
        n2 -> n3
        n2 -> n4
        n3 -> n7: compensated by
        n3 -> n5
        n4 -> n5: Yes
        n4 -> n7: No
        n5 -> n6
        n7 -> n8
    ";
    expect(lines, &[]);
}

#[test]
fn the_branches_of_a_message_have_to_meet() {
    let lines = "
        circle n1 Start
        rectangle n2 Sell
        circle n3 Sold
        rectangle n4 Tell all
        rectangle n5 Tell one
        rectangle n6 Tell another
        circle n7 Told one
        circle n8 Told another
        n1 -> n2
        n2 -> n3
        n2 -> n4: async: sold
        n4 -> n5
        n4 -> n6
        n5 -> n7
        n6 -> n8
    ";
    expect(lines, &[("F303", "n4", "n4 n5 n7")]);
    expect(&lines.replace("n6 -> n8", "n6 -> n7").replace("circle n8 Told another", ""), &[]);
}

#[test]
fn a_step_of_a_message_has_no_pending_undo_in_the_flow() {
    let lines = "
        circle n1 Start
        rectangle n2 Begin
        diamond n3 Fine?
        circle n4 Sold
        rectangle n5 Charge
        rectangle n6 Refund
        circle n7 Off
        circle n8 Charged
        n1 -> n2
        n2 -> n3
        n2 -> n5: async: charge
        n3 -> n4: Yes
        n3 -> n6: No
        n5 -> n8
        n5 -> n6: compensated by
        n6 -> n7
    ";
    expect(lines, &[("F408", "n6", "n1 n2 n3 n6")]);
    // Undone where it was done.
    expect(&lines.replace("n3 -> n6: No", "n3 -> n7: No"), &[]);
}

const TWO_HOLDS: &str = "
        circle n1 Start
        rectangle n2 Hold room
        rectangle n3 Hold car
        diamond n4 Paid?
        circle n5 Booked
        rectangle n6 Give up
        rectangle n7 Drop room
        rectangle n8 Note it
        rectangle n9 Drop car
        circle n10 Off
        n2 -> n7: compensated by
        n3 -> n9: compensated by
        n4 -> n5: Yes
        n4 -> n6: No
        n6 -> n7
        n7 -> n8
        n8 -> n9
        n9 -> n10
    ";

#[test]
fn a_rollback_in_the_order_of_the_steps_is_shown() {
    let one_by_one = "n1 -> n2\n n2 -> n3\n n3 -> n4";
    expect(&format!("{TWO_HOLDS}{one_by_one}"), &[("F406", "n7", "n6 n7 n8 n9")]);
    let in_parallel = "rectangle n11 Ask\n n1 -> n11\n n11 -> n2\n n11 -> n3\n n2 -> n4\n n3 -> n4";
    expect(&format!("{TWO_HOLDS}{in_parallel}"), &[]);
    let in_a_cycle = "diamond n11 More?\n n1 -> n2\n n2 -> n3\n n3 -> n11\n n11 -> n2: Yes\n n11 -> n4: No";
    expect(&format!("{TWO_HOLDS}{in_a_cycle}"), &[]);
}

#[test]
fn a_step_like_a_compensated_one_is_reported_with_the_path_to_the_rollback() {
    let lines = "
        circle n1 Start
        rectangle n2 Hold room
        rectangle n3 Hold car
        diamond n4 Car held?
        diamond n5 Paid?
        circle n6 Booked
        rectangle n7 Drop room
        circle n8 Off
        n1 -> n2
        n2 -> n3
        n2 -> n7: compensated by
        n3 -> n4
        n4 -> n5: Yes
        n4 -> n7: No
        n5 -> n6: Yes
        n5 -> n7: No
        n7 -> n8
    ";
    expect(lines, &[("F405", "n3", "n3 n4 n5 n7")]);
    // Where only its own decision fails, it has not been done.
    expect(&lines.replace("n5 -> n7: No", "n5 -> n6: No"), &[]);
    expect(&lines.replace("Hold car", "Look for car"), &[]);
}
