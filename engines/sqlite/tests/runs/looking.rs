use std::time::{Duration, SystemTime};

use flowgen::report::Status;
use flowgen_sqlite::{Error, ListRuns};
use serde_json::json;
use tempfile::TempDir;

use crate::shop::{Order, Seller, open};

#[tokio::test]
async fn what_is_stuck_is_listed_first_then_what_goes_on() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for id in ["sold-1", "sold-2"] {
        let _ = runs.start(id, Order::default()).await.unwrap();
        let _ = runs.outcome(id).await.unwrap();
    }
    let _ = runs.start("stuck", Order::faulty(&["n3", "n5"])).await.unwrap();
    let _ = runs.outcome("stuck").await.unwrap();
    let _ = runs.start("rolled-back", Order::faulty(&["n3"])).await.unwrap();
    let _ = runs.outcome("rolled-back").await.unwrap();
    let _ = runs.start("running", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("running/n3/1 #1").await;
    let listed = async |list| {
        let listed = runs.list(list).await.unwrap();
        listed.into_iter().map(|run| format!("{} {}", run.run, run.status)).collect::<Vec<_>>()
    };
    let all =
        ["stuck stuck", "running running", "rolled-back rolled back", "sold-2 completed", "sold-1 completed"];
    assert_eq!(listed(ListRuns::all()).await, all);
    for (status, count) in
        [(Status::Stuck, 1), (Status::Running, 1), (Status::Completed, 2), (Status::Failed, 0)]
    {
        assert_eq!(runs.count(status).await.unwrap(), count, "{status}");
    }
    let completed = ListRuns::with_statuses([Status::Completed]).limit(1);
    assert_eq!(listed(completed.clone()).await, ["sold-2 completed"]);
    let last = runs.list(completed.clone()).await.unwrap()[0].seq;
    assert_eq!(listed(completed.before(last)).await, ["sold-1 completed"]);
    assert_eq!(listed(ListRuns::with_statuses([Status::Failed, Status::RollingBack])).await, [""; 0]);
}

#[tokio::test]
async fn a_run_is_shown_as_it_stands() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    let mut shown = serde_json::to_value(runs.show("a").await.unwrap()).unwrap();
    let started = shown["started"].take();
    assert!(started.as_str().unwrap().ends_with('Z'), "{started}");
    shown["changed"].take();
    assert_eq!(
        shown,
        json!({
            "run": "a", "status": "running", "cancelled": false, "started": null, "changed": null, "seq": 1,
            "context_version": 1,
            "report": {
                "run": "a", "status": "running", "summary": "running",
                "at": [{ "node": "n3", "label": "Pay", "lane": "Shop", "visit": 1, "attempt": 1 }],
                "path": [
                    { "node": "n1", "label": "Ordered", "lane": "Shop", "visit": 1 },
                    { "node": "n2", "label": "Reserve goods", "lane": "Shop", "visit": 1 },
                ],
                "pending_undos": [{ "node": "n2", "label": "Reserve goods", "lane": "Shop", "visit": 1 }],
                "undone": [], "stuck": [], "faults": [],
            },
            "context": { "faults": [], "waits": ["n3"], "done": ["a/n2/1"] },
        })
    );
}

#[tokio::test]
async fn what_is_old_is_deleted_unless_somebody_has_to_see_to_it() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let before = SystemTime::now();
    for id in ["stuck", "sold", "rolled-back"] {
        let faults: &[&str] = match id {
            "stuck" => &["n3", "n5"],
            "rolled-back" => &["n3"],
            _ => &[],
        };
        let _ = runs.start(id, Order::faulty(faults)).await.unwrap();
        let _ = runs.outcome(id).await.unwrap();
    }
    let _ = runs.start("running", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("running/n3/1 #1").await;
    assert_eq!(runs.delete_ended_before(before).await.unwrap(), 0);
    let later = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(runs.delete_ended_before(later).await.unwrap(), 2);
    let left = runs.list(ListRuns::all()).await.unwrap();
    assert_eq!(left.iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["stuck", "running"]);
    assert!(matches!(runs.show("sold").await, Err(Error::Unknown { .. })));
    seller.open();
    assert!(runs.outcome("running").await.unwrap().is_completed());
}

#[tokio::test]
async fn more_is_deleted_than_fits_into_one_transaction() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let started: Vec<_> = (0..450).map(|n| runs.start(n.to_string(), Order::default())).collect();
    for started in started {
        let _ = started.await.unwrap();
    }
    for n in 0..450 {
        let _ = runs.outcome(&n.to_string()).await.unwrap();
    }
    let later = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(runs.delete_ended_before(later).await.unwrap(), 450);
    assert!(runs.list(ListRuns::all()).await.unwrap().is_empty());
}
