//! What an operator does to a saved run without its program.

use flowgen::plan::Plan;
use flowgen::report::Status;
use flowgen::run::{RestoreError, Run, Saved, StuckResolution};
use flowgen::{Drawing, Fault};

use crate::shop::{adopt, after, interpreter, save, shop};

fn saved(run: &Run<u32>) -> Saved<u32> {
    serde_json::from_str(&save(run)).unwrap()
}

fn again(saved: &Saved<u32>) -> String {
    serde_json::to_string(&saved.snapshot()).unwrap()
}

/// A run whose compensation has faulted.
fn stuck(plan: &'static Plan) -> Run<u32> {
    let (interpreter, mut run) = (interpreter(plan), after(plan, 1));
    for fault in ["the step", "its undo"] {
        let due = run.state().due().next().unwrap();
        interpreter.begin(&mut run, due.branch);
        interpreter.settle(&mut run, due.branch, Err(Fault::new(fault)));
    }
    assert_eq!(Status::from(run.state()), Status::Stuck);
    run
}

#[test]
fn it_is_the_same_as_with_the_program() {
    let plan = shop().plan();
    let drawing = Drawing::new(plan);
    let (node, run) = (plan.find("n1").unwrap(), stuck(plan));
    for resolution in [None, Some(StuckResolution::UndoneByHand), Some(StuckResolution::Waived)] {
        let (mut with, mut without) = (run.clone(), saved(&run));
        let interpreter = interpreter(plan);
        let (did, too) = match resolution {
            None => (interpreter.retry_stuck(&mut with), without.retry_stuck(&drawing)),
            Some(how) => (
                interpreter.resolve_stuck(&mut with, node, 1, how),
                without.resolve_stuck(&drawing, node, 1, how),
            ),
        };
        assert!(did && too);
        assert_eq!(again(&without), again(&saved(&with)));
        assert!(without.path().eq(with.state().path()));
        assert_eq!(drawing.check(&without), Ok(()));
        assert!(!without.resolve_stuck(&drawing, node, 1, StuckResolution::Waived), "it is not stuck");
    }
}

#[test]
fn a_run_can_be_abandoned_at_any_node() {
    let plan = shop().plan();
    let drawing = Drawing::new(plan);
    for steps in 0..12 {
        let run = after(plan, steps);
        let mut given_up = saved(&run);
        if run.is_over() {
            assert!(!given_up.abandon(&drawing), "it has ended already");
            continue;
        }
        assert!(given_up.abandon(&drawing), "after {steps} steps");
        assert_eq!(drawing.check(&given_up), Ok(()));
        let report = drawing.report(&given_up);
        assert_eq!(report.status, Status::Abandoned);
        let summary = if steps == 0 { "abandoned" } else { "abandoned; pending undos: `Reserve`" };
        assert_eq!(report.summary, summary);
        let text = again(&given_up);
        let back = adopt(&text, plan, plan).unwrap();
        assert!(back.is_over() && back.state().due().next().is_none());
        assert!(!given_up.abandon(&drawing));
    }
}

#[test]
fn an_abandoned_run_lists_effects_that_may_have_happened() {
    let plan = shop().plan();
    let drawing = Drawing::new(plan);
    let (interpreter, mut run) = (interpreter(plan), after(plan, 0));
    let mut untried = saved(&run);
    assert!(untried.abandon(&drawing));
    assert_eq!(drawing.report(&untried).pending_undos, []);
    let due = run.state().due().next().unwrap();
    interpreter.begin(&mut run, due.branch);
    let mut begun = saved(&run);
    assert!(begun.abandon(&drawing));
    assert_eq!(drawing.report(&begun).summary, "abandoned; pending undos: `Reserve`");
}

#[test]
fn an_abandoned_run_keeps_its_failed_undos() {
    let plan = shop().plan();
    let drawing = Drawing::new(plan);
    let mut run = saved(&stuck(plan));
    assert!(run.abandon(&drawing));
    let report = drawing.report(&run);
    assert_eq!(report.stuck[0].fault.as_deref(), Some("its undo"));
    assert_eq!(report.summary, "abandoned; pending undos: `Reserve`");
    assert!(!run.retry_stuck(&drawing));
}

#[test]
fn an_invalid_run_is_reported_without_the_program() {
    let plan = shop().plan();
    let drawing = Drawing::new(plan);
    let good = save(&after(plan, 1));
    for (from, to, why) in [
        ("\"node\":2", "\"node\":99", "it names node 99, and its drawing has 10"),
        ("\"contexts\":{\"0\":1}", "\"contexts\":{}", "it has no context"),
    ] {
        assert!(good.contains(from), "{good}");
        let bad: Saved<u32> = serde_json::from_str(&good.replace(from, to)).unwrap();
        let error = RestoreError::Malformed { run: "order-42".into(), what: why.to_owned() };
        assert_eq!(drawing.check(&bad), Err(error));
    }
}
