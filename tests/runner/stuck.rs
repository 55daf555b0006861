use std::sync::Mutex;

use flowgen::run::{StuckResolution, VisitOutcome};
use flowgen::{Event, Outcome, Retry, RunResult, Runner, Scope, TokioClock};

use crate::shop::{At, FORK, SELL, Shop, faults};

/// The steps with a pending undo, if the run is stuck.
fn pending_undos<Cx>(ended: &RunResult<At, Cx>) -> Vec<u32> {
    match &ended.outcome {
        Outcome::Stuck { pending_undos, .. } => pending_undos.iter().map(|undo| undo.node.0).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stuck_is_tried_again_under_its_key() {
    let shop = Shop::new(&[("Pay", faults(1)), ("Release", faults(1))]);
    let ended = Runner::new(&shop, SELL).run_with_id("r", Vec::new()).await;
    assert_eq!(pending_undos(&ended), [1]);

    let labels = Mutex::new(Vec::new());
    let observer = |event: &Event<'_>| {
        if let Event::Left { node, .. } = event {
            labels.lock().unwrap().push(node.label);
        }
    };
    let patient = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, Retry::max_retries(1));
    let ended = patient.observe(observer).retry_stuck(ended).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(ended.cx[2..], ["r/n4/1 attempt 1", "r/n4/1 attempt 1", "r/n4/1 attempt 2"]);
    assert_eq!(*labels.lock().unwrap(), ["Release"], "observers are told nothing twice");
}

#[tokio::test(start_paused = true)]
async fn what_faults_again_is_still_owed() {
    let shop = Shop::new(&[("Pay", faults(1)), ("Release", faults(9))]);
    let runner = Runner::new(&shop, SELL);
    let ended = runner.retry_stuck(runner.run(Vec::new()).await).await;
    assert_eq!(pending_undos(&ended), [1]);
    assert_eq!(ended.faults.len(), 3, "each fault is kept");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_undid_by_hand_is_struck_off() {
    let shop = Shop::new(&[("Left", faults(1)), ("Undo left", faults(9)), ("Undo right", faults(9))]);
    let mut ended = Runner::new(&shop, FORK).run(Vec::new()).await;
    assert_eq!(pending_undos(&ended), [7, 8]);
    assert!(ended.resolve_stuck(At(7), 1, StuckResolution::UndoneByHand));
    assert_eq!(pending_undos(&ended), [8]);
    assert!(!ended.resolve_stuck(At(7), 1, StuckResolution::UndoneByHand), "it is not pending any more");
    assert!(ended.resolve_stuck(At(8), 1, StuckResolution::Waived));
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let last: Vec<_> = ended.path.iter().rev().take(2).map(|entry| entry.outcome).collect();
    assert_eq!(
        last,
        [VisitOutcome::Waived { node: 8, visit: 1 }, VisitOutcome::UndoneByHand { node: 7, visit: 1 }]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_stuck_stays_as_it_is() {
    let shop = Shop::new(&[]);
    let runner = Runner::new(&shop, SELL);
    let mut ended = runner.retry_stuck(runner.run(Vec::new()).await).await;
    assert!(ended.outcome.is_completed_at(At(3)));
    assert!(!ended.resolve_stuck(At(1), 1, StuckResolution::UndoneByHand));
    assert!(ended.outcome.is_completed_at(At(3)));
    assert_eq!(shop.log().len(), 4, "nothing is done twice");
}
