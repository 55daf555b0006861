//! Several backends, and one answer.

mod world;

use std::time::Duration;

use serde_json::{Value, json};
use world::{Settings, World, problem};

/// Two required parts and two others; and the same, all or nothing.
const PAGES: &str = r#"
[routes.page]
path = "/page/{id}/{way}"
public = true
timeout_ms = 2000
retries = 1

[routes.page.parts]
first = { backend = "one", path = "/first/{id}", required = true }
second = { backend = "two", path = "/second/{id}/{way}", required = true }
third = { backend = "one", path = "/third/{id}" }

[routes.open]
path = "/open/{way}"
public = true
timeout_ms = 200
retries = 0

[routes.open.parts]
sure = { backend = "one", path = "/sure", required = true }
maybe = { backend = "two", path = "/maybe/{way}" }

[routes.gone]
path = "/gone"
public = true

[routes.gone.parts]
sure = { backend = "one", path = "/sure", required = true }
maybe = { backend = "dead", path = "/" }

[routes.strict]
path = "/strict/{way}"
public = true
timeout_ms = 200
partial = "refuse"

[routes.strict.parts]
sure = { backend = "one", path = "/sure", required = true }
maybe = { backend = "two", path = "/maybe/{way}" }

[routes.token]
path = "/token"

[routes.token.parts]
only = { backend = "one", path = "/only" }
"#;

async fn world() -> World {
    World::with(PAGES, |_| {}).await
}

async fn body(world: &World, path: &str) -> Value {
    let answer = world.get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.headers().contains_key("x-request-id"));
    answer.json().await.unwrap()
}

#[tokio::test]
async fn parts_become_one_answer() {
    let world = world().await;
    let page = body(&world, "/page/7/a?lang=pt").await;
    assert_eq!(page["parts"]["first"]["path"], "/first/7");
    assert_eq!(page["parts"]["second"]["path"], "/second/7/a");
    assert_eq!(page["parts"]["third"]["path"], "/third/7");
    assert_eq!(page.get("missing"), None);
    assert_eq!(world.two.last().uri.query(), Some("lang=pt"));
    assert_eq!((world.one.count(), world.two.count()), (2, 1));
}

#[tokio::test]
async fn parts_are_requested_in_the_name_of_the_client() {
    let world = world().await;
    assert_eq!(world.get("/token").send().await.unwrap().status(), 401);
    assert_eq!(world.one.count(), 0);
    let answer = world.get("/token").bearer_auth(world.token("ada"));
    let answer = answer.header("accept-encoding", "br").header("range", "bytes=0-3").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen = world.one.last();
    assert_eq!(seen.header("x-auth-subject"), Some("ada"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!((seen.header("range"), seen.header("accept-encoding")), (None, None));
    assert_eq!(answer.headers()["x-request-id"], seen.header("x-request-id").unwrap());
}

/// None comes before all were asked for, in both branches of the fork and inside of each.
#[tokio::test]
async fn all_parts_are_requested_in_parallel() {
    let routes = r#"
[routes.page]
path = "/page"
public = true
timeout_ms = 20000

[routes.page.parts]
a = { backend = "one", path = "/a/wait", required = true }
b = { backend = "two", path = "/b/wait", required = true }
c = { backend = "one", path = "/c/wait" }
d = { backend = "two", path = "/d/wait" }
"#;
    let world = World::with(routes, |_| {}).await;
    let request = tokio::spawn(world.get("/page").send());
    world::until("all are asked for", async || world.one.count() == 2 && world.two.count() == 2).await;
    for _ in 0..2 {
        world.one.go();
        world.two.go();
    }
    let page: Value = request.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(page["parts"].as_object().unwrap().len(), 4, "{page}");
}

#[tokio::test]
async fn an_answer_lists_a_missing_optional_part() {
    let world = world().await;
    for (way, why) in [("slow", "timed out"), ("text", "failed"), ("big", "failed"), ("missing", "failed")] {
        let page = body(&world, &format!("/open/{way}")).await;
        assert_eq!(page["parts"].as_object().unwrap().keys().collect::<Vec<_>>(), ["sure"], "{page}");
        assert_eq!(page["missing"], json!({ "maybe": why }), "{way}");
    }
    let page = body(&world, "/gone").await;
    assert_eq!(page["missing"], json!({ "maybe": "unreachable" }));
}

#[tokio::test]
async fn a_stalled_part_is_missing() {
    let world = World::with(PAGES, |settings| settings.answer.idle_ms = 50).await;
    world.two.go();
    for way in ["stall", "break"] {
        let page = body(&world, &format!("/open/{way}")).await;
        assert!(page["missing"]["maybe"].is_string(), "{page}");
    }
}

#[tokio::test]
async fn a_route_may_want_all_or_nothing() {
    let world = world().await;
    assert_eq!(body(&world, "/strict/a").await["parts"]["maybe"]["backend"], "two");
    let answer = world.get("/strict/slow").send().await.unwrap();
    assert!(problem(answer, 504).await.contains("`maybe`"));
}

#[tokio::test]
async fn without_a_required_part_there_is_no_answer() {
    let world = world().await;
    world.one.fail(usize::MAX, 500);
    let answer = world.get("/open/a").send().await.unwrap();
    assert!(problem(answer, 502).await.contains("`sure`"));
    world.one.fail(0, 500);
    // The backend knows better than the gateway whether there is such a page.
    let answer = world.get("/page/7/missing").send().await.unwrap();
    assert!(problem(answer, 404).await.contains("`second`"));
    let answer = world.get("/page/7/text").send().await.unwrap();
    assert!(problem(answer, 502).await.contains("no JSON"));
    let answer = world.get("/page/7/big").send().await.unwrap();
    assert!(problem(answer, 502).await.contains("too long"));
}

#[tokio::test]
async fn a_part_is_tried_again() {
    let world = world().await;
    world.two.fail(1, 503);
    let page = body(&world, "/page/7/a").await;
    assert_eq!(page.get("missing"), None, "{page}");
    assert_eq!(world.two.count(), 2);
}

#[tokio::test]
async fn a_part_with_an_open_circuit_is_missing() {
    let touchy = |settings: &mut Settings| {
        settings.breaker.window = 5;
        settings.breaker.minimum_calls = 5;
        settings.breaker.open_ms = 3_600_000;
    };
    let world = World::with(PAGES, touchy).await;
    world.two.fail(5, 500);
    for _ in 0..5 {
        body(&world, "/open/a").await;
    }
    let asked = world.two.count();
    let page = tokio::time::timeout(Duration::from_secs(10), body(&world, "/open/a")).await.unwrap();
    assert_eq!(page["missing"], json!({ "maybe": "circuit open" }));
    assert_eq!(world.two.count(), asked);
}

/// The optional part hangs; the client does not wait for it.
#[tokio::test]
async fn a_failed_required_part_ends_the_request_at_once() {
    let routes = PAGES.replace("timeout_ms = 200\nretries = 0\n", "timeout_ms = 60000\nretries = 2\n");
    let routes = routes.replace("path = \"/sure\", required", "path = \"/missing\", required");
    let world = World::with(&routes, |_| {}).await;
    let answer = tokio::time::timeout(Duration::from_secs(20), world.get("/open/slow").send()).await;
    problem(answer.expect("it waits for the optional part").unwrap(), 404).await;
}

/// What the client has cached is the whole answer. A part that says 304 would be no part.
#[tokio::test]
async fn parts_are_requested_without_conditions() {
    let world = world().await;
    let request = world.get("/gone").header("if-modified-since", "Mon, 30 Nov 2026 00:00:00 GMT");
    let request =
        request.header("if-range", "\"a\"").header("if-unmodified-since", "Mon, 30 Nov 2026 00:00:00 GMT");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let seen = world.one.last();
    for header in ["if-modified-since", "if-range", "if-unmodified-since"] {
        assert_eq!(seen.header(header), None, "{header}");
    }
}
