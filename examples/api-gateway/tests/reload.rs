//! Routes that change while requests come.

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;
use world::{ROUTES, World, problem};

/// The same path, to this backend.
fn to(backend: &str) -> String {
    format!(
        "[routes.open]\npath = '/open/{{*rest}}'\nmethods = ['GET', 'POST']\nbackend = '{backend}'\npublic = true\n"
    )
}

async fn backend(answer: reqwest::Response) -> String {
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["backend"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn new_routes_are_in_force_at_once() {
    let world = World::with(&to("one"), |_| {}).await;
    assert_eq!(backend(world.get("/open/a").send().await.unwrap()).await, "one");
    let reloaded = world.reload(&to("two")).await;
    assert_eq!(reloaded.json::<Value>().await.unwrap()["routes"], 1);
    assert_eq!(backend(world.get("/open/a").send().await.unwrap()).await, "two");
}

/// A request that is under way ends as it began.
#[tokio::test]
async fn requests_in_progress_keep_their_route() {
    let world = World::with(&to("one"), |_| {}).await;
    let waiting = tokio::spawn(world.get("/open/wait").send());
    world::until("it is under way", async || world.one.count() == 1).await;
    world.reload("[routes.other]\npath = '/other'\nbackend = 'two'\n").await;
    problem(world.get("/open/a").send().await.unwrap(), 404).await;
    world.one.go();
    assert_eq!(backend(waiting.await.unwrap().unwrap()).await, "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_no_request_is_lost() {
    let world = Arc::new(World::with(&to("one"), |_| {}).await);
    let (is_over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..8)
        .map(|nth| {
            let (world, is_over, asked) = (Arc::clone(&world), Arc::clone(&is_over), Arc::clone(&asked));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let answer = if nth % 2 == 0 {
                        world.get("/open/a").send().await.unwrap()
                    } else {
                        world.client.post(world.url("/open/a")).body("body").send().await.unwrap()
                    };
                    backend(answer).await;
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for nth in 0..40 {
        let before = asked.load(Ordering::Relaxed);
        let routes = match nth % 4 {
            3 => "this is no TOML".to_owned(),
            nth => to(["one", "two"][nth % 2]),
        };
        let expected = if nth % 4 == 3 { 409 } else { 200 };
        assert_eq!(world.reload(&routes).await.status(), expected);
        world::until("requests go on", async || asked.load(Ordering::Relaxed) > before + 5).await;
    }
    is_over.store(true, Ordering::Relaxed);
    for one in load {
        one.await.unwrap();
    }
    let answered = asked.load(Ordering::Relaxed);
    assert_eq!(world.one.count() + world.two.count(), answered, "one was lost, or sent twice");
    assert!(world.one.count() > 0 && world.two.count() > 0);
}

#[tokio::test]
async fn a_breaker_outlives_its_route() {
    let touchy = |settings: &mut world::Settings| {
        settings.breaker.window = 5;
        settings.breaker.minimum_calls = 5;
        settings.breaker.open_ms = 3_600_000;
    };
    let world = World::with(&to("one"), touchy).await;
    world.one.fail(5, 500);
    for _ in 0..5 {
        world.get("/open/a").send().await.unwrap();
    }
    world.reload(&to("two")).await;
    assert_eq!(world.get("/open/a").send().await.unwrap().status(), 200);
    world.reload(&to("one")).await;
    problem(world.get("/open/a").send().await.unwrap(), 503).await;
}

/// Routes that are wrong are refused by name, and the old ones stay.
#[tokio::test]
async fn routes_that_are_wrong_change_nothing() {
    let world = World::new().await;
    let route = |lines: &str| format!("[routes.a]\npath = '/a/{{id}}'\n{lines}\n");
    for (routes, said) in [
        ("[routes", "can't be understood"),
        ("[routes.a]", "missing field `path`"),
        (&*route(""), "`routes.a` needs either `backend` or `parts`"),
        (&route("backend = 'three'"), "`routes.a.backend` names `three`, which is no backend"),
        (&route("backend = 'one'\nbakend = 'two'"), "unknown field `bakend`"),
        (&route("backend = 'one'\ntimeout_ms = 0"), "`routes.a.timeout_ms` has to be at least 1"),
        (&route("backend = 'one'\ntimeout_ms = 'long'"), "invalid type"),
        (&route("backend = 'one'\nmethods = []"), "`routes.a.methods` have to name one"),
        (&route("backend = 'one'\nmethods = ['get']"), "`routes.a.methods` can't be `get`"),
        (&route("backend = 'one'\nlimit = { per_second = 0, burst = 1 }"), "expected a nonzero u32"),
        (&route("backend = 'one'\nparts.b = { backend = 'one', path = '/' }"), "needs either"),
        (&route("parts.b = { backend = 'three', path = '/' }"), "`routes.a.parts.b.backend` names `three`"),
        (&route("parts.b = { backend = 'one', path = '/{no}' }"), "`routes.a.parts.b.path` has `{no}`"),
        (
            &route("parts.b = { backend = 'one', path = 'b' }"),
            "`routes.a.parts.b.path` has to begin with `/`",
        ),
        (&route("parts.b = { backend = 'one', path = '/' }\nmethods = ['POST']"), "can only be `GET`"),
        ("[routes.a]\npath = '/{a}/{b'\nbackend = 'one'", "`routes.a.path`"),
        (
            "[routes.a]\npath = '/a'\nbackend = 'one'\n[routes.b]\npath = '/a'\nbackend = 'two'",
            "`routes.b.methods` take `GET`",
        ),
        (
            "[routes.a]\npath = '/{a}'\nbackend = 'one'\n[routes.b]\npath = '/{b}'\nbackend = 'two'",
            "`routes.b.path`",
        ),
    ] {
        let detail = problem(world.reload(routes).await, 409).await;
        assert!(detail.contains(said), "{routes}: {detail}");
        assert!(detail.contains("stay as they were"), "{detail}");
    }
    for (url, said) in [
        ("https://one", "has to begin with `http://`"),
        ("one:80", "`backends.a.url`"),
        ("http://one/path", "has to end with the port"),
        ("http://user:secret@one", "must not hold a password"),
        ("", "is no URL"),
    ] {
        let routes = format!("[routes]\n[backends.a]\nurl = '{url}'");
        let detail = problem(world.reload_file(&routes).await, 409).await;
        assert!(detail.contains(said), "{url}: {detail}");
    }
    assert_eq!(world.ask("/one/a").await.status(), 200);
    assert_eq!(world.reload(ROUTES).await.status(), 200);
}
