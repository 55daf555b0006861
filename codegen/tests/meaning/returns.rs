//! Which arrows of a fork are returns of calls, and so carry no control.

use crate::paths::expect;
use crate::support::{codes, ids, model, next, node};

/// A fork `n2` of this shape with a branch to `n3` and one straight to `n5`, which `n3` may miss.
fn missed(shape: &str, labels: [&str; 2]) -> String {
    let [to_ship, to_tell] = labels;
    format!(
        "circle n1 Begin
         {shape} n2 Charge card
         rectangle n3 Ship goods
         diamond n4 Shipped?
         rectangle n5 Tell customer it failed
         circle n6 Sold
         circle n7 Not sold
         n1 -> n2
         n2 -> n3{to_ship}
         n2 -> n5{to_tell}
         n3 -> n4
         n4 -> n6: Yes
         n4 -> n5: No
         n5 -> n7"
    )
}

#[test]
fn an_arrow_to_a_node_that_the_other_branch_can_miss_is_a_branch() {
    for shape in ["rectangle", "taskbox", "circle"] {
        for labels in [["", ""], [": order", ": apology"], ["", ": apology"]] {
            let lines = missed(shape, labels);
            assert_eq!(next(&model(&lines), "n2"), ["n3", "n5"], "{lines}");
            expect(&lines, &[("F304", "n3", "n2 n3 n4 n6")]);
        }
    }
    let from_start = missed("circle", ["", ""]).replace("circle n1 Begin\n", "").replace("n1 -> n2\n", "");
    assert_eq!(next(&model(&from_start), "n2"), ["n3", "n5"]);
    expect(&from_start, &[("F304", "n3", "n2 n3 n4 n6")]);
}

#[test]
fn an_arrow_drawn_twice_is_one_branch() {
    let lines = missed("rectangle", [": order", ": apology"]) + "\nn2 -> n5: another apology\nn2 -> n3";
    assert_eq!(next(&model(&lines), "n2"), ["n3", "n5"]);
    expect(&lines, &[("F304", "n3", "n2 n3 n4 n6")]);
}

#[test]
fn an_arrow_to_a_node_of_every_other_path_is_a_return_with_any_label() {
    for label in ["", ": ask", ": apology"] {
        let lines = missed("rectangle", ["", label])
            .replace("n4 -> n6: Yes", "n4 -> n5: Yes")
            .replace("circle n6 Sold", "rectangle n6 Pack");
        let lines =
            lines.replace("n2 -> n3", "n2 -> n3\n n6 -> n3").replace("n1 -> n2", "n1 -> n6\n n6 -> n2");
        assert_eq!((next(&model(&lines), "n2"), next(&model(&lines), "n6")), (vec!["n3"], vec!["n2"]));
        assert!(codes(&lines).is_empty(), "{:?}", codes(&lines));
    }
}

#[test]
fn a_return_is_found_after_a_call_that_returns_past_it() {
    let model = model(
        "circle n1 Start
         rectangle n2 Call
         rectangle n3 Call on
         rectangle n4 Answer
         rectangle n5 Go on
         circle n6 End
         n1 -> n2
         n2 -> n3
         n2 -> n5
         n3 -> n4
         n3 -> n6
         n4 -> n5
         n5 -> n6",
    );
    assert_eq!((next(&model, "n2"), next(&model, "n3")), (vec!["n3"], vec!["n4"]));
}

#[test]
fn branches_join_before_a_return_that_leads_further() {
    let model = model(
        "circle n1 Start
         rectangle n2 Ask both
         rectangle n3 Left
         rectangle n4 Right
         rectangle n5 Compare
         circle n6 End
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n2 -> n6
         n2 -> n5
         n3 -> n5
         n4 -> n5
         n5 -> n6",
    );
    assert_eq!((next(&model, "n2"), ids(&model, node(&model, "n2").join)), (vec!["n3", "n4"], vec!["n5"]));
}

#[test]
fn no_arrow_is_dropped_where_nothing_else_leads_to_its_target() {
    let itself = "circle n1 Start\n rectangle n2 Pack\n circle n3 End\n n1 -> n2\n n2 -> n2\n n2 -> n3";
    assert_eq!(next(&model(itself), "n2"), ["n2", "n3"]);
    expect(itself, &[("F308", "n2", "n2 n2")]);
    let rollback = "circle n1 Start
         rectangle n2 Hold room
         rectangle n3 Look for fault
         rectangle n4 Check weather
         circle n5 Booked
         rectangle n6 Drop room
         circle n7 Off
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n2 -> n6: compensated by
         n3 -> n6
         n4 -> n5
         n6 -> n7";
    let one = rollback.replace("n2 -> n3\n", "n2 -> n8\n rectangle n8 Ask\n n8 -> n3\n");
    for lines in [rollback, &one] {
        assert!(next(&model(lines), "n2").contains(&"n4"));
        let codes: Vec<_> = codes(lines).into_iter().filter(|code| code.starts_with("F3")).collect();
        assert_eq!(codes, ["F306"], "of the findings about soundness");
    }
}

#[test]
fn a_call_before_a_rollback_returns_too() {
    let lines = "circle n1 Start
         rectangle n2 Hold room
         diamond n3 Paid?
         circle n4 Booked
         rectangle n5 Note fault
         rectangle n6 Ask operator
         rectangle n7 Close case
         rectangle n8 Give up
         rectangle n9 Drop room
         circle n10 Off
         n1 -> n2
         n2 -> n3
         n2 -> n9: compensated by
         n3 -> n4: Yes
         n3 -> n5: No
         n5 -> n6
         n5 -> n7
         n6 -> n7
         n7 -> n8
         n8 -> n9
         n9 -> n10";
    assert_eq!(next(&model(lines), "n5"), ["n6"]);
    assert!(codes(lines).is_empty(), "{:?}", codes(lines));
}
