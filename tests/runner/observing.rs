use std::sync::Mutex;
use std::time::Duration;

use flowgen::run::Ending;
use flowgen::{Event, Retry, Runner, Scope, TokioClock};

use crate::shop::{SELL, Shop, faults};

fn words(event: &Event<'_>) -> String {
    match event {
        Event::Entered { visit } => format!("enters {} for the {}.", visit.node().label, visit.attempt()),
        Event::Retrying { visit, after, .. } => format!("waits {after:?} for {}", visit.node().label),
        Event::Left { node, outcome, .. } => format!("leaves {} {outcome:?}", node.label),
        Event::Ended { ending: Ending::RolledBack(_), .. } => "rolled back".to_owned(),
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn observers_see_each_enter_exit_retry_and_undo() {
    let shop = Shop::new(&[("Pay", faults(2))]);
    let seen = Mutex::new(Vec::new());
    let observer = |event: &Event<'_>| seen.lock().unwrap().push(words(event));
    let retry = Retry::max_retries(1).initial_delay(Duration::from_secs(1));
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry).observe(observer);
    let ended = runner.run(Vec::new()).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    let expected = [
        "leaves Start Passed",
        "enters Reserve for the 1.",
        "leaves Reserve Done",
        "enters Pay for the 1.",
        "waits 1s for Pay",
        "enters Pay for the 2.",
        "leaves Pay Faulted",
        "enters Release for the 1.",
        "leaves Release Undone { node: 1, visit: 1 }",
        "rolled back",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}
