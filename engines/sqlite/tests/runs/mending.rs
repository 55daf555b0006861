use flowgen::Outcome;
use flowgen::report::Status;
use flowgen_sqlite::{Error, ListRuns};
use tempfile::TempDir;

use crate::shop::flow::Node;
use crate::shop::{Order, Runs, Seller, open};

/// A run that could not undo its first step.
async fn stuck(runs: &Runs, id: &str) {
    let _ = runs.start(id, Order::faulty(&["n3", "n5"])).await.unwrap();
    assert!(matches!(runs.outcome(id).await.unwrap(), Outcome::Stuck { .. }));
}

#[tokio::test]
async fn what_is_stuck_stays_until_somebody_sees_to_it() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    stuck(&runs, "a").await;
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.resume().await.unwrap().runs, 0, "it is over");
    let listed = runs.list(ListRuns::with_statuses([Status::Stuck])).await.unwrap();
    assert_eq!(listed.iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["a"]);
    let shown = runs.show("a").await.unwrap().report;
    assert_eq!(shown.summary, "stuck: `Pay` faulted: n3 is out of order; pending undos: `Reserve goods`");
    assert_eq!((shown.stuck[0].node.id.as_str(), shown.stuck[0].visit), ("n2", 1));
    assert_eq!(shown.stuck[0].fault.as_deref(), Some("n5 is out of order"));
}

#[tokio::test]
async fn retried_it_is_undone_under_the_same_key() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    stuck(&runs, "a").await;
    runs.retry("a").await.unwrap();
    assert!(matches!(runs.outcome("a").await.unwrap(), Outcome::Stuck { .. }), "it faulted again");
    seller.mend();
    runs.retry("a").await.unwrap();
    assert!(runs.outcome("a").await.unwrap().is_rolled_back());
    let undone = seller.begun().into_iter().filter(|begun| begun.starts_with("a/n5/1")).count();
    assert_eq!(undone, 3, "{:?}", seller.begun());
    assert!(matches!(runs.retry("a").await, Err(Error::NotStuck { .. })));
}

#[tokio::test]
async fn resolved_and_skipped_it_is_struck_off_and_the_path_says_so() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    stuck(&runs, "a").await;
    stuck(&runs, "b").await;
    let wrong = runs.resolve("a", Node::Pay, 1).await.unwrap_err();
    assert_eq!(wrong.to_string(), "run `a` is not stuck at `Pay` (n3), visit 1");
    let node = Node::find("n2").unwrap();
    assert_eq!(runs.resolve("a", node, 1).await.unwrap(), Status::RolledBack);
    assert_eq!(runs.skip("b", node, 1).await.unwrap(), Status::RolledBack);
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    let last = async |id| runs.show(id).await.unwrap().report.path.last().unwrap().to_string();
    assert_eq!(last("a").await, "Release goods (`Reserve goods` was undone by hand)");
    assert_eq!(last("b").await, "Release goods (`Reserve goods` is not to be undone)");
    assert!(runs.ended("b").await.unwrap().outcome.is_rolled_back());
}

#[tokio::test]
async fn what_goes_on_is_left_alone() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    assert!(matches!(runs.retry("a").await, Err(Error::RunActive { run }) if run == "a"));
    assert!(matches!(runs.skip("a", Node::ReserveGoods, 1).await, Err(Error::RunActive { .. })));
    seller.open();
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert!(matches!(runs.resolve("a", Node::ReserveGoods, 1).await, Err(Error::NotStuck { .. })));
}

use flowgen::Node as _;

#[tokio::test]
async fn all_that_are_stuck_are_retried_in_portions() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let ids: Vec<_> = (0..5).map(|run| format!("run-{run}")).collect();
    for id in &ids {
        stuck(&runs, id).await;
    }
    let _ = runs.start("fine", Order::default()).await.unwrap();
    assert!(runs.outcome("fine").await.unwrap().is_completed());
    seller.mend();
    let (mut after, mut portions) = (None, Vec::new());
    loop {
        let retried = runs.retry_stuck(after, 2).await.unwrap();
        assert!(retried.refused.is_empty(), "{:?}", retried.refused);
        portions.push(retried.runs);
        after = retried.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(portions, [2, 2, 1]);
    for id in &ids {
        assert!(runs.outcome(id).await.unwrap().is_rolled_back());
    }
    assert_eq!(runs.retry_stuck(None, 100).await.unwrap().runs, 0);
}
