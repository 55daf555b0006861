//! The controller is killed at every step, before it and after it, and goes on when it comes up again:
//! nothing is done twice, nothing is left running, and users notice nothing.

mod killed;
mod stage;
mod wrapped;

use flowgen::Node as _;
use flowgen::report::Status;
use stage::staged;
use wrapped::{nodes, reverts};

use blue_green::drawing::Node;

/// Not a test of its own: the controller that is killed, in a process of its own.
#[tokio::test]
async fn the_controller_that_is_killed() {
    killed::controller().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_continues_after_kills() {
    let mut stage = staged(&[]).await;
    for (number, node) in nodes().filter(|&node| !reverts(node)).enumerate() {
        for how in ["before", "after"] {
            let version = format!("1.{}.{}", number + 1, how.len());
            killed::at_node(&mut stage, &version, node, how).await;
            let view = stage.through(&version).await;
            assert_eq!(view.status, Status::Completed, "{how} `{}`: {view}", node.spec().label);
            assert_eq!(view.afterwards, ["completed at `Old version stopped`"], "{view}");
            assert!(stage.journal(&version).unwrap().serves);
            stage.assert_serves_alone(&version).await;
        }
    }
    let seen = stage.users_leave().await;
    assert_eq!(seen.errors(), 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reverted_release_continues_after_kills() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    // Also on the way forward: whatever comes of it, the version is not to serve in the end.
    for (number, node) in nodes().filter(|&node| reverts(node) || node == Node::WatchNewVersion).enumerate() {
        for how in ["before", "after"] {
            let version = format!("1.{}.{}-errors", number + 1, how.len());
            killed::at_node(&mut stage, &version, node, how).await;
            let view = stage.through(&version).await;
            assert_eq!(view.status, Status::RolledBack, "{how} `{}`: {view}", node.spec().label);
            assert_eq!(view.undone.len(), 3, "{view}");
            assert!(!stage.journal(&version).unwrap().serves);
            stage.assert_serves_alone("1.0.0").await;
        }
    }
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_is_called_off_stays_so() {
    let mut stage = staged(&[("WATCH__FOR_MS", "600000"), ("WATCH__LOOK_MS", "600000")]).await;
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    stage.controller.tell("1.1.0", "abort").await.unwrap();
    stage.site.start_controller().unwrap();
    let view = stage.through("1.1.0").await;
    assert_eq!(view.status, Status::RolledBack, "{view}");
    stage.assert_serves_alone("1.0.0").await;
    stage.users_leave().await;
}
