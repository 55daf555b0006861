//! The balancer, the controller, or the file of the releases is away for a while: releases wait, say so, and go on.

mod stage;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use flowgen::report::Status;
use stage::{LONG, Stage, staged, staged_without_users};

use blue_green::controller::View;
use blue_green::words::Wait;

/// Waits until a release shows that it waits for this.
async fn until_waiting(stage: &Stage, id: &str, is_it: impl Fn(&Wait) -> bool) -> View {
    let began = Instant::now();
    loop {
        let view = stage.controller.show(id).await.unwrap();
        if view.waiting.as_ref().is_some_and(&is_it) {
            return view;
        }
        assert!(!view.status.is_over() && began.elapsed() < LONG, "it does not wait: {view}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn for_balancer(wait: &Wait) -> bool {
    matches!(wait, Wait::Balancer(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_waits_for_its_balancer_and_continues() {
    let mut stage = staged(&[("WATCH__FOR_MS", "2000")]).await;
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    stage.site.kill_balancer();
    let view = until_waiting(&stage, "1.1.0", for_balancer).await;
    assert!(view.to_string().contains("waiting  the balancer at http://"), "{view}");
    assert_eq!(view.status, Status::Running, "{view}");
    let (old, new) = (view.release.old.unwrap(), view.release.new.unwrap());
    // Much longer than a step is retried.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(old.process.runs().unwrap() && new.process.runs().unwrap(), "a version that may serve was ended");
    stage.site.start_balancer().unwrap();
    let view = stage.through("1.1.0").await;
    assert_eq!((view.status, &view.waiting), (Status::Completed, &None), "{view}");
    stage.assert_serves_alone("1.1.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abort_without_the_balancer_holds() {
    for restart in [false, true] {
        let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
        stage.begin("1.1.0").await;
        stage.until_at("1.1.0", "Watch new version").await;
        stage.site.kill_balancer();
        until_waiting(&stage, "1.1.0", for_balancer).await;
        stage.controller.tell("1.1.0", "abort").await.unwrap();
        if restart {
            stage.site.start_controller().unwrap();
        }
        let began = Instant::now();
        loop {
            let view = until_waiting(&stage, "1.1.0", for_balancer).await;
            if view.status == Status::RollingBack {
                break;
            }
            assert!(began.elapsed() < LONG, "it is not rolled back: {view}");
        }
        stage.site.start_balancer().unwrap();
        assert_eq!(stage.through("1.1.0").await.status, Status::RolledBack);
        stage.assert_serves_alone("1.0.0").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_without_the_balancer_holds() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    stage.site.kill_balancer();
    until_waiting(&stage, "1.1.0", for_balancer).await;
    let told = tokio::spawn({
        let controller = stage.controller.clone();
        async move { controller.tell("1.1.0", "promote").await.unwrap() }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.site.start_balancer().unwrap();
    told.await.unwrap();
    assert_eq!(stage.through("1.1.0").await.status, Status::Completed);
    stage.assert_serves_alone("1.1.0").await;
}

/// Another connection locks the file for longer than the engine waits for it, as a disk that is full does.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_cannot_be_saved_continues_when_it_can() {
    for abort in [false, true] {
        let stage = staged(&[("WATCH__FOR_MS", "2000"), ("WATCH__PATIENCE_MS", "60000")]).await;
        stage.begin("1.1.0").await;
        stage.until_at("1.1.0", "Watch new version").await;
        let file = rusqlite::Connection::open(stage.site.folder().join("releases.db")).unwrap();
        file.execute_batch("BEGIN IMMEDIATE").unwrap();
        let is_for_store = |wait: &Wait| matches!(wait, Wait::Store(_));
        let view = until_waiting(&stage, "1.1.0", is_for_store).await;
        assert!(view.to_string().contains("waiting  the release cannot be saved: "), "{view}");
        let ready = format!("http://{}/ready", stage.site.operators());
        assert_eq!(reqwest::get(&ready).await.unwrap().status(), 503);
        // An abort that can't be saved is refused, and one that is accepted holds.
        if abort {
            let refused = stage.controller.tell("1.1.0", "abort").await;
            assert!(refused.is_err(), "{refused:?}");
        }
        file.execute_batch("ROLLBACK").unwrap();
        if abort {
            stage.controller.tell("1.1.0", "abort").await.unwrap();
        }
        let view = stage.through("1.1.0").await;
        let status = if abort { Status::RolledBack } else { Status::Completed };
        assert_eq!((view.status, &view.waiting), (status, &None), "{view}");
        assert_eq!(reqwest::get(&ready).await.unwrap().status(), 200);
        stage.assert_serves_alone(if abort { "1.0.0" } else { "1.1.0" }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_waits_for_a_controller_that_is_started_again() {
    let mut stage = staged(&[("WATCH__FOR_MS", "1000")]).await;
    for (version, is_good) in [("1.1.0", true), ("1.2.0-errors", false)] {
        let mut command = stage.site.command(&["release", version, "--id", version]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        stage.until_begun(version).await;
        stage.site.start_controller().unwrap();
        let output = tokio::task::spawn_blocking(|| command.wait_with_output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.success(), is_good, "{said}");
        assert!(said.starts_with(version), "{said}");
    }
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_is_no_panic() {
    let stage = staged_without_users(&[]).await;
    for arguments in [&["status"][..], &["status", "1.0.0"], &["release", "1.1.0", "--skip-watch"]] {
        let mut command = stage.site.command(arguments);
        let mut command = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `| head -0` does.
        drop(command.stdout.take());
        let output = tokio::task::spawn_blocking(move || {
            let errors: Vec<_> =
                BufReader::new(command.stderr.take().unwrap()).lines().map_while(Result::ok).collect();
            (command.wait().unwrap(), errors)
        });
        let (status, errors) = output.await.unwrap();
        assert!(status.success() && errors.is_empty(), "{arguments:?}: {status}, {errors:?}");
    }
}
