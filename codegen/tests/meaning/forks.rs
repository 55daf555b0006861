use crate::support::{codes, ids, model, next, node};

/// The join of a node, if it is a fork that has one.
fn join<'m>(model: &'m flowgen_codegen::model::Model, id: &str) -> Vec<&'m str> {
    ids(model, node(model, id).join)
}

#[test]
fn branches_join_where_all_of_them_come_together() {
    let drawing = "circle n1 Start
         rectangle n2 Ask both
         rectangle n3 Ask left
         rectangle n4 Ask right
         rectangle n5 Think again
         rectangle n6 Compare
         circle n7 End
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n3 -> n6
         n4 -> n5
         n5 -> n6
         n6 -> n7";
    assert!(codes(drawing).is_empty());
    let model = model(drawing);
    assert_eq!((next(&model, "n2"), join(&model, "n2")), (vec!["n3", "n4"], vec!["n6"]));
    assert!(node(&model, "n2").is_fork());
}

#[test]
fn a_start_can_fork() {
    let model = model(
        "circle n1 Start
         rectangle n2 Left
         rectangle n3 Right
         circle n4 End
         n1 -> n2
         n1 -> n3
         n2 -> n4
         n3 -> n4",
    );
    assert_eq!(join(&model, "n1"), ["n4"]);
}

#[test]
fn a_bare_arrow_to_the_join_is_a_call_and_return() {
    let model = model(
        "circle n1 Start
         rectangle n3 Call
         rectangle n10 Answer
         rectangle n11 Send back
         rectangle n4 Go on
         circle n5 End
         n1 -> n3
         n3 -> n4
         n3 -> n10: request
         n10 -> n11
         n11 -> n4
         n4 -> n5",
    );
    assert_eq!((next(&model, "n3"), join(&model, "n3")), (vec!["n10"], vec![]));
    assert!(!node(&model, "n3").is_fork());
}

#[test]
fn a_decision_in_a_branch_does_not_hide_the_join() {
    let model = model(
        "circle n1 Start
         rectangle n2 Fork
         diamond n3 Which?
         rectangle n4 A
         rectangle n5 B
         rectangle n6 C
         rectangle n7 Join
         circle n8 End
         n1 -> n2
         n2 -> n3
         n2 -> n6
         n3 -> n4: a
         n3 -> n5: b
         n4 -> n7
         n5 -> n7
         n6 -> n7
         n7 -> n8",
    );
    assert_eq!(join(&model, "n2"), ["n7"]);
}

#[test]
fn forks_in_forks_have_joins_of_their_own() {
    let model = model(
        "circle n1 Start
         rectangle n2 Outer
         rectangle n3 Inner
         rectangle n4 A
         rectangle n5 B
         rectangle n6 Inner join
         rectangle n7 C
         rectangle n8 Outer join
         circle n9 End
         n1 -> n2
         n2 -> n3
         n2 -> n7
         n3 -> n4
         n3 -> n5
         n4 -> n6
         n5 -> n6
         n6 -> n8
         n7 -> n8
         n8 -> n9",
    );
    assert_eq!((join(&model, "n2"), join(&model, "n3")), (vec!["n8"], vec!["n6"]));
}

#[test]
fn an_early_end_in_a_branch_leaves_the_first_node_that_all_reach() {
    let model = model(
        "circle n1 Start
         rectangle n2 Fork
         diamond n3 Still wanted?
         rectangle n4 Pack
         rectangle n5 Join
         circle n6 End
         circle n7 Cancelled
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n3 -> n5: Yes
         n3 -> n7: No
         n4 -> n5
         n5 -> n6",
    );
    assert_eq!(join(&model, "n2"), ["n5"]);
}

#[test]
fn branches_that_never_meet_have_no_join() {
    let model = model(
        "circle n1 Start
         rectangle n2 Fork
         circle n3 Left end
         circle n4 Right end
         n1 -> n2
         n2 -> n3
         n2 -> n4",
    );
    assert_eq!((next(&model, "n2"), join(&model, "n2")), (vec!["n3", "n4"], vec![]));
    assert!(node(&model, "n2").is_fork());
}

#[test]
fn a_fork_in_a_flow_that_never_ends_joins_too() {
    let model = model(
        "circle n1 Start
         rectangle n2 Fork
         rectangle n3 Left
         rectangle n4 Right
         rectangle n5 Join
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n3 -> n5
         n4 -> n5
         n5 -> n2",
    );
    assert_eq!(join(&model, "n2"), ["n5"]);
}

#[test]
fn a_message_is_no_branch() {
    let model = model(
        "circle n1 Start
         rectangle n2 Pack
         rectangle n3 Write mail
         circle n4 End
         n1 -> n2
         n2 -> n3: async: mail
         n2 -> n4
         n3 -> n4",
    );
    assert!(!node(&model, "n2").is_fork());
}

const BOOKING: &str = "circle n1 Start
     rectangle n2 Book both
     rectangle n3 Book flight
     diamond n4 Flight booked?
     rectangle n5 Book hotel
     diamond n6 Hotel booked?
     rectangle n7 Confirm
     circle n8 Booked
     rectangle n9 Give up
     rectangle n10 Cancel flight
     rectangle n11 Cancel hotel
     circle n12 Given up
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
     n9 -> n11
     n11 -> n10
     n10 -> n12
     n3 -> n10: compensated by
     n5 -> n11: compensated by";

#[test]
fn arrows_into_the_rollback_are_no_way_to_a_join() {
    assert!(codes(BOOKING).is_empty());
    let model = model(BOOKING);
    assert_eq!(ids(&model, model.trigger), ["n9"]);
    assert_eq!(join(&model, "n2"), ["n7"]);
}

#[test]
fn a_branch_that_only_rolls_back_does_not_hide_the_join() {
    let without_trigger =
        BOOKING.replace("n4 -> n9: No", "n4 -> n10: No").replace("n6 -> n9: No", "n6 -> n11: No");
    let model = model(&without_trigger);
    assert_eq!(join(&model, "n2"), ["n7"]);
}

#[test]
fn an_arrow_from_the_fork_to_the_rollback_is_never_the_only_one_left() {
    let model = model(&format!("{BOOKING}\n n7 -> n9"));
    assert_eq!(next(&model, "n7"), ["n8", "n9"]);
}

#[test]
fn a_branch_that_can_only_go_back_to_its_fork_never_joins() {
    let model = model(
        "circle n1 Start
         rectangle n2 Fork
         rectangle n3 Back
         circle n4 End
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n3 -> n2",
    );
    assert_eq!((next(&model, "n2"), join(&model, "n2")), (vec!["n3", "n4"], vec![]));
}
