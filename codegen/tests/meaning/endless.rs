//! Forks and messages that come to no end, whatever is decided.

use crate::paths::expect;
use crate::support::{model, next};

const TRIP: &str = "
    circle n1 Trip wanted
    rectangle n2 Ask both airlines
    rectangle n3 Ask airline A
    rectangle n4 Ask airline B
    rectangle n5 Compare
    circle n6 Booked
    n1 -> n2
    n2 -> n3
    n2 -> n4
    n3 -> n5
    n4 -> n5
    n4 -> n2
    n5 -> n6
";

#[test]
fn a_fork_that_starts_itself_again_is_reported_once() {
    expect(TRIP, &[("F308", "n4", "n4 n2 n4")]);
    assert_eq!(next(&model(TRIP), "n4"), ["n5", "n2"]);
}

#[test]
fn a_decision_on_the_way_back_makes_an_end_possible() {
    let decided = TRIP.replace("rectangle n4 Ask airline B", "diamond n4 Answers?");
    let decided = decided.replace("n4 -> n5", "n4 -> n5: Yes").replace("n4 -> n2", "n4 -> n7: No");
    expect(&format!("{decided} rectangle n7 Wait\n n7 -> n4"), &[]);
    // Both airlines are asked once more while the first branch may still run.
    let again = decided.replace("n4 -> n7", "n4 -> n2");
    expect(&again, &[("F309", "n3", "n2 n3")]);
}

#[test]
fn a_fork_on_the_way_to_an_endless_one_is_not_reported() {
    let lines = "
        circle n1 Start
        rectangle n2 Begin
        rectangle n3 Left
        rectangle n4 Right
        rectangle n5 Retry
        rectangle n6 Meet
        circle n7 End
        n1 -> n2
        n2 -> n3
        n2 -> n4
        n3 -> n6
        n4 -> n5
        n5 -> n5
        n5 -> n6
        n6 -> n7
    ";
    expect(lines, &[("F308", "n5", "n5 n5")]);
}

#[test]
fn a_branch_that_only_leads_back_is_reported_as_that() {
    let lines = "
        circle n1 Start
        rectangle n2 Fork
        rectangle n3 Back
        circle n4 End
        n1 -> n2
        n2 -> n3
        n2 -> n4
        n3 -> n2
    ";
    expect(lines, &[("F308", "n2", "n2 n3 n2")]);
    // From a start, a milestone, and a message.
    let starting = "circle n1 Start\n rectangle n2 Back\n circle n3 End\n circle n4 Again";
    let arrows = "n1 -> n4\n n4 -> n2\n n2 -> n4\n n4 -> n3";
    expect(&format!("{starting}\n{arrows}"), &[("F308", "n4", "n4 n2 n4")]);
    let sent = lines.replace(
        "n1 -> n2",
        "rectangle n5 Ask\n circle n6 Asked\n n1 -> n5\n n5 -> n6\n n5 -> n2: async: ask",
    );
    expect(&sent, &[("F308", "n2", "n2 n3 n2")]);
}

#[test]
fn a_cycle_that_nothing_leaves_is_reported_as_before() {
    let lines = TRIP.replace("n4 -> n5\n", "").replace("n4 -> n2", "n4 -> n4");
    expect(&lines, &[("F302", "n4", "n4 n4")]);
}

const REMINDER: &str = "
    circle n1 Start
    rectangle n2 Sell
    circle n3 Sold
    rectangle n4 Remind
    circle n5 Reminded
    n1 -> n2
    n2 -> n3
    n2 -> n4: async: sold
    n4 -> n5
";

#[test]
fn a_message_that_is_sent_again_without_end_is_reported() {
    let itself = format!("{REMINDER} n4 -> n4: async: again");
    expect(&itself, &[("F310", "n4.handle(right) -> n4", "n4 n4")]);
    let through = format!(
        "{REMINDER} rectangle n6 Look\n circle n7 Looked\n n4 -> n6: async: look\n n6 -> n7\n n7 -> n4: async: again"
    );
    let expected = through.replace("n7 -> n4: async: again", "n6 -> n4: async: again");
    expect(&expected, &[("F310", "n4.handle(right) -> n6", "n4 n6 n4")]);
}

#[test]
fn a_message_after_a_decision_may_end() {
    let decision = "diamond n6 Paid?\n circle n7 Paid\n rectangle n8 Note\n n5 -> n6\n n6 -> n7: Yes\n n6 -> n8: No\n n8 -> n7";
    let lines = format!("{REMINDER}{decision}").replace("circle n5", "rectangle n5");
    expect(&format!("{lines}\n n8 -> n4: async: again"), &[]);
    // What a decision sends, it sends whatever its outcome is.
    expect(
        &format!("{lines}\n n6 -> n4: async: again"),
        &[("F310", "n6.handle(right) -> n4", "n6 n4 n5 n6")],
    );
}
