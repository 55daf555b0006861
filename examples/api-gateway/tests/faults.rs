//! Backends that are dead, slow, ill, or break off.

mod world;

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use world::{ROUTES, Settings, World, problem, until};

const FAULTS: &str = r#"
[routes.dead]
path = "/dead/{*rest}"
backend = "dead"
public = true

[routes.quick]
path = "/quick/{*rest}"
methods = ["GET", "POST", "PUT", "DELETE"]
backend = "one"
public = true
timeout_ms = 100
retries = 1

[routes.patient]
path = "/patient/{*rest}"
methods = ["POST"]
backend = "one"
public = true
timeout_ms = 4000

[routes.open]
path = "/open/{*rest}"
methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
backend = "one"
public = true
retries = 2
"#;

async fn send(world: &World, method: Method, path: &str) -> reqwest::Response {
    world.client.request(method, world.url(path)).send().await.unwrap()
}

#[tokio::test]
async fn a_dead_backend_is_a_bad_gateway() {
    let world = World::with(FAULTS, |_| {}).await;
    let detail = problem(send(&world, Method::GET, "/dead/a").await, 502).await;
    assert!(detail.contains("`dead` can't be reached"), "{detail}");
    let breaker = world.breaker(world.dead).await;
    assert_eq!(breaker["failures"], 3, "it was tried three times: {breaker}");
}

#[tokio::test]
async fn a_slow_backend_is_not_waited_for() {
    let world = World::with(FAULTS, |_| {}).await;
    let detail = problem(send(&world, Method::GET, "/quick/slow").await, 504).await;
    assert!(detail.contains("100ms"), "{detail}");
    assert_eq!(world.one.count(), 2, "it was tried twice");
}

/// The client would send more, and the backend does not read it: that is the backend's.
#[tokio::test]
async fn a_backend_that_does_not_read_is_slow() {
    let world = World::with(FAULTS, |settings| settings.request.body_bytes = 100_000_000).await;
    let body = vec![b'x'; 20_000_000];
    let answer = world.client.post(world.url("/patient/unread")).body(body).send().await;
    // The gateway gives up while the client still sends, so that some clients see no answer.
    if let Ok(answer) = answer {
        problem(answer, 504).await;
    }
    let failures = async || world.breaker(world.one.address).await["failures"] == 1;
    until("it counts against the backend", failures).await;
}

#[tokio::test]
async fn transient_failures_are_retried() {
    let world = World::with(FAULTS, |_| {}).await;
    for status in [502, 503, 504] {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let before = world.one.count();
            world.one.fail(2, status);
            assert_eq!(send(&world, method.clone(), "/open/a").await.status(), 200, "{method} {status}");
            assert_eq!(world.one.count(), before + 3, "{method} {status}");
        }
    }
}

#[tokio::test]
async fn lasting_failures_are_returned() {
    let world = World::with(FAULTS, |_| {}).await;
    world.one.fail(3, 503);
    assert_eq!(send(&world, Method::GET, "/open/a").await.status(), 503, "it is the backend's own answer");
    assert_eq!(world.one.count(), 3);
    world.one.fail(1, 500);
    assert_eq!(send(&world, Method::GET, "/open/a").await.status(), 500, "this may happen again");
    assert_eq!(world.one.count(), 4);
}

/// Done twice, this may have two effects.
#[tokio::test]
async fn requests_that_are_not_idempotent_are_not_retried() {
    let world = World::with(FAULTS, |_| {}).await;
    world.one.fail(1, 503);
    assert_eq!(send(&world, Method::POST, "/open/a").await.status(), 503);
    assert_eq!(world.one.count(), 1);
    problem(send(&world, Method::POST, "/quick/slow").await, 504).await;
    assert_eq!(world.one.count(), 2);
}

/// Its body is gone: it was handed on as it came.
#[tokio::test]
async fn requests_with_a_body_are_not_retried() {
    let world = World::with(FAULTS, |_| {}).await;
    world.one.fail(1, 503);
    let answer = world.client.put(world.url("/open/a")).body("body").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(world.one.count(), 1);
}

#[tokio::test]
async fn retries_stay_within_their_budget() {
    let change = |settings: &mut Settings| {
        settings.retry.floor_per_second = 0;
        settings.retry.share = 0.2;
    };
    let world = World::with(FAULTS, change).await;
    world.one.fail(usize::MAX, 503);
    for _ in 0..100 {
        assert_eq!(send(&world, Method::GET, "/open/a").await.status(), 503);
    }
    let retries = world.one.count() - 100;
    assert!((1..=21).contains(&retries), "{retries} retries for 100 requests");
}

fn touchy(settings: &mut Settings) {
    settings.breaker.window = 10;
    settings.breaker.minimum_calls = 5;
    settings.breaker.open_ms = 300;
    settings.breaker.probes = 2;
}

#[tokio::test]
async fn the_circuit_of_a_failing_backend_opens_and_closes_again() {
    let world = World::with(ROUTES, touchy).await;
    world.one.fail(5, 500);
    for _ in 0..5 {
        assert_eq!(world.get("/open/a").send().await.unwrap().status(), 500);
    }
    let asked = world.one.count();
    let answer = world.get("/open/a").send().await.unwrap();
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert!(problem(answer, 503).await.contains("circuit of `one` is open"));
    assert_eq!(world.one.count(), asked, "it was asked all the same");
    assert_eq!(world.breaker(world.one.address).await["breaker"], "open");
    assert_eq!(world.ask("/two/a").await.status(), 200, "each backend has a breaker of its own");
    until("it is asked again", async || world.get("/open/a").send().await.unwrap().status() == 200).await;
    until("it is well", async || {
        world.get("/open/a").send().await.unwrap();
        world.breaker(world.one.address).await["breaker"] == "closed"
    })
    .await;
}

#[tokio::test]
async fn the_circuit_of_a_slow_backend_opens_too() {
    let world = World::with(FAULTS, touchy).await;
    let asked = (0..5).map(|_| send(&world, Method::POST, "/quick/slow"));
    for answer in join_all(asked).await {
        problem(answer, 504).await;
    }
    problem(send(&world, Method::GET, "/quick/a").await, 503).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off() {
    let world = World::new().await;
    let answer = world.ask("/one/break").await;
    assert_eq!(answer.status(), 200);
    world.one.go();
    assert!(answer.bytes().await.is_err(), "half an answer was taken for a whole one");
}

#[tokio::test]
async fn a_stalled_answer_is_cut_off() {
    let world = World::with(ROUTES, |settings| settings.answer.idle_ms = 100).await;
    let answer = world.ask("/one/stall").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err(), "half an answer was taken for a whole one");
}

/// A client that goes away does not count against the backend, and holds nothing up.
#[tokio::test]
async fn a_client_that_goes_away_is_forgotten() {
    let world = World::new().await;
    let waiting = (0..10).map(|_| {
        let request = world.get("/open/wait").timeout(Duration::from_millis(300)).send();
        async { assert!(request.await.is_err()) }
    });
    join_all(waiting).await;
    assert_eq!(world.get("/open/a").send().await.unwrap().status(), 200);
    let breaker = world.breaker(world.one.address).await;
    assert_eq!((&breaker["failures"], &breaker["breaker"]), (&0.into(), &"closed".into()));
}
