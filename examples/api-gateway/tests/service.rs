//! Coming and going: health, drain, and connections.

mod figures;
mod world;

use figures::Figures;
use reqwest::Method;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use world::raw::{read_until, rest, statuses};
use world::{BreakerSettings, ROUTES, Settings, World, problem};

#[tokio::test]
async fn it_lives_and_is_ready() {
    let world = World::new().await;
    assert_eq!(world.operator("/live").await["live"], true);
    assert_eq!(world.operator("/ready").await["ready"], true);
}

#[tokio::test]
async fn clients_cannot_use_the_operators_routes() {
    let world = World::new().await;
    for path in ["/backends", "/ready", "/live"] {
        assert_eq!(world.get(path).send().await.unwrap().status(), 404, "{path}");
    }
    assert_eq!(world.client.post(world.url("/reload")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn operators_see_how_backends_are() {
    let world = World::new().await;
    world.ask("/one/a").await;
    let breaker = world.breaker(world.one.address).await;
    assert_eq!((&breaker["breaker"], &breaker["successes"]), (&Value::from("closed"), &Value::from(1)));
}

/// What is under way ends; what comes then is not taken; and operators see that it goes down.
#[tokio::test]
async fn it_drains() {
    let mut world = World::new().await;
    let waiting = tokio::spawn(world.get("/open/wait").send());
    world::until("it is under way", async || world.one.count() == 1).await;
    let mut idle = TcpStream::connect(world.gateway).await.unwrap();
    idle.write_all(b"GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut idle, "\"bytes\":0").await;
    world.begin_stop();
    let url = format!("http://{}/ready", world.operators);
    let client = world.client.clone();
    world::until("it is not ready", async || client.get(&url).send().await.unwrap().status() == 503).await;
    let gateway = world.gateway;
    world::until("it takes no more", async || TcpStream::connect(gateway).await.is_err()).await;
    assert_eq!(rest(&mut idle).await, "", "a connection that has nothing to do is closed");
    world.one.go();
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
    world.stopped().await;
}

#[tokio::test]
async fn it_does_not_wait_for_ever() {
    let mut world = World::with(ROUTES, |settings| settings.drain_ms = 100).await;
    let waiting = tokio::spawn(world.get("/open/slow").send());
    world::until("it is under way", async || world.one.count() == 1).await;
    world.begin_stop();
    world.stopped().await;
    drop(waiting);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let world = World::with(ROUTES, |settings| settings.connections = 1).await;
    let mut first = TcpStream::connect(world.gateway).await.unwrap();
    first.write_all(b"GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut first, "\"bytes\":0").await;
    let mut second = TcpStream::connect(world.gateway).await.unwrap();
    second.write_all(b"GET /open/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = tokio::spawn(async move { rest(&mut second).await });
    let waited = tokio::time::timeout(std::time::Duration::from_millis(100), &mut answer).await;
    assert!(waited.is_err(), "the second did not wait");
    drop(first);
    assert_eq!(statuses(&answer.await.unwrap()), [200]);
}

#[tokio::test]
async fn errors_for_operators_are_problem_details() {
    let world = World::new().await;
    let url = |path: &str| format!("http://{}{path}", world.operators);
    problem(world.client.get(url("/nothing")).send().await.unwrap(), 404).await;
    let refused = world.client.get(url("/reload")).send().await.unwrap();
    assert_eq!(refused.headers()["allow"], "POST");
    problem(refused, 405).await;
}

#[tokio::test]
async fn operators_need_the_token_if_there_is_one() {
    let token = "letters-and-digits-1";
    let change = |settings: &mut Settings| settings.access.token = Some(token.to_owned().into());
    let world = World::with(ROUTES, change).await;
    let url = |path: &str| format!("http://{}{path}", world.operators);
    for (method, path) in [(Method::POST, "/reload"), (Method::GET, "/backends")] {
        let ask = || world.client.request(method.clone(), url(path));
        problem(ask().send().await.unwrap(), 401).await;
        assert_eq!(ask().bearer_auth(token).send().await.unwrap().status(), 200, "{path}");
    }
    assert_eq!(world.client.get(url("/ready")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn requests_runs_and_breakers_are_counted() {
    let routes = "[routes.dead]\npath = '/dead'\nbackend = 'dead'\npublic = true\n";
    let change = |settings: &mut Settings| {
        settings.breaker = BreakerSettings { window: 10, minimum_calls: 10, ..BreakerSettings::default() };
    };
    let world = World::with(&format!("{ROUTES}{routes}"), change).await;
    world.ask("/one/a").await;
    world.ask("/one/b").await;
    for at in 0..20 {
        world.get(&format!("/nothing/{at}")).send().await.unwrap();
        world.get("/dead").send().await.unwrap();
    }
    let metrics = world.client.get(format!("http://{}/metrics", world.operators)).send().await.unwrap();
    let figures = Figures::of(metrics).await;
    assert_eq!(figures.get(r#"http_requests_total{method="GET",route="one",status="200"}"#), 2.0);
    assert_eq!(figures.get(r#"http_request_duration_seconds_count{method="GET",route="one"}"#), 2.0);
    assert_eq!(figures.get(r#"http_requests_total{method="GET",route="",status="404"}"#), 20.0);
    assert_eq!(
        figures.values("http_requests_total", "route").into_iter().collect::<Vec<_>>(),
        ["", "dead", "one"]
    );
    assert_eq!(figures.get(r#"runs_ended_total{end="Answered",status="completed"}"#), 2.0);
    assert_eq!(figures.get(r#"runs_ended_total{end="No such route",status="completed"}"#), 20.0);
    let (one, dead) = (world.one.address, world.dead);
    assert_eq!(figures.get(&format!("breaker_state{{breaker=\"{one}\",state=\"closed\"}}")), 1.0);
    assert_eq!(
        figures.get(&format!("breaker_state{{breaker=\"{dead}\",state=\"open\"}}")),
        1.0,
        "{figures:?}"
    );
    assert_eq!(figures.get(&format!("breaker_calls_total{{breaker=\"{one}\",result=\"success\"}}")), 2.0);
    assert!(figures.get(&format!("breaker_calls_total{{breaker=\"{dead}\",result=\"failure\"}}")) >= 10.0);
    assert!(figures.get(&format!("breaker_calls_total{{breaker=\"{dead}\",result=\"rejected\"}}")) >= 1.0);
    assert_eq!(figures.get(&format!("breaker_opened_total{{breaker=\"{dead}\"}}")), 1.0);
}
