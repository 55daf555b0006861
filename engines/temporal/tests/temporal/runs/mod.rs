//! What clients ask for, and what is refused.

mod mill;
mod shelf;
mod shops;
mod torn;

use std::time::Duration;

use crate::server::Server;
use flowgen::report::Status;
use flowgen::{Retry, Scope, TokioClock};
use flowgen_temporal::{Error, Runs, Started, WorkerError};
use tokio::task::JoinHandle;

/// One of the two starts.
const ORDERED: shops::before::Node = shops::before::Node::Ordered;

/// Runs of the bookshop under this name, and their worker.
async fn bookshop(server: &Server, name: &str) -> (Runs<shops::before::Node, shops::Book>, JoinHandle<()>) {
    let runs = Runs::new(server.client().await, name);
    let worker =
        runs.worker(shops::BEFORE.runner(shops::before::Start::Ordered)).lost_after(Duration::from_secs(3));
    (runs, tokio::spawn(async move { worker.run().await.unwrap() }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_id_twice_is_the_same_run() {
    let server = Server::shared().await;
    let (runs, _worker) = bookshop(&server, "twice").await;
    let book = shops::Book::default();
    assert_eq!(runs.start_at("twice", ORDERED, &book).await.unwrap(), Started::New);
    assert_eq!(runs.start_at("twice", ORDERED, &book).await.unwrap(), Started::Existing);
    let ended = runs.outcome("twice").await.unwrap();
    assert_eq!(ended.outcome.to_string(), "completed at Sold");
    assert_eq!(
        runs.start_at("twice", ORDERED, &book).await.unwrap(),
        Started::Existing,
        "also when it is over"
    );
    assert_eq!(ended.cx.steps, ["n2"]);
    assert!(runs.show("twice").await.unwrap().is_over());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_is_refused_by_name() {
    let server = Server::shared().await;
    let (runs, _worker) = bookshop(&server, "unknown").await;
    let unknown = runs.outcome("nobody").await.unwrap_err();
    assert!(matches!(&unknown, Error::Unknown { run } if run == "nobody"), "{unknown}");
    assert!(matches!(runs.cancel("nobody").await, Err(Error::Unknown { .. })));
    let start = runs.start("somewhere", &shops::Book::default()).await.unwrap_err();
    assert_eq!(
        start.to_string(),
        "say with `start_at` where run `somewhere` starts: Ordered (`Ordered`), Emptied (`Emptied`)"
    );
    let lane = runs
        .worker(shops::BEFORE.runner(shops::before::Start::Ordered))
        .lanes(["Shop", "Cellar"])
        .map(drop)
        .unwrap_err();
    assert!(matches!(lane, WorkerError::UnknownLane { .. }));
    assert_eq!(lane.to_string(), "the drawing has no lane `Cellar`; it has Shop, Store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_not_stuck_has_nothing_to_retry() {
    let server = Server::shared().await;
    let (runs, _worker) = bookshop(&server, "unstuck").await;
    runs.start_at("unstuck", ORDERED, &shops::Book::default()).await.unwrap();
    let _ = runs.outcome("unstuck").await.unwrap();
    let refused = runs.retry("unstuck").await.unwrap_err();
    assert!(matches!(&refused, Error::Refused { run, .. } if run == "unstuck"), "{refused}");
    assert!(!runs.cancel("unstuck").await.unwrap(), "a run that is over stays as it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_only_under_its_own_drawing() {
    let server = Server::shared().await;
    let after = Runs::<shops::after::Node, shops::Book>::new(server.client().await, "changed");
    let changed = after.worker(shops::AFTER.runner());
    let changed = tokio::spawn(async move { changed.run().await });
    let before = Runs::<shops::before::Node, shops::Book>::new(server.client().await, "changed");
    before.start_at("changed", ORDERED, &shops::Book::default()).await.unwrap();

    let refused = after.outcome("changed").await.unwrap_err();
    assert!(matches!(&refused, Error::OtherDrawing { run, .. } if run == "changed"), "{refused}");
    let failure = held_up(&before, "changed").await;
    assert!(failure.starts_with("run `changed` is under the drawing "), "{failure}");

    changed.abort();
    let worker = before.worker(shops::BEFORE.runner(shops::before::Start::Ordered));
    let _worker = tokio::spawn(async move { worker.run().await });
    let ended = before.outcome("changed").await.unwrap();
    assert_eq!(ended.outcome.to_string(), "completed at Sold", "it was not harmed");
}

/// What holds a run up, as soon as something does.
async fn held_up<N: flowgen::Node>(runs: &Runs<N, shops::Book>, run: &str) -> String {
    for _ in 0..300 {
        if let Some(why) = runs.blocked_reasons(run).await.unwrap().pop() {
            return why;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing holds up `{run}`");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_are_listed_and_shown() {
    let server = Server::shared().await;
    let (runs, _worker) = bookshop(&server, "it's listed").await;
    let torn = shops::Book { paper: "torn".to_owned(), ..Default::default() };
    runs.start_at("listed-sold", ORDERED, &shops::Book::default()).await.unwrap();
    let _ = runs.outcome("listed-sold").await.unwrap();
    runs.start_at("listed-torn", ORDERED, &torn).await.unwrap();
    let _ = runs.outcome("listed-torn").await.unwrap();

    let all = listed(&runs, &[], 2).await;
    assert_eq!(all, [("listed-torn", Status::Failed), ("listed-sold", Status::Completed)]);
    assert_eq!(listed(&runs, &[Status::Completed], 1).await, [("listed-sold", Status::Completed)]);
    assert_eq!(runs.list(&[], 1).await.unwrap().len(), 1);
    assert_eq!(runs.list(&[Status::Stuck], 100).await.unwrap(), []);

    let shown = runs.report("listed-torn").await.unwrap();
    assert_eq!(shown.report.summary, "failed: `Wrap book` faulted: panicked: the paper tore");
    assert_eq!(shown.context["paper"], "torn");
}

/// The list, as soon as it is that long: the server's own is a moment behind.
async fn listed(
    runs: &Runs<shops::before::Node, shops::Book>,
    statuses: &[Status],
    long: usize,
) -> Vec<(&'static str, Status)> {
    for _ in 0..300 {
        let list = runs.list(statuses, 100).await.unwrap();
        if list.len() == long && list.iter().all(|run| run.status != Some(Status::Running)) {
            return list.into_iter().map(|run| (&*run.run.leak(), run.status.unwrap())).collect();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the list never gets {long} long: {:?}", runs.list(statuses, 100).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_rolls_back_is_listed_so() {
    let server = Server::shared().await;
    let runs = Runs::<shelf::drawing::Node, usize>::new(server.client().await, "shelf");
    let worker = runs.worker(shelf::SHELF.runner());
    let _worker = tokio::spawn(async move { worker.run().await });
    let helpers = &shelf::SHELF.shop.0;
    helpers.add_permits(shelf::SHELVES - 1);
    runs.start("returned", &0).await.unwrap();
    let status = async |wanted: Status| {
        for _ in 0..300 {
            if let [run] = &runs.list(&[wanted], 100).await.unwrap()[..] {
                return run.run == "returned";
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it is never {wanted:?}: {:?}", runs.list(&[], 100).await);
    };
    assert!(status(Status::RollingBack).await);
    // The last shelf stays empty, in a history after the one in which the rollback began.
    while helpers.available_permits() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(status(Status::RollingBack).await);
    assert_eq!(runs.list(&[Status::Running], 100).await.unwrap(), []);
    helpers.add_permits(1);
    let ended = runs.outcome("returned").await.unwrap();
    assert_eq!(ended.outcome.to_string(), "rolled back: `Mend books` faulted: there is no glue");
    assert_eq!(ended.cx, 0);
    assert!(status(Status::RolledBack).await);
    assert_eq!(runs.list(&[Status::RollingBack], 100).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fork_without_contexts_is_rolled_back() {
    let server = Server::shared().await;
    let runs = Runs::<torn::drawing::Node, torn::Sheet>::new(server.client().await, "torn");
    let worker = runs.worker(torn::TORN.runner());
    let _worker = tokio::spawn(async move { worker.run().await });
    runs.start("torn", &torn::Sheet::default()).await.unwrap();
    let ended = runs.outcome("torn").await.unwrap();
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(ended.cx.done, ["n2", "n7"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_panics_faults() {
    let server = Server::shared().await;
    let (runs, _worker) = bookshop(&server, "panics").await;
    let torn = shops::Book { paper: "torn".to_owned(), ..Default::default() };
    runs.start_at("panics", ORDERED, &torn).await.unwrap();
    let ended = runs.outcome("panics").await.unwrap();
    assert_eq!(ended.outcome.to_string(), "failed: `Wrap book` faulted: panicked: the paper tore");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_to_try_again_is_cancelled_at_once() {
    let server = Server::shared().await;
    let runs = Runs::<shops::before::Node, shops::Book>::new(server.client().await, "patient");
    let runner = shops::BEFORE.runner(shops::before::Start::Ordered).clock(TokioClock);
    let worker =
        runs.worker(runner.retry(Scope::All, Retry::max_retries(3).initial_delay(Duration::from_hours(1))));
    let _worker = tokio::spawn(async move { worker.run().await });
    let none = shops::Book { paper: "none".to_owned(), ..Default::default() };
    runs.start_at("patient", ORDERED, &none).await.unwrap();
    assert_eq!(held_up(&runs, "patient").await, "there is no paper");
    assert!(runs.cancel("patient").await.unwrap());
    let ended = runs.outcome("patient").await.unwrap();
    assert_eq!(ended.outcome.to_string(), "rolled back: cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_that_nobody_can_read_harms_no_run() {
    let server = Server::shared().await;
    let (runs, _worker) = bookshop(&server, "unread").await;
    let others = Runs::<shops::before::Node, u32>::new(server.client().await, "unread");
    others.start_at("unread", ORDERED, &42).await.unwrap();
    let why = held_up(&runs, "unread").await;
    assert!(why.starts_with("the context of run `unread` at n2: it is not what this program knows"), "{why}");
    let unread = runs.show("unread").await.unwrap_err();
    assert!(matches!(&unread, Error::Context { run, .. } if run == "unread"), "{unread}");
    runs.start_at("read", ORDERED, &shops::Book::default()).await.unwrap();
    assert!(runs.outcome("read").await.unwrap().outcome.is_completed(), "others go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_is_left_behind() {
    let server = Server::shared().await;
    let runs = Runs::<mill::drawing::Node, mill::Grain>::new(server.client().await, "mill");
    let worker = runs.worker(mill::MILL.runner());
    let _worker = tokio::spawn(async move { worker.run().await });
    runs.start("long", &mill::Grain { rounds: 40, sent: 0 }).await.unwrap();
    let ended = runs.outcome("long").await.unwrap();
    assert_eq!(ended.outcome.to_string(), "completed at FlourReady");
    assert_eq!(ended.path.len(), 2 * 40 + 2);
    let messages = runs.messages("long").await.unwrap();
    assert_eq!(messages.len(), 40, "also those that were sent before");
    assert_eq!((messages[0].as_str(), messages[39].as_str()), ("long/n2/1/n5", "long/n2/40/n5"));
}
