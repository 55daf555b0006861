//! A file whose runs are deleted.

use std::fs;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::shop::{Order, Seller, open};

#[tokio::test]
async fn a_file_gets_smaller_when_runs_are_deleted() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    seller.open();
    let runs = open(folder.path(), &seller).await;
    // A context of a few pages, beside a table of many.
    let large = || Order { faults: vec!["x".repeat(20_000)], ..Order::default() };
    for run in 0..150 {
        let id = format!("run-{run}");
        let _ = runs.start(id.as_str(), large()).await.unwrap();
        let _ = runs.outcome(&id).await.unwrap();
    }
    let _ = runs.start("last", large()).await.unwrap();
    let _ = runs.outcome("last").await.unwrap();
    let kept = runs.show("last").await.unwrap();
    runs.shutdown(Duration::from_secs(1)).await;
    let size = || fs::metadata(folder.path().join("runs.db")).unwrap().len();
    let before = size();
    assert!(before > 150 * 20_000, "{before}");

    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("waits", Order::default()).await.unwrap();
    let _ = runs.outcome("waits").await.unwrap();
    let later = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(runs.delete_ended_before(later).await.unwrap(), 152);
    let _ = runs.start("last", large()).await.unwrap();
    let _ = runs.outcome("last").await.unwrap();
    assert_eq!(runs.show("last").await.unwrap().context, kept.context);
    assert!(runs.check().await.unwrap().is_empty());
    runs.delete("last").await.unwrap();
    runs.shutdown(Duration::from_secs(1)).await;
    assert!(size() < before / 40, "{} of {before}", size());
}
