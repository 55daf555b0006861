//! Who looks at a run for a moment does not keep others from driving it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use flowgen::report::Status;
use flowgen_sqlite::{Error, Started};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::shop::flow::Node;
use crate::shop::{Order, Runs, Seller, open};

/// So often each is tried: who comes first is chance.
const ROUNDS: usize = 40;

async fn completes(runs: &Runs, id: &str) {
    let outcome = timeout(Duration::from_secs(20), runs.outcome(id)).await.expect(id);
    assert!(outcome.unwrap().is_completed(), "{id}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_asked_for_again_while_it_is_resumed_goes_on() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for round in 0..ROUNDS {
        let _ = runs.start(format!("run-{round}"), Order::waiting(&["n3"])).await.unwrap();
    }
    drop(runs);
    seller.open();
    let runs = open(folder.path(), &seller).await;
    let asked: Vec<_> = (0..ROUNDS)
        .map(|round| {
            let runs = runs.clone();
            tokio::spawn(async move {
                let id = format!("run-{round}");
                let not_stuck = runs.retry(&id).await;
                assert!(
                    matches!(not_stuck, Err(Error::NotStuck { .. } | Error::RunActive { .. })),
                    "{not_stuck:?}"
                );
                assert_eq!(runs.start(id, Order::default()).await.unwrap(), Started::Existing);
            })
        })
        .collect();
    assert!(runs.resume().await.unwrap().refused.is_empty());
    for asked in asked {
        asked.await.unwrap();
    }
    for round in 0..ROUNDS {
        completes(&runs, &format!("run-{round}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_somebody_takes_for_stuck_is_started_nevertheless() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for round in 0..ROUNDS {
        let id = format!("run-{round}");
        let (retried, started) = tokio::join!(
            tokio::spawn({
                let (runs, id) = (runs.clone(), id.clone());
                async move { runs.retry(&id).await }
            }),
            tokio::spawn({
                let (runs, id) = (runs.clone(), id.clone());
                async move { runs.start(id, Order::default()).await }
            }),
        );
        assert!(retried.unwrap().is_err());
        assert_eq!(started.unwrap().unwrap(), Started::New);
        completes(&runs, &id).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_is_cancelled_as_soon_as_it_is_there_is_rolled_back() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for round in 0..ROUNDS {
        let (id, message) = (format!("run-{round}"), format!("run-{round}/n7/1/n9"));
        let cancelling = tokio::spawn({
            let (runs, message) = (runs.clone(), message.clone());
            async move { while !runs.cancel(&message).await.unwrap_or(false) {} }
        });
        let _ = runs.start_at(Node::Asked, id.as_str(), Order::waiting(&["n9"])).await.unwrap();
        timeout(Duration::from_secs(20), cancelling).await.expect("it is there").unwrap();
    }
    seller.open();
    for round in 0..ROUNDS {
        let (id, message) = (format!("run-{round}"), format!("run-{round}/n7/1/n9"));
        let outcome =
            timeout(Duration::from_secs(20), runs.outcome(&message)).await.expect(&message).unwrap();
        assert!(outcome.is_rolled_back(), "round {round}: {outcome}");
        completes(&runs, &id).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_somebody_looks_for_goes_on() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for round in 0..ROUNDS {
        let (id, message) = (format!("run-{round}"), format!("run-{round}/n7/1/n9"));
        let looking = tokio::spawn({
            let (runs, message) = (runs.clone(), message.clone());
            async move { while matches!(runs.retry(&message).await, Err(Error::Unknown { .. })) {} }
        });
        let _ = runs.start_at(Node::Asked, id.as_str(), Order::default()).await.unwrap();
        completes(&runs, &id).await;
        timeout(Duration::from_secs(20), looking).await.expect("it is there").unwrap();
        // It is taken up as soon as nobody looks any more.
        let completed = async {
            while !matches!(runs.show(&message).await, Ok(shown) if shown.report.status == Status::Completed)
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(20), completed).await.expect(&message);
    }
}

/// Somebody has asked, and does not wait.
async fn asked<F: Future>(mut asking: Pin<&mut F>) {
    let is_answered = poll_fn(|task| Poll::Ready(asking.as_mut().poll(task).is_ready())).await;
    assert!(!is_answered);
}

#[tokio::test]
async fn what_is_resolved_is_so_even_where_nobody_waits_for_that() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::faulty(&["n3", "n5"])).await.unwrap();
    assert!(!runs.outcome("a").await.unwrap().is_rolled_back());
    let node = Node::ReserveGoods;
    asked(Box::pin(runs.resolve("a", node, 1)).as_mut()).await;
    let resolved = async {
        while runs.show("a").await.unwrap().report.status != Status::RolledBack {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), resolved).await.expect("it is resolved");
}

#[tokio::test]
async fn who_does_not_wait_for_an_answer_does_not_keep_the_engine_open() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::faulty(&["n3", "n5"])).await.unwrap();
    assert!(!runs.outcome("a").await.unwrap().is_rolled_back());
    let mut retrying = pin!(runs.retry("a"));
    asked(retrying.as_mut()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    timeout(Duration::from_secs(20), runs.shutdown(Duration::ZERO)).await.expect("it ends");
}
