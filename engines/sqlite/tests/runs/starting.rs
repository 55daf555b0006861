use flowgen::report::Status;
use flowgen_sqlite::{Error, ListRuns, Started};
use tempfile::TempDir;

use crate::shop::flow::{End, Node};
use crate::shop::{Order, Seller, open};

#[tokio::test]
async fn a_run_goes_to_its_end_and_stays_in_the_file() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.start("a", Order::default()).await.unwrap(), Started::New);
    assert!(runs.outcome("a").await.unwrap().is_completed_at(End::Sold));
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    let ended = runs.ended("a").await.unwrap();
    assert!(ended.outcome.is_completed_at(End::Sold));
    assert_eq!(ended.path_text(), "Ordered → Reserve goods → Pay → Sold");
    assert_eq!(ended.cx.done, ["a/n2/1", "a/n3/1"]);
}

#[tokio::test]
async fn started_twice_it_is_one_run_whatever_the_second_wants() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.start("a", Order::default()).await.unwrap(), Started::New);
    assert_eq!(runs.start("a", Order::faulty(&["n3"])).await.unwrap(), Started::Existing);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(runs.start_at(Node::Asked, "a", Order::default()).await.unwrap(), Started::Existing);
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.start("a", Order::faulty(&["n3"])).await.unwrap(), Started::Existing);
    assert_eq!(seller.begun().len(), 2, "{:?}", seller.begun());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_start_it_at_once_one_does() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let starting: Vec<_> = (0..50)
        .map(|_| {
            let runs = runs.clone();
            tokio::spawn(async move { runs.start("a", Order::default()).await.unwrap() })
        })
        .collect();
    let mut anew = 0;
    for started in starting {
        anew += usize::from(started.await.unwrap() == Started::New);
    }
    assert_eq!(anew, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(seller.begun(), ["a/n2/1 #1", "a/n3/1 #1"]);
}

#[tokio::test]
async fn a_message_is_a_run_of_its_own_and_says_who_sent_it() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start_at(Node::Asked, "a", Order::waiting(&["n9"])).await.unwrap();
    assert!(runs.outcome("a").await.unwrap().is_completed_at(End::Answered), "nobody waits for it");
    seller.begins("a/n7/1/n9/n9/1 #1").await;
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    seller.open();
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    let ended = runs.ended("a").await.unwrap();
    assert_eq!(ended.messages.len(), 1);
    assert!(ended.messages[0].outcome.is_completed_at(End::MailWritten));
    assert_eq!(runs.show("a").await.unwrap().messages, ["a/n7/1/n9"]);
    let all = runs.list(ListRuns::with_statuses([Status::Completed])).await.unwrap();
    let senders: Vec<_> = all.iter().map(|run| (run.run.as_str(), run.sender.as_deref())).collect();
    assert_eq!(senders, [("a/n7/1/n9", Some("a")), ("a", None)]);
}

#[tokio::test]
async fn a_message_does_not_take_the_place_of_a_run() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a/n7/1/n9", Order::default()).await.unwrap();
    let _ = runs.start_at(Node::Asked, "a", Order::default()).await.unwrap();
    let error = runs.outcome("a").await.unwrap_err();
    assert!(
        matches!(&error, Error::MessageIdTaken { run, sender } if run == "a/n7/1/n9" && sender == "a"),
        "{error}"
    );
    assert!(runs.outcome("a/n7/1/n9").await.unwrap().is_completed_at(End::Sold), "no other is harmed");
    // Somebody sees to it, and the run goes on where it was.
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    assert_eq!(runs.delete_ended_before(later).await.unwrap(), 1);
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert_eq!(runs.ended("a").await.unwrap().messages.len(), 1);
}

#[tokio::test]
async fn a_run_that_is_not_there_and_one_that_nobody_resumed() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let unknown = |error: Error| assert_eq!(error.to_string(), "there is no run `b`");
    unknown(runs.outcome("b").await.unwrap_err());
    unknown(runs.show("b").await.unwrap_err());
    unknown(runs.cancel("b").await.unwrap_err());
    unknown(runs.retry("b").await.unwrap_err());
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    drop(runs);
    let runs = open(folder.path(), &seller).await;
    assert!(matches!(runs.outcome("a").await, Err(Error::NotResumed { run }) if run == "a"));
}
