//! The controller is killed at every step, before it and after it, and goes on when it comes up again:
//! nothing is done twice, nothing is left running, and users notice nothing.

mod stage;
mod wrapped;

use std::os::unix::process::ExitStatusExt as _;

use flowgen::Node as _;
use flowgen::report::Status;
use stage::{LONG, PROGRAM, Stage, staged};
use wrapped::{Wrapped, Wrong, nodes, reverts};

use blue_green::controller::{Releases, flow};
use blue_green::drawing::Node;
use blue_green::service::settings::load;
use blue_green::settings::{App, Settings};
use blue_green::words::Words;

/// Which release, at which node, and how.
const VERSION: &str = "KILLED_VERSION";
const AT: &str = "KILLED_AT";
const HOW: &str = "KILLED_HOW";

/// Not a test of its own: the controller that is killed, in a process of its own.
#[tokio::test]
async fn the_controller_that_is_killed() {
    let (Ok(version), Ok(at), Ok(how)) = (std::env::var(VERSION), std::env::var(AT), std::env::var(HOW))
    else {
        return;
    };
    let mut settings: Settings = load(None).unwrap();
    settings.app.command = App::served_by(PROGRAM.as_ref(), None);
    let words = Words::default();
    let wrong = if how == "before" { Wrong::KilledBefore } else { Wrong::KilledAfter };
    let flow = Wrapped { flow: flow(&settings, &words).unwrap(), at: Node::find(&at).unwrap(), wrong };
    let releases = Releases::open(&settings, flow, words).await.unwrap();
    releases.begin(&version, &version).await.unwrap();
    let _ = releases.through(&version).await.unwrap();
}

/// Begins a release with a controller that is killed at a node.
async fn killed(stage: &mut Stage, version: &str, at: Node, how: &str) {
    stage.site.kill_controller();
    let site = stage.site.command(&[]);
    let variables = site.get_envs().filter_map(|(key, value)| Some((key, value?)));
    let mut controller = tokio::process::Command::new(std::env::current_exe().unwrap());
    controller
        .args(["the_controller_that_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .envs(variables)
        .env(VERSION, version)
        .env(AT, at.spec().id)
        .env(HOW, how)
        .kill_on_drop(true);
    let ended = tokio::time::timeout(LONG, controller.output()).await.expect("it is not killed").unwrap();
    assert_eq!(ended.status.signal(), Some(9), "{how} `{}`: {ended:?}", at.spec().label);
    stage.site.start_controller().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_continues_after_kills() {
    let mut stage = staged(&[]).await;
    for (number, node) in nodes().filter(|&node| !reverts(node)).enumerate() {
        for how in ["before", "after"] {
            let version = format!("1.{}.{}", number + 1, how.len());
            killed(&mut stage, &version, node, how).await;
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
            killed(&mut stage, &version, node, how).await;
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
