//! Every way that a release can go, with users that ask all the time.

mod stage;

use std::time::{Duration, Instant};

use flowgen::report::Status;
use reqwest::StatusCode;
use stage::{LONG, Stage, staged, staged_without_users};

use blue_green::controller::{ClientError, View};

/// The release was reverted for this reason, and the old version serves alone.
async fn assert_reverted(stage: &Stage, view: &View, why: &str) {
    assert_eq!(view.status, Status::RolledBack, "{view}");
    let objection = view.release.objection.as_deref().unwrap_or_default();
    assert!(objection.contains(why), "{view}");
    let entry = stage.journal(&view.id).unwrap();
    assert_eq!((entry.serves, entry.why.as_deref()), (false, Some(objection)));
    stage.assert_serves_alone("1.0.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_version_serves() {
    let mut stage = staged(&[]).await;
    let old = stage.standing().await.live.instance.unwrap();
    let view = stage.release("1.1.0").await;
    assert_eq!(view.status, Status::Completed, "{view}");
    assert_eq!(view.afterwards, ["completed at `Old version stopped`"], "{view}");
    assert!(!old.process.runs().unwrap());
    stage.assert_serves_alone("1.1.0").await;
    assert!(stage.journal("1.1.0").unwrap().serves);
    // And back to the first colour.
    let view = stage.release("1.2.0").await;
    assert_eq!(view.status, Status::Completed, "{view}");
    assert_eq!(view.release.new.unwrap().colour, old.colour);
    stage.assert_serves_alone("1.2.0").await;
    let seen = stage.users_leave().await;
    assert_eq!(seen.errors(), 0, "{seen}");
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        assert!(seen.of(version) >= 30, "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_fails_a_smoke_test_serves_no_user() {
    let mut stage = staged(&[]).await;
    let view = stage.release("1.1.0-wrong").await;
    assert_reverted(&stage, &view, "smoke test /greeting: no `hello` in the answer").await;
    assert_eq!(view.undone, ["Start new version"], "{view}");
    let seen = stage.users_leave().await;
    assert_eq!((seen.of("1.1.0-wrong"), seen.errors()), (0, 0), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_never_gets_ready_serves_no_user() {
    let mut stage = staged(&[("GATE__READY_MS", "300")]).await;
    let view = stage.release("1.1.0-unready").await;
    assert_reverted(&stage, &view, "does not get ready within 300ms").await;
    let seen = stage.users_leave().await;
    assert_eq!((seen.of("1.1.0-unready"), seen.errors()), (0, 0), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_turns_bad_is_reverted() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    let view = stage.release("1.1.0-errors").await;
    assert_reverted(&stage, &view, "errors: ").await;
    assert_eq!(view.undone, ["Drain old version", "Switch traffic", "Start new version"], "{view}");
    let before = stage.seen();
    stage.until_answered("1.0.0", 100).await;
    let seen = stage.users_leave().await;
    assert!(seen.errors() > 0, "{seen}");
    assert_eq!(seen.answers.get(&("1.0.0".to_owned(), 500)), None, "{seen}");
    assert_eq!(seen.errors(), before.errors(), "errors after the release was reverted: {seen}");
}

/// It has passed the smoke test, and then has no greeting any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_answers_404_is_reverted() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    let view = stage.release("1.1.0-missing").await;
    assert_reverted(&stage, &view, "client errors: ").await;
    let seen = stage.users_leave().await;
    assert!(seen.answers.contains_key(&("1.1.0-missing".to_owned(), 404)), "{seen}");
}

/// One answer in a hundred is an error, before and after: two versions with such errors take turns.
#[tokio::test(flavor = "multi_thread")]
async fn errors_that_were_there_before_revert_nothing() {
    let mut stage = staged(&[("WATCH__FOR_MS", "2000"), ("WATCH__SAMPLE", "100")]).await;
    for version in ["1.1.0-flaky", "1.2.0-flaky", "1.3.0-flaky"] {
        let view = stage.release(version).await;
        assert_eq!(view.status, Status::Completed, "{view}");
        stage.until_answered(version, 200).await;
    }
    let seen = stage.users_leave().await;
    assert!(seen.errors() > 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_turns_slow_is_reverted() {
    let settings = [("WATCH__FOR_MS", "60000"), ("WATCH__LATENCY_SLACK_MS", "300"), ("WATCH__SAMPLE", "10")];
    let mut stage = staged(&settings).await;
    let view = stage.release("1.1.0-slow").await;
    assert_reverted(&stage, &view, "latency: 95 of 100 requests within ").await;
    let seen = stage.users_leave().await;
    assert_eq!(seen.errors(), 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_figures_of_the_old_version_nothing_is_switched() {
    let stage = staged_without_users(&[("WATCH__PATIENCE_MS", "300")]).await;
    for (version, word, status) in
        [("1.1.0", "abort", Status::RolledBack), ("1.2.0", "promote", Status::Completed)]
    {
        stage.begin(version).await;
        let paused = stage.until_paused(version).await;
        let why =
            "paused   too few figures: 0 requests to the old version in 300 ms, 30 are wanted; promote or";
        assert!(paused.to_string().contains(why), "{paused}");
        assert_eq!(stage.standing().await.live.instance.unwrap().version, "1.0.0");
        stage.controller.tell(version, word).await.unwrap();
        let view = stage.through(version).await;
        assert_eq!((view.status, &view.waiting), (status, &None), "{view}");
    }
    stage.assert_serves_alone("1.2.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_figures_of_the_new_version_an_operator_decides() {
    for (word, serves) in [("abort", "1.0.0"), ("promote", "1.1.0")] {
        let mut stage = staged(&[("WATCH__FOR_MS", "60000"), ("WATCH__PATIENCE_MS", "3000")]).await;
        stage.begin("1.1.0").await;
        stage.until_at("1.1.0", "Watch new version").await;
        stage.users_leave().await;
        let paused = stage.until_paused("1.1.0").await;
        let why = "requests to the new version in 3000 ms, 30 are wanted; promote or abort it";
        assert!(paused.to_string().contains(why), "{paused}");
        // A controller that is started again is paused, too.
        stage.site.start_controller().unwrap();
        stage.controller = blue_green::controller::Client::new(stage.site.operators());
        stage.until_paused("1.1.0").await;
        stage.controller.tell("1.1.0", word).await.unwrap();
        stage.through("1.1.0").await;
        stage.assert_serves_alone(serves).await;
    }
}

/// No release is under way, and the version that serves dies: the controller starts it again, each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_died_is_started_again() {
    let stage = staged_without_users(&[]).await;
    for _ in 0..2 {
        let dead = stage.standing().await.live.instance.unwrap();
        dead.process.kill().unwrap();
        let began = Instant::now();
        while stage.standing().await.is_live(&dead) {
            assert!(began.elapsed() < LONG, "it is not started again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stage.assert_serves_alone("1.0.0").await;
    }
    // Releases go on as ever.
    let view = stage.controller.release_skipping_watch("1.1.0", Some("1.1.0")).await.unwrap();
    assert_eq!(stage.through(&view.id).await.status, Status::Completed);
    stage.assert_serves_alone("1.1.0").await;
}

/// The old version has died: no user is served until a release gets through.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_version_is_replaced_without_figures() {
    let stage = staged_without_users(&[("APP__RESTART", "false")]).await;
    stage.standing().await.live.instance.unwrap().process.kill().unwrap();
    stage.until_balancer_is_ready(false).await;
    let view = stage.release("1.1.0").await;
    assert_eq!(view.status, Status::Completed, "{view}");
    assert!(view.release.not_compared.as_deref().is_some_and(|why| why.contains("is not ready")), "{view}");
    stage.assert_serves_alone("1.1.0").await;
    stage.until_balancer_is_ready(true).await;
    // A version that does not work does not take its place.
    stage.standing().await.live.instance.unwrap().process.kill().unwrap();
    assert_eq!(stage.release("1.2.0-wrong").await.status, Status::RolledBack);
    assert_eq!(stage.release("1.3.0").await.status, Status::Completed);
    stage.assert_serves_alone("1.3.0").await;
}

/// What only fails is nothing to compare with, neither its errors nor how long they take.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_only_fails_is_replaced_without_a_baseline() {
    let mut stage = staged(&[("WATCH__LATENCY_SLACK_MS", "1")]).await;
    stage.controller.release_skipping_watch("1.1.0-failing", Some("failing")).await.unwrap();
    assert_eq!(stage.through("failing").await.status, Status::Completed);
    stage.until_answered("1.1.0-failing", 100).await;
    let view = stage.release("1.2.0").await;
    assert_eq!(view.status, Status::Completed, "{view}");
    let why = view.release.not_compared.as_deref().unwrap_or_default();
    assert!(why.contains("has failed all of"), "{view}");
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_skips_the_watch() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    let begun = stage.controller.release_skipping_watch("1.1.0", Some("1.1.0")).await.unwrap();
    let view = stage.through(&begun.id).await;
    assert_eq!(view.status, Status::Completed, "{view}");
    assert!(view.to_string().contains("watch    skipped: an operator skips the watch"), "{view}");
    stage.assert_serves_alone("1.1.0").await;
    stage.controller.release_skipping_watch("1.2.0-wrong", Some("wrong")).await.unwrap();
    assert_eq!(stage.through("wrong").await.status, Status::RolledBack);
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_promotes_early() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    let view = stage.controller.tell("1.1.0", "promote").await.unwrap();
    assert_eq!(view.status, Status::Completed, "{view}");
    let view = stage.through("1.1.0").await;
    assert!(view.release.is_promoted, "{view}");
    stage.assert_serves_alone("1.1.0").await;
    let Err(ClientError::Refused(StatusCode::CONFLICT, why)) =
        stage.controller.tell("1.1.0", "promote").await
    else {
        panic!("a release that is over was promoted");
    };
    assert!(why.contains("is not being watched"), "{why}");
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_calls_a_release_off() {
    let mut stage =
        staged(&[("WATCH__FOR_MS", "600000"), ("WATCH__LOOK_MS", "120000"), ("GATE__READY_MS", "120000")])
            .await;
    for (version, at) in [("1.1.0", "Watch new version"), ("1.2.0-unready", "Await readiness")] {
        stage.begin(version).await;
        stage.until_at(version, at).await;
        let called_off = Instant::now();
        stage.controller.tell(version, "abort").await.unwrap();
        let view = stage.through(version).await;
        assert!(called_off.elapsed() < LONG / 2, "it waits for what the step waits for");
        assert_eq!((view.status, &*view.outcome), (Status::RolledBack, "rolled back: cancelled"), "{view}");
        stage.assert_serves_alone("1.0.0").await;
    }
    let again = stage.controller.tell("1.1.0", "abort").await;
    assert!(matches!(again, Err(ClientError::Refused(StatusCode::CONFLICT, _))), "{again:?}");
    let seen = stage.users_leave().await;
    assert_eq!(seen.errors(), 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_requests_are_answered_by_the_version_that_received_them() {
    let mut stage = staged(&[("DRAIN_MS", "100"), ("APP__STOP_MS", "60000")]).await;
    let slow = format!("http://{}/greeting?after_ms=3000", stage.site.users());
    let asked: Vec<_> = (0..4).map(|_| tokio::spawn(reqwest::get(slow.clone()))).collect();
    let began = Instant::now();
    let is_asked = async || stage.standing().await.backends[0].in_flight >= asked.len();
    while !is_asked().await {
        assert!(began.elapsed() < LONG);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let view = stage.release("1.1.0").await;
    assert_eq!(view.status, Status::Completed, "{view}");
    for answer in asked {
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["x-version"], "1.0.0");
    }
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_that_died_is_started_again_to_go_back_to() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    let old = stage.controller.show("1.1.0").await.unwrap().release.old.unwrap();
    old.process.kill().unwrap();
    stage.controller.tell("1.1.0", "abort").await.unwrap();
    let view = stage.through("1.1.0").await;
    assert_eq!(view.status, Status::RolledBack, "{view}");
    stage.assert_serves_alone("1.0.0").await;
    assert_ne!(view.release.old.unwrap().id, old.id);
    // The one that was started again is one like any other.
    assert_eq!(stage.release("1.2.0-wrong").await.status, Status::RolledBack);
    stage.assert_serves_alone("1.0.0").await;
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_does_not_end_is_killed() {
    let mut stage = staged(&[("APP__STOP_MS", "300"), ("DRAIN_MS", "200")]).await;
    assert_eq!(stage.release("1.1.0-endless").await.status, Status::Completed);
    let view = stage.release("1.2.0").await;
    assert_eq!(view.afterwards, ["completed at `Old version stopped`"], "{view}");
    stage.assert_serves_alone("1.2.0").await;
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_release_at_a_time() {
    let mut stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    stage.begin("1.1.0").await;
    let other = stage.controller.release("1.2.0", Some("1.2.0")).await;
    let Err(ClientError::Refused(StatusCode::CONFLICT, why)) = other else { panic!("{other:?}") };
    assert!(why.contains("`1.1.0` is not over yet"), "{why}");
    // The same one again is that one.
    let again = stage.controller.release("1.1.0", Some("1.1.0")).await.unwrap();
    assert_eq!(again.id, "1.1.0");
    stage.until_at("1.1.0", "Watch new version").await;
    stage.controller.tell("1.1.0", "promote").await.unwrap();
    stage.through("1.1.0").await;
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balancer_that_was_killed_sends_requests_where_it_did() {
    let mut stage = staged_without_users(&[]).await;
    let before = stage.standing().await.live;
    stage.site.start_balancer().unwrap();
    assert_eq!(stage.standing().await.live, before);
    stage.assert_serves_alone("1.0.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balancer_that_is_started_again_does_not_revert_a_good_version() {
    let mut stage = staged(&[("WATCH__FOR_MS", "3000"), ("RETRY__FIRST_MS", "1000")]).await;
    for version in ["1.1.0", "1.2.0"] {
        stage.begin(version).await;
        stage.until_at(version, "Watch new version").await;
        stage.until_answered(version, 100).await;
        stage.site.start_balancer().unwrap();
        let view = stage.through(version).await;
        assert_eq!(view.status, Status::Completed, "{view}");
        stage.assert_serves_alone(version).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_controller_does_no_harm() {
    let mut stage = staged(&[]).await;
    stage.site.kill_controller();
    stage.until_answered("1.0.0", 50).await;
    stage.site.start_controller().unwrap();
    assert_eq!(stage.release("1.1.0").await.status, Status::Completed);
    stage.users_leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_none_are_refused() {
    let stage = staged_without_users(&[]).await;
    for version in ["", "../../bin/sh", "-rf", "a b", &"1".repeat(65)] {
        let refused = stage.controller.release(version, None).await;
        let Err(ClientError::Refused(StatusCode::UNPROCESSABLE_ENTITY, why)) = refused else {
            panic!("{version:?}: {refused:?}");
        };
        assert!(why.contains("`version` has to be"), "{why}");
    }
    let refused = stage.controller.release("1.1.0", Some("../1")).await;
    assert!(matches!(refused, Err(ClientError::Refused(StatusCode::BAD_REQUEST, _))), "{refused:?}");
    let unknown = stage.controller.show("nobody").await;
    assert!(matches!(unknown, Err(ClientError::Refused(StatusCode::NOT_FOUND, _))), "{unknown:?}");
}
