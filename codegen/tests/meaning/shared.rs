//! Nodes that several branches of one fork reach before they join.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use flowgen_codegen::analyze;

use crate::paths::expect;
use crate::support::{codes, sketch};

const PIPELINE: &str = "
    circle n1 Pushed
    rectangle n2 Checkout
    rectangle n3 Build
    rectangle n4 Lint
    rectangle n5 Test
    rectangle n6 Publish
    rectangle n7 Deploy
    circle n8 Deployed
    n1 -> n2
    n2 -> n3
    n2 -> n4
    n3 -> n5
    n3 -> n6
    n4 -> n6
    n5 -> n7
    n6 -> n7
    n7 -> n8
";

#[test]
fn both_branches_are_shown() {
    let text = sketch(PIPELINE);
    let findings = analyze(&text).findings;
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    let path = |stops: &[flowgen_codegen::finding::PathNode]| {
        stops.iter().map(|stop| stop.label.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((finding.rule.code, &text[finding.span.range()]), ("F309", "n6"));
    let mut walks = [path(&finding.path), path(&finding.other_path)];
    walks.sort();
    assert_eq!(walks, ["Checkout Build Publish", "Checkout Lint Publish"]);
    assert_eq!(finding.related.len(), 2);
}

#[test]
fn branches_that_meet_in_a_fork_of_their_own_share_nothing() {
    let lines = PIPELINE.replace(
        "n3 -> n5\n    n3 -> n6\n    n4 -> n6",
        "n3 -> n9\n n4 -> n9\n circle n9 Checked\n n9 -> n5\n n9 -> n6",
    );
    expect(&lines, &[]);
}

#[test]
fn nodes_after_a_shared_node_are_not_reported() {
    let lines = PIPELINE.replace(
        "n6 -> n7",
        "n6 -> n9\n rectangle n9 Announce\n n9 -> n10\n diamond n10 Heard?\n n10 -> n9: No\n n10 -> n7: Yes",
    );
    expect(&lines, &[("F309", "n6", "n2 n3 n6")]);
}

#[test]
fn a_fork_of_starts_and_two_shared_nodes_are_found() {
    let lines = "
        circle n1 Start
        rectangle n2 A
        rectangle n3 B
        rectangle n4 C
        rectangle n5 D
        rectangle n6 AB
        rectangle n7 CD
        circle n8 End
        n1 -> n2
        n1 -> n3
        n1 -> n4
        n1 -> n5
        n2 -> n6
        n3 -> n6
        n4 -> n7
        n5 -> n7
        n6 -> n8
        n7 -> n8
    ";
    expect(lines, &[("F309", "n6", "n1 n2 n6"), ("F309", "n7", "n1 n4 n7")]);
}

#[test]
fn a_node_that_a_branch_of_an_inner_fork_and_one_of_the_outer_reach_is_found() {
    let lines = "
        circle n1 Start
        rectangle n2 Outer
        rectangle n3 Inner
        rectangle n4 A
        rectangle n5 B
        rectangle n6 Inner join
        rectangle n7 C
        rectangle n8 D
        rectangle n9 Outer join
        circle n10 End
        n1 -> n2
        n2 -> n3
        n2 -> n7
        n3 -> n4
        n3 -> n5
        n4 -> n6
        n5 -> n6
        n6 -> n8
        n7 -> n8
        n8 -> n9
        n2 -> n11
        rectangle n11 E
        n11 -> n9
        n9 -> n10
    ";
    expect(lines, &[("F309", "n8", "n2 n7 n8")]);
    expect(&lines.replace("n7 -> n8", "n7 -> n9"), &[]);
}

#[test]
fn another_start_in_the_middle_of_a_branch_shares_nothing() {
    let lines = "
        circle n1 Start
        rectangle n2 Fork
        rectangle n3 Left
        rectangle n4 Right
        rectangle n5 Join
        circle n6 End
        circle n7 Late start
        n1 -> n2
        n2 -> n3
        n2 -> n4
        n3 -> n5
        n4 -> n5
        n5 -> n6
        n7 -> n4
    ";
    expect(lines, &[]);
}

#[test]
fn branches_of_which_one_is_taken_share_nothing() {
    let lines = "
        circle n1 Start
        diamond n2 Which?
        rectangle n3 One fork
        rectangle n4 Other fork
        rectangle n5 A
        rectangle n6 B
        rectangle n7 Shared
        rectangle n8 Join
        circle n9 End
        n1 -> n2
        n2 -> n3: One
        n2 -> n4: Other
        n3 -> n5
        n3 -> n7
        n4 -> n6
        n4 -> n7
        n5 -> n8
        n6 -> n8
        n7 -> n8
        n8 -> n9
    ";
    expect(lines, &[]);
}

const BOOKING: &str = "
    circle n1 Start
    rectangle n2 Book both
    rectangle n3 Book flight
    diamond n4 Flight booked?
    rectangle n5 Book hotel
    diamond n6 Hotel booked?
    rectangle n7 Confirm
    circle n8 Booked
    circle n9 Failed
    rectangle n10 Give up
    rectangle n11 Cancel flight
    rectangle n12 Cancel hotel
    circle n13 Given up
    n1 -> n2
    n2 -> n3
    n2 -> n5
    n3 -> n4
    n4 -> n7: Yes
    n4 -> n9: No
    n5 -> n6
    n6 -> n7: Yes
    n6 -> n9: No
    n7 -> n8
    n9 -> n10
    n10 -> n12
    n12 -> n11
    n11 -> n13
    n3 -> n11: compensated by
    n5 -> n12: compensated by
";

#[test]
fn a_rollback_runs_once_and_a_step_before_it_does_not() {
    // The first branch that comes to the circle is in the rollback at once.
    expect(BOOKING, &[]);
    let step = BOOKING.replace("circle n9 Failed", "rectangle n9 Write mail");
    expect(&step, &[("F309", "n9", "n2 n3 n4 n9")]);
}

#[test]
fn branches_that_all_roll_back_may_share_a_node_too() {
    let lines = "
        circle n1 Start
        rectangle n2 Hold room
        diamond n3 Paid?
        circle n4 Booked
        rectangle n5 Tell both
        diamond n6 Guest known?
        diamond n7 Hotel known?
        rectangle n8 Write mail
        rectangle n9 Write letter
        rectangle n10 Give up
        rectangle n11 Drop room
        circle n12 Off
        n1 -> n2
        n2 -> n3
        n2 -> n11: compensated by
        n3 -> n4: Yes
        n3 -> n5: No
        n5 -> n6
        n5 -> n7
        n6 -> n8: Yes
        n6 -> n9: No
        n7 -> n8: Yes
        n7 -> n9: No
        n8 -> n10
        n9 -> n10
        n10 -> n11
        n11 -> n12
    ";
    expect(lines, &[("F309", "n9", "n5 n6 n9")]);
}

/// Each step leads to the next two.
fn ladder(steps: usize) -> String {
    let mut lines = "circle n1 Start\n n1 -> n2\n".to_owned();
    for step in 2..=steps + 1 {
        let _ = write!(lines, "rectangle n{step} Step {step}\n n{step} -> n{}\n", step + 1);
        if step <= steps {
            let _ = writeln!(lines, "n{step} -> n{}", step + 2);
        }
    }
    let _ = writeln!(lines, "circle n{} End", steps + 2);
    lines
}

#[test]
fn a_ladder_whose_rungs_run_more_and_more_often_is_refused() {
    assert_eq!(codes(&ladder(24)), ["F309"]);
    // Two ladders side by side, with rungs to the other one.
    let mut lines = "circle n1 Start\n n1 -> n2\n n1 -> n3\n".to_owned();
    for rung in 1..=23 {
        let (left, right) = (2 * rung, 2 * rung + 1);
        let _ = write!(lines, "rectangle n{left} Left {rung}\n rectangle n{right} Right {rung}\n");
        for from in [left, right] {
            let onward = if rung < 23 { [left + 2, right + 2] } else { [48, 48] };
            let _ = write!(lines, "n{from} -> n{}\n n{from} -> n{}\n", onward[0], onward[1]);
        }
    }
    lines.push_str("circle n48 End\n");
    assert!(codes(&lines).iter().all(|code| *code == "F309") && !codes(&lines).is_empty());
}

#[test]
fn deep_forks_are_searched_in_a_time_that_grows_as_they_do() {
    let nested = |depth: usize| {
        let mut lines = "circle n1 Start\n n1 -> n2\n".to_owned();
        for level in 0..depth {
            let (fork, left, join) = (2 + 3 * level, 3 + 3 * level, 4 + 3 * level);
            let inner = if level + 1 == depth { join } else { fork + 3 };
            let outer = if level == 0 { 2 + 3 * depth } else { join - 3 };
            let _ = write!(
                lines,
                "rectangle n{fork} Fork {level}\n rectangle n{left} Left {level}\n rectangle n{join} Join {level}
                 n{fork} -> n{left}\n n{left} -> n{join}\n n{fork} -> n{inner}\n n{join} -> n{outer}\n"
            );
        }
        let _ = writeln!(lines, "circle n{} End", 2 + 3 * depth);
        lines
    };
    let started = Instant::now();
    assert!(codes(&nested(5_000)).is_empty());
    // 15,000 nodes, 5,000 deep: what grows with the square would take minutes without optimization.
    assert!(started.elapsed() < Duration::from_secs(60));
}
