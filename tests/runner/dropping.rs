use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use flowgen::run::Ending;
use flowgen::{Event, Runner};
use tokio::time::timeout;

use crate::shop::{FORK, SELL, Shop, faults, takes};

/// The pending undos that are reported when a run is dropped after some milliseconds.
async fn left_behind(shop: &Shop, start: u32, millis: u64) -> Option<Vec<u32>> {
    let abandoned = Mutex::new(None);
    let observer = |event: &Event<'_>| {
        if let Event::Abandoned { pending_undos, .. } = event {
            *abandoned.lock().unwrap() = Some(pending_undos.iter().map(|undo| undo.node).collect());
        }
    };
    let runner = Runner::new(shop, start).observe(observer);
    let ended = timeout(Duration::from_millis(millis), runner.run(Vec::new())).await;
    assert!(ended.is_err(), "it was to be dropped");
    drop(runner);
    abandoned.into_inner().unwrap()
}

#[tokio::test(start_paused = true)]
async fn reports_pending_undos() {
    let shop = Shop::new(&[("Pay", takes(100))]);
    assert_eq!(left_behind(&shop, SELL, 50).await, Some(vec![1]));
}

#[tokio::test(start_paused = true)]
async fn reports_steps_that_may_have_been_done() {
    let shop = Shop::new(&[("Reserve", takes(100))]);
    assert_eq!(left_behind(&shop, SELL, 50).await, Some(vec![1]));
    let shop = Shop::new(&[("Left", takes(100))]);
    assert_eq!(left_behind(&shop, FORK, 50).await, Some(vec![8, 7]));
}

#[tokio::test(start_paused = true)]
async fn reports_failed_undos() {
    let shop = Shop::new(&[("Left", faults(9)), ("Undo left", takes(100)), ("Undo right", faults(9))]);
    assert_eq!(left_behind(&shop, FORK, 50).await, Some(vec![7, 8]));
}

#[tokio::test(start_paused = true)]
async fn reports_nothing_without_pending_undos() {
    let shop = Shop::new(&[("Split", takes(100))]);
    assert_eq!(left_behind(&shop, FORK, 50).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_driven_on_repeats_what_was_interrupted_under_its_key() {
    let shop = Shop::new(&[("Pay", takes(100))]);
    let labels = Mutex::new(Vec::new());
    let observer = |event: &Event<'_>| {
        if let Event::Left { node, .. } = event {
            labels.lock().unwrap().push(node.label);
        }
    };
    let runner = Runner::new(&shop, SELL).observe(observer);
    let mut run = runner.start("r", Vec::new());
    assert!(timeout(Duration::from_millis(50), runner.drive(&mut run, pending())).await.is_err());
    let ending = runner.drive(&mut run, pending()).await;
    assert!(matches!(ending, Ending::Completed(3)), "{ending:?}");
    assert_eq!(run.context()[..], ["r/n1/1 attempt 1", "r/n2/1 attempt 2"]);
    assert_eq!(*labels.lock().unwrap(), ["Start", "Reserve", "Pay", "Sold"]);
}

/// Their contexts are lost, so nobody knows what they did: both are undone.
#[tokio::test(start_paused = true)]
async fn interrupted_branches_are_undone() {
    let shop = Shop::new(&[("Left", takes(100)), ("Right", takes(100))]);
    let runner = Runner::new(&shop, FORK);
    let mut run = runner.start("r", Vec::new());
    assert!(timeout(Duration::from_millis(50), runner.drive(&mut run, pending())).await.is_err());
    let ending = runner.drive(&mut run, pending()).await;
    assert!(matches!(ending, Ending::RolledBack(_)), "{ending:?}");
    let undone = shop.log().into_iter().filter(|line| line.contains("ends Undo")).collect::<Vec<_>>();
    assert_eq!(undone, ["50 ends Undo right", "50 ends Undo left"]);
}
