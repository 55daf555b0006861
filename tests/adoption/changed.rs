//! The drawing was changed while runs were under way.

use flowgen::Fault;
use flowgen::plan::{Kind, LaneSpec, LoopSpec, NodeSpec};
use flowgen::run::{Ending, RestoreError};

use crate::shop::{Sketch, adopt, after, go_on, interpreter, save, shop};

/// What is said of a run that has done so many steps, once the drawing was changed like this.
fn refused(steps: usize, change: impl FnOnce(&mut Sketch)) -> Option<String> {
    let (from, mut to) = (shop(), shop());
    change(&mut to);
    let run = after(from.plan(), steps);
    adopt(&save(&run), from.plan(), to.plan()).err().map(|refused| refused.to_string())
}

#[track_caller]
fn is_refused(steps: usize, change: impl FnOnce(&mut Sketch), why: &str) {
    let message = refused(steps, change).expect("it is refused");
    assert_eq!(message, format!("run `order-42` was begun with another drawing: {why}"));
}

#[test]
fn a_run_continues_when_its_nodes_are_reordered() {
    let from = shop();
    let to = from.shifted();
    for steps in 0..12 {
        let mut stayed = after(from.plan(), steps);
        let mut moved = adopt(&save(&stayed), from.plan(), to.plan()).unwrap();
        go_on(&interpreter(from.plan()), &mut stayed, 20);
        go_on(&interpreter(to.plan()), &mut moved, 20);
        let back = adopt(&save(&moved), to.plan(), from.plan()).unwrap();
        assert_eq!(save(&back), save(&stayed), "after {steps} steps");
        assert!(matches!(back.state().ending(), Some(Ending::RolledBack(_))), "the loop's bound was kept");
    }
}

#[test]
fn nodes_that_a_run_has_not_reached_may_change() {
    let change = |shop: &mut Sketch| {
        shop.node("n7").label = "The end";
        shop.nodes.retain(|node| node.id != "n9");
        shop.loops.clear();
        shop.node("n3").join = Some(0);
    };
    assert_eq!(refused(1, change), None);
}

#[test]
fn a_node_that_is_gone() {
    let from = shop();
    let run = after(from.plan(), 2);
    let mut to = shop();
    to.node("n3").id = "n33";
    let refused = adopt(&save(&run), from.plan(), to.plan()).unwrap_err();
    assert_eq!(refused.run(), "order-42");
    assert!(
        matches!(&refused, RestoreError::Changed { nodes, .. } if nodes.len() == 2),
        "and it was split: {refused}"
    );
    assert!(refused.to_string().contains("`Left` (n3) is not drawn any more"), "{refused}");
}

#[test]
fn a_node_that_means_something_else() {
    is_refused(
        1,
        |s| s.node("n1").label = "Order",
        "`Reserve` (n1) had the label `Reserve`, and has `Order` now",
    );
    is_refused(1, |s| s.node("n1").lane = 1, "`Reserve` (n1) had the lane `Shop`, and has `Post` now");
    is_refused(1, |s| s.node("n1").kind = Kind::Task, "`Reserve` (n1) had the kind step, and has task now");
    let lost = "`Reserve` (n1) had the compensation `Release` (n8), and has none now";
    is_refused(1, |s| s.node("n1").undone_by = None, lost);
    let other = "`Reserve` (n1) had the compensation `Release` (n8), and has `Keep` (n8) now";
    is_refused(1, |s| s.node("n8").label = "Keep", other);
    is_refused(
        1,
        |s| s.node("n1").rolls_back = true,
        "`Reserve` (n1) had behind it no rollback, and has a rollback now",
    );
}

#[test]
fn a_reordered_lane_is_the_same() {
    let change = |shop: &mut Sketch| {
        shop.lanes.insert(0, LaneSpec::new("New", "New"));
        shop.nodes.iter_mut().for_each(|node| node.lane += 1);
    };
    assert_eq!(refused(3, change), None);
}

#[test]
fn a_fork_that_the_run_is_in() {
    let other_branch = |s: &mut Sketch| s.node("n2").next = &[3, 9];
    is_refused(2, other_branch, "`Split` (n2) had the branches n3, n4, and has n3, n9 now");
    let other_join = |s: &mut Sketch| s.node("n2").join = Some(6);
    is_refused(2, other_join, "`Split` (n2) had the join n5, and has n6 now");
    assert_eq!(refused(1, other_branch), None, "before it came to the fork");
    assert_eq!(refused(5, other_join), None, "after it left the fork");
}

#[test]
fn a_loop_that_the_run_is_in() {
    let other = |s: &mut Sketch| s.loops = vec![LoopSpec::new("up to 2 times", 5, &[5, 6], 2)];
    let was = "`Ask` (n5) had at its head a loop over n5, n6 with the bound 3";
    is_refused(6, other, &format!("{was}, and has a loop over n5, n6 with the bound 2 now"));
    is_refused(6, |s| s.loops.clear(), &format!("{was}, and has none now"));
    assert_eq!(refused(3, other), None, "before it came to the loop");
}

#[test]
fn all_changes_are_reported_at_once() {
    let change = |s: &mut Sketch| {
        s.node("n1").label = "Order";
        s.node("n0").kind = Kind::Milestone;
    };
    let start = "`Start` (n0) had the kind start, and has milestone now";
    is_refused(1, change, &format!("{start}; `Reserve` (n1) had the label `Reserve`, and has `Order` now"));
}

#[test]
fn a_run_of_another_drawing_is_refused() {
    let from = shop();
    let to: &'static _ = Box::leak(Box::new(flowgen::plan::Plan::new(&[], from.plan().nodes, &[]).hash(7)));
    let message = adopt(&save(&after(from.plan(), 1)), to, from.plan()).unwrap_err().to_string();
    let what = "it belongs to the drawing 0000000000000000, not to 0000000000000007";
    assert_eq!(message, format!("what was saved of run `order-42` is broken: {what}"));
}

#[test]
fn pending_undos_use_the_compensation_of_the_new_drawing() {
    let from = shop();
    let to = from.shifted();
    let mut run = adopt(&save(&after(from.plan(), 1)), from.plan(), to.plan()).unwrap();
    let interpreter = interpreter(to.plan());
    let due = run.state().due().next().unwrap();
    interpreter.begin(&mut run, due.branch);
    interpreter.settle(&mut run, due.branch, Err(Fault::new("refused")));
    let due = run.state().due().next().unwrap();
    assert_eq!(to.plan().nodes[due.node as usize].label, "Release");
    let visit = interpreter.begin(&mut run, due.branch).unwrap();
    assert_eq!(visit.undoes().unwrap().to_string(), "order-42/n1/1");
}

#[test]
fn nodes_of_a_plan_may_come_in_any_order() {
    let mut to = shop();
    to.nodes.push(NodeSpec::new("n10", "New", 0, Kind::Step));
    let from = shop();
    let run = adopt(&save(&after(from.plan(), 4)), from.plan(), to.plan()).unwrap();
    assert_eq!(save(&run), save(&after(to.plan(), 4)));
}
