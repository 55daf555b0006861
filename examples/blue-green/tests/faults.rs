//! Every step faults, before and after its effect. After each fault a version serves, and it is the old version
//! as long as the release is not done.

mod stage;
mod wrapped;

use flowgen::Node as _;
use flowgen::report::Status;
use stage::{LONG, PROGRAM, Stage, staged};
use wrapped::{Wrapped, Wrong, nodes, reverts};

use blue_green::controller::{Releases, View, flow};
use blue_green::drawing::Node;
use blue_green::settings::{App, Controller, Retries, Settings, Watch};
use blue_green::words::Words;

/// Releases a version with a flow that faults at one node, in this process.
async fn release(stage: &mut Stage, version: &str, at: Node, wrong: Wrong) -> View {
    stage.site.kill_controller();
    let mut settings = Settings {
        folder: stage.site.folder().to_owned(),
        app: App { command: App::served_by(PROGRAM.as_ref(), None), start_ms: 60_000, ..App::default() },
        controller: Controller { answer_ms: 20_000, ..Controller::default() },
        watch: Watch {
            for_ms: 100,
            look_ms: 50,
            sample: 30,
            patience_ms: 60_000,
            latency_slack_ms: 20_000,
            ..Watch::default()
        },
        retry: Retries { times: 0, first_ms: 1 },
        ..Settings::default()
    };
    settings.balancer.admin = stage.site.admin();
    if version.ends_with("-errors") {
        settings.watch.for_ms = 60_000;
    }
    let words = Words::default();
    let flow = Wrapped { flow: flow(&settings, &words).unwrap(), at, wrong };
    let releases = Releases::open(&settings, flow, words).await.unwrap();
    releases.begin(version, version).await.unwrap();
    let view = tokio::time::timeout(LONG, releases.through(version)).await.expect("it does not end").unwrap();
    releases.close(LONG).await;
    view
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_on_the_way_leaves_the_old_version_serving() {
    let mut stage = staged(&[]).await;
    let forward = nodes().filter(|&node| !reverts(node) && node != Node::StopOldVersion);
    for (number, node) in forward.enumerate() {
        for wrong in [Wrong::FaultBefore, Wrong::FaultAfter] {
            let (label, version) = (node.spec().label, format!("1.{number}.{}", wrong as u8));
            let view = release(&mut stage, &version, node, wrong).await;
            assert_eq!(view.status, Status::RolledBack, "{wrong:?} at `{label}`: {view}");
            assert!(view.outcome.contains(label), "{view}");
            assert!(!stage.journal(&version).unwrap().serves, "{view}");
            stage.assert_serves_alone("1.0.0").await;
        }
    }
    let seen = stage.users_leave().await;
    assert_eq!(seen.errors(), 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_that_cannot_be_stopped_does_no_harm() {
    let mut stage = staged(&[]).await;
    let view = release(&mut stage, "1.1.0", Node::StopOldVersion, Wrong::FaultBefore).await;
    assert_eq!(view.status, Status::Completed, "{view}");
    assert!(view.afterwards[0].contains("`Stop old version` faulted"), "{view}");
    assert_eq!(stage.standing().await.live.instance.unwrap().version, "1.1.0");
    // It is in the way of the next release, which ends it.
    stage.site.start_controller().unwrap();
    let view = stage.controller.release("1.2.0", Some("1.2.0")).await.unwrap();
    assert_eq!(stage.through(&view.id).await.status, Status::Completed, "{view}");
    stage.assert_serves_alone("1.2.0").await;
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_a_report_does_not_stop_a_rollback() {
    let mut stage = staged(&[]).await;
    for node in [Node::RevertRelease, Node::ReportFailure] {
        let version = format!("1.1.{}-errors", node.index());
        let view = release(&mut stage, &version, node, Wrong::FaultBefore).await;
        assert_eq!(view.status, Status::RolledBack, "{view}");
        stage.assert_serves_alone("1.0.0").await;
    }
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_undo_is_stuck_until_it_is_retried() {
    for wrong in [Wrong::FaultBefore, Wrong::FaultAfter] {
        let mut stage = staged(&[]).await;
        for (node, serving) in [
            (Node::BringBackOldVersion, "1.0.0"),
            // Who serves is not ended: two steps stay owed.
            (Node::SwitchBack, if wrong == Wrong::FaultBefore { "1.1.1-errors" } else { "1.0.0" }),
            (Node::StopNewVersion, "1.0.0"),
        ] {
            let version = if node == Node::SwitchBack {
                "1.1.1-errors"
            } else {
                &format!("1.2.{}-errors", node.index())
            };
            let view = release(&mut stage, version, node, wrong).await;
            assert_eq!(view.status, Status::Stuck, "{wrong:?} at `{}`: {view}", node.spec().label);
            assert_eq!(stage.standing().await.live.instance.unwrap().version, serving, "{view}");
            // A controller without that fault.
            stage.site.start_controller().unwrap();
            let other = stage.controller.release("9.9.9", None).await.unwrap_err();
            assert!(other.to_string().contains("is not over yet"), "{other}");
            stage.controller.tell(version, "retry").await.unwrap();
            let view = stage.through(version).await;
            assert_eq!(view.status, Status::RolledBack, "{view}");
            stage.assert_serves_alone("1.0.0").await;
        }
        stage.users_leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_undo_is_resolved_by_hand() {
    let mut stage = staged(&[]).await;
    let view = release(&mut stage, "1.1.0-errors", Node::StopNewVersion, Wrong::FaultBefore).await;
    assert_eq!(view.status, Status::Stuck, "{view}");
    let [owed] = &view.owed[..] else { panic!("{view}") };
    let new = view.release.new.clone().unwrap();
    new.process.kill().unwrap();
    stage.site.start_controller().unwrap();
    let by_hand = format!("owed/{}/{}/resolve", owed.step, owed.nth);
    let view = stage.controller.tell("1.1.0-errors", &by_hand).await.unwrap();
    assert_eq!(view.status, Status::RolledBack, "{view}");
    stage.controller.tell("1.1.0-errors", &by_hand).await.unwrap_err();
    stage.users_leave().await;
}
