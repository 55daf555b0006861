//! Runs that were saved by an earlier version of flowgen.

use flowgen::plan::Plan;
use flowgen::run::{Due, PathEntry, Run, StepResult, VisitOutcome};
use flowgen::{Effect, Fault};

use crate::shop::{adopt, after, interpreter, save, shop};

#[test]
fn earlier_names_of_outcomes_are_read() {
    let earlier = r#"[[8,0,{"Resolved":{"node":1,"nth":2}}],[8,0,{"GivenUp":{"node":1,"nth":1}}],[9,0,"Skipped"],
        [8,1,{"Undid":{"node":1,"nth":1}}],[8,2,{"SetAside":{"node":1,"nth":2}}]]"#;
    let now = r#"[[8,0,{"UndoneByHand":{"node":1,"visit":2}}],[8,0,{"Waived":{"node":1,"visit":1}}],[9,0,"NothingToUndo"],[8,1,{"Undone":{"node":1,"visit":1}}],[8,2,{"UndoFailed":{"node":1,"visit":2}}]]"#;
    let entry = |node, visit, outcome| PathEntry { node, visit, outcome };
    let path = vec![
        entry(8, 0, VisitOutcome::UndoneByHand { node: 1, visit: 2 }),
        entry(8, 0, VisitOutcome::Waived { node: 1, visit: 1 }),
        entry(9, 0, VisitOutcome::NothingToUndo),
        entry(8, 1, VisitOutcome::Undone { node: 1, visit: 1 }),
        entry(8, 2, VisitOutcome::UndoFailed { node: 1, visit: 2 }),
    ];
    assert_eq!(serde_json::from_str::<Vec<PathEntry>>(earlier).unwrap(), path);
    assert_eq!(serde_json::from_str::<Vec<PathEntry>>(now).unwrap(), path);
    let first = r#"{"node":9,"nth":0,"trace":"Skipped"}"#;
    assert_eq!(serde_json::from_str::<PathEntry>(first).unwrap(), path[2]);
    assert_eq!(serde_json::to_string(&path).unwrap(), now);
}

/// The names that were saved before version 7 of the files of `flowgen-sqlite`, after those of today.
const EARLIER: [(&str, &str); 17] = [
    (r#""observed":"#, r#""told":"#),
    (r#""branches":"#, r#""places":"#),
    (r#""next_branch":"#, r#""next_place":"#),
    (r#""state":""#, r#""standing":""#),
    (r#""state":{"Forked""#, r#""standing":{"Split""#),
    (r#""Backoff""#, r#""Resting""#),
    (r#""visit":"#, r#""nth":"#),
    (r#""pending":"#, r#""owed":"#),
    (r#""failed":"#, r#""aside":"#),
    (r#""recorded":"#, r#""entered":"#),
    (r#""Stopping""#, r#""Aborting""#),
    (r#""DrawnRollback""#, r#""Drawn""#),
    (r#""ReverseOrder""#, r#""LastFirst""#),
    (r#""Ended""#, r#""Over""#),
    (r#""Undone""#, r#""Undid""#),
    (r#""UndoFailed""#, r#""SetAside""#),
    (r#""NothingToUndo""#, r#""Skipped""#),
];

#[test]
fn runs_with_earlier_names_are_read() {
    let mut drawn = shop();
    (drawn.node("n9").rolls_back, drawn.node("n9").next) = (true, &[8]);
    let drawn = drawn.plan();
    let drawn: &'static Plan =
        Box::leak(Box::new(Plan::new(drawn.lanes, drawn.nodes, drawn.loops).trigger(9)));
    let mut missing: Vec<&str> = EARLIER.iter().map(|(now, _)| *now).collect();
    for plan in [shop().plan(), drawn] {
        for run in (0..12).flat_map(|steps| on_the_way(plan, steps)) {
            let now = save(&run);
            missing.retain(|name| !now.contains(name));
            let earlier = EARLIER.iter().fold(now.clone(), |text, (now, earlier)| text.replace(now, earlier));
            let read = adopt(&earlier, plan, plan).unwrap_or_else(|error| panic!("{error}: {earlier}"));
            assert_eq!(save(&read), now);
        }
    }
    assert_eq!(missing, [""; 0], "all names are in one of the runs");
}

fn first_due(run: &Run<u32>) -> Option<Due> {
    run.state().due().next()
}

/// A run after this number of steps, and as it is rolled back from there: as its next node begins, waits for a retry,
/// and is cancelled or faults, and after each compensation, which may fault, too.
fn on_the_way(plan: &'static Plan, steps: usize) -> Vec<Run<u32>> {
    let interpreter = interpreter(plan);
    let begun = after(plan, steps);
    let mut runs = vec![begun.clone()];
    let Some(due) = first_due(&begun) else { return runs };
    // The first step has nothing to undo then.
    let fault = || if steps == 0 { Fault::not_done("out of order") } else { Fault::new("out of order") };
    let mut active = begun;
    interpreter.begin(&mut active, due.branch);
    let (mut waiting, mut cancelled, mut faulted) = (active.clone(), active.clone(), active.clone());
    interpreter.back_off(&mut waiting, due.branch, &fault());
    interpreter.cancel(&mut cancelled);
    interpreter.settle(&mut faulted, due.branch, Err(fault()));
    runs.extend([active, waiting, cancelled]);
    for compensation_faults in [false, true] {
        let mut run = faulted.clone();
        while let Some(due) = first_due(&run) {
            runs.push(run.clone());
            interpreter.begin(&mut run, due.branch);
            let spec = &plan.nodes[due.node as usize];
            let done = StepResult::new(Effect::Done, spec.next);
            let faults = compensation_faults && !spec.undoes.is_empty();
            interpreter.settle(&mut run, due.branch, if faults { Err(fault()) } else { Ok(done) });
        }
        runs.push(run);
    }
    runs
}
