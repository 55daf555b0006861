//! Drawings that each show one rule.

use flowgen::Effect;
use flowgen::plan::{Kind, LaneSpec, LoopSpec, NodeSpec, Plan};
use flowgen::run::{Interpreter, StepResult};

use crate::explorer::{Bounds, Report, Troubles, explore};
use crate::record::Record;

static LANES: &[LaneSpec] = &[LaneSpec::new("Lane", "Lane")];

const fn plan(nodes: &'static [NodeSpec]) -> Plan {
    Plan::new(LANES, nodes, &[])
}

const fn node(id: &'static str, kind: Kind, next: &'static [u32]) -> NodeSpec {
    NodeSpec::new(id, id, 0, kind).next(next)
}

const fn start(next: &'static [u32]) -> NodeSpec {
    node("start", Kind::Start, next)
}

const fn step(id: &'static str, next: &'static [u32]) -> NodeSpec {
    node(id, Kind::Step, next)
}

const fn decision(id: &'static str, next: &'static [u32]) -> NodeSpec {
    node(id, Kind::Decision, next)
}

const fn milestone(id: &'static str, next: &'static [u32]) -> NodeSpec {
    node(id, Kind::Milestone, next)
}

const fn end(id: &'static str) -> NodeSpec {
    node(id, Kind::End, &[])
}

fn explored(plan: &'static Plan) -> Report {
    explore(plan, 0, Bounds::ALL).unwrap_or_else(|violation| panic!("{violation}"))
}

/// Every run was gone to its end, with more visits of a node than others explore.
fn explored_far(plan: &'static Plan) -> Report {
    let bounds = Bounds { visits: 8, ..Bounds::ALL };
    let report = explore(plan, 0, bounds).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(report.pruned, 0, "{report:?}");
    report
}

/// Every run was gone to its end, and runs ended in exactly these ways.
#[track_caller]
fn ends(plan: &'static Plan, endings: &[&str]) -> Report {
    let report = explored(plan);
    assert_eq!(report.pruned, 0, "{report:?}");
    assert!(report.endings.keys().eq(endings), "{report:?}");
    report
}

#[test]
fn a_flow_without_compensations() {
    static PLAN: Plan = plan(&[start(&[1]), step("a", &[2]), step("b", &[3]), end("end")]);
    ends(&PLAN, &["completed", "failed", "rolled back"]);
}

#[test]
fn without_a_drawn_order_last_first() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("a", &[2]).undone_by(5),
        step("b", &[3]).undone_by(6),
        step("c", &[4]),
        end("end"),
        step("undo a", &[]).undoes(&[1]),
        step("undo b", &[]).undoes(&[2]),
    ]);
    ends(&PLAN, &["completed", "failed", "rolled back", "stuck"]);
}

/// The shape of the seed's saga: three compensable steps, decisions, and a rollback that is drawn in
/// a circle.
#[test]
fn a_saga_whose_rollback_runs_in_a_circle() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("order", &[2]).undone_by(9),
        decision("ordered", &[3, 9]),
        step("reserve", &[4]).undone_by(11),
        step("pay", &[5]).undone_by(10),
        decision("paid", &[6, 8]),
        step("ship", &[7]),
        end("end"),
        step("trigger", &[10]).rolls_back(),
        step("cancel", &[8]).undoes(&[1]).rolls_back(),
        step("refund", &[11]).undoes(&[4]).rolls_back(),
        step("release", &[9]).undoes(&[3]).rolls_back(),
    ])
    .trigger(8);
    ends(&PLAN, &["completed", "rolled back", "stuck"]);
}

/// Attempts that fault, did nothing, were interrupted or say that nothing was done, in every order.
#[test]
fn attempts_of_which_one_may_have_done_it() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("charge", &[2]).undone_by(4),
        step("ship", &[3]),
        end("end"),
        step("refund", &[]).undoes(&[1]),
    ]);
    let troubles = Troubles { cancels: 1, interruptions: 2, backoffs: 3, retries: 1 };
    let report = explore(&PLAN, 0, Bounds { troubles, ..Bounds::ALL });
    let report = report.unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(report.pruned, 0, "{report:?}");
    assert!(report.endings.keys().eq(&["completed", "failed", "rolled back", "stuck"]), "{report:?}");
}

#[test]
fn a_fork_whose_branches_owe() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("split", &[2, 3]).join(4),
        step("left", &[4]).undone_by(6),
        step("right", &[4]).undone_by(7),
        step("joined", &[5]),
        end("end"),
        step("undo left", &[]).undoes(&[2]),
        step("undo right", &[]).undoes(&[3]),
    ]);
    ends(&PLAN, &["completed", "failed", "rolled back", "stuck"]);
}

#[test]
fn a_fork_in_a_fork_with_a_way_to_the_trigger() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("split", &[2, 3]).join(7),
        decision("inner", &[4, 8]),
        step("right", &[7]).undone_by(9),
        step("fork", &[5, 6]).join(7),
        step("five", &[7]).undone_by(9),
        milestone("six", &[7]),
        end("end"),
        step("trigger", &[9]).rolls_back(),
        step("undo", &[]).undoes(&[3, 5]).rolls_back(),
    ])
    .trigger(8);
    ends(&PLAN, &["completed", "rolled back", "stuck"]);
}

#[test]
fn a_rollback_that_forks() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("a", &[2]).undone_by(5),
        step("b", &[3]).undone_by(6),
        end("end"),
        step("trigger", &[5, 6]).join(7).rolls_back(),
        step("undo a", &[7]).undoes(&[1]).rolls_back(),
        step("undo b", &[7]).undoes(&[2]).rolls_back(),
        step("tell", &[8]),
        end("undone"),
    ])
    .trigger(4);
    ends(&PLAN, &["completed", "rolled back", "stuck"]);
}

/// Two branches come to one compensation on their way forward.
#[test]
fn two_branches_that_undo_one_step() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("reserve", &[2]).undone_by(5),
        step("split", &[3, 4]).join(6),
        decision("left", &[5, 6]),
        decision("right", &[5, 6]),
        step("release", &[6]).undoes(&[1]),
        step("joined", &[7]),
        end("end"),
    ]);
    ends(&PLAN, &["completed", "failed", "rolled back", "stuck"]);
}

/// A loop whose passes each owe an undo, up to its bound.
#[test]
fn a_bounded_loop() {
    static PLAN: Plan = Plan::new(
        LANES,
        &[
            start(&[1]),
            step("try", &[2]).undone_by(4),
            decision("again", &[1, 3]),
            end("end"),
            step("undo", &[]).undoes(&[1]),
        ],
        &[LoopSpec::new("up to 2 times", 1, &[1, 2], 2)],
    );
    let report = ends(&PLAN, &["completed", "failed", "rolled back", "stuck"]);
    assert_eq!(report.visits[&1], 2, "as many passes as the bound allows");
}

/// The loop is entered in a branch of a fork, and repeated after the join.
#[test]
fn a_bounded_loop_whose_head_lies_in_a_branch() {
    static PLAN: Plan = Plan::new(
        LANES,
        &[
            start(&[1]),
            step("split", &[2, 3]).join(4),
            step("ask", &[4]),
            step("look", &[4]),
            decision("answered", &[5, 2]),
            end("end"),
        ],
        &[LoopSpec::new("up to 3 times", 2, &[2, 4], 3)],
    );
    let report = ends(&PLAN, &["completed", "failed", "rolled back"]);
    assert_eq!(report.visits[&2], 3, "as many passes as the bound allows");
}

/// A cycle through a node that the loop does not list uses up its passes.
#[test]
fn a_bounded_loop_that_is_left_and_entered_again() {
    static PLAN: Plan = Plan::new(
        LANES,
        &[start(&[1]), step("ask", &[2]), decision("answered", &[4, 1, 3]), step("wait", &[1]), end("end")],
        &[LoopSpec::new("up to 3 times", 1, &[1, 2], 3)],
    );
    let report = ends(&PLAN, &["completed", "failed", "rolled back"]);
    assert_eq!(report.visits[&1], 3, "as many passes as the bound allows");
}

/// Each pass of the outer loop starts the inner count anew, whether or not the outer one is bounded.
#[test]
fn a_bounded_loop_in_another_one() {
    static NODES: [NodeSpec; 6] = [
        start(&[1]),
        step("order", &[2]),
        step("ask", &[3]),
        decision("answered", &[4, 2]),
        decision("more", &[5, 1]),
        end("end"),
    ];
    static BOUNDED: Plan = Plan::new(
        LANES,
        &NODES,
        &[LoopSpec::new("2 orders", 1, &[1, 2, 3, 4], 2), LoopSpec::new("up to 3 times", 2, &[2, 3], 3)],
    );
    static UNBOUNDED: Plan = Plan::new(
        LANES,
        &NODES,
        &[LoopSpec::unbounded("each order", 1, &[1, 2, 3, 4]), LoopSpec::new("up to 3 times", 2, &[2, 3], 3)],
    );
    let report = explored_far(&BOUNDED);
    assert_eq!((report.visits[&1], report.visits[&2]), (2, 6));
    let interpreter = Interpreter::new(&UNBOUNDED, Record::fork, Record::join);
    let mut run = interpreter.start("run", 0, Record::default());
    for _ in 0..20 {
        for to in [&[2], &[3], &[2], &[3], &[2], &[3], &[4], &[1]] {
            let due = run.state().due().next().expect("the run goes on");
            interpreter.begin(&mut run, due.branch).expect("it is due");
            interpreter.settle(&mut run, due.branch, Ok(StepResult::new(Effect::Done, to)));
        }
    }
    assert!(!run.is_over());
}

/// Loops that have one head: a pass of the inner one is none of the outer one.
#[test]
fn bounded_loops_with_one_head() {
    static PLAN: Plan = Plan::new(
        LANES,
        &[
            start(&[1]),
            step("ask", &[2]),
            decision("answered", &[3, 1]),
            decision("more", &[4, 1]),
            end("end"),
        ],
        &[LoopSpec::new("2 orders", 1, &[1, 2, 3], 2), LoopSpec::new("up to 3 times", 1, &[1, 2], 3)],
    );
    let report = explored_far(&PLAN);
    assert_eq!((report.visits[&1], report.visits[&3]), (6, 2));
}

/// Also in a rollback, a loop is closed and no fault is made of it.
#[test]
fn a_bounded_loop_in_a_rollback() {
    static PLAN: Plan = Plan::new(
        LANES,
        &[
            start(&[1]),
            step("a", &[2]).undone_by(4),
            end("end"),
            step("trigger", &[4]).rolls_back(),
            step("undo", &[3]).undoes(&[1]).rolls_back(),
        ],
        &[LoopSpec::new("once", 3, &[3, 4], 1)],
    )
    .trigger(3);
    ends(&PLAN, &["completed", "rolled back", "stuck"]);
}

#[test]
fn a_circle_without_a_bound_is_cut_off_and_counted() {
    static PLAN: Plan = plan(&[start(&[1]), step("a", &[2]), decision("again", &[1, 3]), end("end")]);
    let report = explored(&PLAN);
    assert!(report.pruned > 0, "{report:?}");
    assert!(report.endings.keys().eq(&["completed", "failed", "rolled back"]), "{report:?}");
}

#[test]
fn a_circle_in_which_nothing_is_done() {
    static PLAN: Plan = plan(&[start(&[1]), milestone("a", &[2]), milestone("b", &[1])]);
    ends(&PLAN, &["failed"]);
}

#[test]
fn messages_have_ledgers_of_their_own() {
    static PLAN: Plan = plan(&[
        start(&[1]),
        step("a", &[2]).undone_by(6).sends(&[3, 3]),
        end("end"),
        step("told", &[4]).undone_by(6),
        end("heard"),
        step("trigger", &[6]).rolls_back(),
        step("undo", &[]).undoes(&[1, 3]).rolls_back(),
    ])
    .trigger(5);
    ends(&PLAN, &["completed", "failed", "rolled back", "stuck"]);
}

#[test]
fn messages_in_a_circle_in_which_nothing_is_done() {
    static PLAN: Plan = plan(&[start(&[1]), milestone("a", &[2]).sends(&[1]), end("end")]);
    ends(&PLAN, &["completed", "failed"]);
}

#[test]
fn a_dead_end_is_a_fault() {
    static PLAN: Plan =
        plan(&[start(&[1]), step("a", &[2]).undone_by(3), step("b", &[]), step("undo", &[]).undoes(&[1])]);
    ends(&PLAN, &["failed", "rolled back", "stuck"]);
}

#[test]
fn a_circle_in_which_branches_multiply() {
    static PLAN: Plan =
        plan(&[start(&[1]), milestone("a", &[1, 2, 3]), milestone("b", &[1, 2]), milestone("c", &[1, 3])]);
    ends(&PLAN, &["failed"]);
}

#[test]
fn branches_set_out_in_the_order_drawn() {
    static PLAN: Plan =
        plan(&[start(&[2, 1]).join(3), milestone("later", &[3]), milestone("first", &[3]), end("end")]);
    let interpreter = Interpreter::new(&PLAN, Record::fork, Record::join);
    let run = interpreter.start("run", 0, Record::default());
    let path: Vec<u32> = run.state().path().iter().map(|entry| entry.node).collect();
    assert_eq!(path, [0, 2, 1, 3]);
}
