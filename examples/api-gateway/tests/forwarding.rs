//! What reaches a backend, and what comes back.

mod world;

use std::time::Duration;

use axum::body::Bytes;
use futures_util::StreamExt as _;
use reqwest::{Body, Method};
use serde_json::Value;
use tokio::sync::mpsc;
use world::{PATIENCE, ROUTES, World, problem};

#[tokio::test]
async fn method_path_query_body_and_answer_pass_as_they_are() {
    let world = World::new().await;
    let url = world.url("/one/a%20b;c/%C3%A9?q=1&r=%2F..%2F&s");
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        let request = world.client.request(method.clone(), &url).bearer_auth(world.token("ada"));
        let answer = request.body("the body").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let seen = world.one.last();
        assert_eq!(seen.method, method);
        assert_eq!(seen.uri.to_string(), "/one/a%20b;c/%C3%A9?q=1&r=%2F..%2F&s");
        assert_eq!(seen.body, "the body");
    }
    let created = world.ask("/one/created").await;
    assert_eq!(created.status(), 201);
    assert_eq!(created.headers()["location"], "/one/7");
    assert_eq!(created.text().await.unwrap(), "made");
}

#[tokio::test]
async fn an_answer_of_a_backend_is_forwarded() {
    let world = World::new().await;
    let missing = world.ask("/one/missing").await;
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await.unwrap()["error"], "not here");
}

#[tokio::test]
async fn a_head_request_has_no_body_and_its_length() {
    let world = World::new().await;
    let answer = world.client.head(world.url("/one/a")).bearer_auth(world.token("ada")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-length"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(answer.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn headers_about_a_connection_do_not_pass() {
    let world = World::new().await;
    let request = world.get("/one/hop").bearer_auth(world.token("ada"));
    let request = request
        .header("connection", "keep-alive, X-Secret")
        .header("connection", "x-other")
        .header("x-secret", "1")
        .header("x-other", "2")
        .header("keep-alive", "timeout=5")
        .header("proxy-connection", "keep-alive")
        .header("proxy-authorization", "Basic YTpi")
        .header("te", "trailers")
        .header("upgrade", "h2c")
        .header("expect", "100-continue")
        .header("accept-language", "pt");
    let answer = request.send().await.unwrap();
    let seen = world.one.last();
    for name in [
        "connection",
        "x-secret",
        "x-other",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "upgrade",
        "expect",
    ] {
        assert_eq!(seen.header(name), None, "{name}");
    }
    assert_eq!(seen.header("accept-language"), Some("pt"));
    assert_eq!(seen.header("via"), Some("1.1 gateway"));
    for name in ["connection", "x-private", "keep-alive", "proxy-authenticate", "upgrade"] {
        assert_eq!(answer.headers().get(name), None, "{name}");
    }
    assert_eq!(answer.headers()["x-public"], "for all");
    assert_eq!(answer.headers()["via"], "1.1 gateway");
}

#[tokio::test]
async fn headers_that_only_the_gateway_may_set_are_removed() {
    let world = World::new().await;
    let spoof = async |token: Option<String>, path: &str| {
        let mut request = world.get(path);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for name in [
            "x-auth-subject",
            "x_auth_subject",
            "X-Forwarded-For",
            "x_forwarded_for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-prefix",
            "forwarded",
            "x-real-ip",
            "x-request-id",
        ] {
            request = request.header(name, "root");
        }
        // Listed here, headers are taken away: but not those that are set after that.
        let listed = "x-auth-subject, x-request-id, x-forwarded-for, host";
        request.header("connection", listed).send().await.unwrap()
    };
    let answer = spoof(Some(world.token("ada")), "/one/a").await;
    let seen = world.one.last();
    assert_eq!(seen.header("x-auth-subject"), Some("ada"));
    assert_eq!(seen.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("http"));
    assert_eq!(seen.header("x-forwarded-host"), Some(&*world.gateway.to_string()));
    assert_eq!(seen.header("host"), Some(&*world.one.address.to_string()));
    let id = seen.header("x-request-id").unwrap();
    assert!(id.len() == 32 && answer.headers()["x-request-id"] == id, "{id}");
    spoof(None, "/open/a").await;
    let seen = world.one.last();
    assert_eq!(seen.header("x-auth-subject"), None);
    for name in ["x_auth_subject", "x_forwarded_for", "x-forwarded-prefix", "forwarded", "x-real-ip"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
}

/// What a client lists it takes away, from itself alone.
#[tokio::test]
async fn a_token_listed_in_the_connection_header_is_removed() {
    let world = World::new().await;
    let request = world.get("/one/a").bearer_auth(world.token("ada")).header("connection", "authorization");
    problem(request.send().await.unwrap(), 401).await;
    assert_eq!(world.one.count(), 0);
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let trust = |settings: &mut world::Settings| {
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    };
    let world = World::with(ROUTES, trust).await;
    let ask = async |id: &str| {
        let request = world.get("/open/a").header("x-forwarded-for", "192.0.2.1").header("x-request-id", id);
        let request = request.header("x-forwarded-proto", "https").header("x-forwarded-host", "shop.example");
        request.header("x-auth-subject", "root").send().await.unwrap()
    };
    let answer = ask("from-the-edge_1.a").await;
    assert_eq!(answer.headers()["x-request-id"], "from-the-edge_1.a");
    let seen = world.one.last();
    assert_eq!(seen.header("x-request-id"), Some("from-the-edge_1.a"));
    assert_eq!(seen.header("x-forwarded-for"), Some("192.0.2.1, 127.0.0.1"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("https"));
    assert_eq!(seen.header("x-forwarded-host"), Some("shop.example"));
    assert_eq!(seen.header("x-auth-subject"), None, "who asks is said by a token alone");
    for odd in ["", "two words", "a\tb", "{}", &"x".repeat(129)] {
        assert_eq!(ask(odd).await.headers()["x-request-id"].len(), 32, "{odd:?}");
    }
}

#[tokio::test]
async fn request_ids_are_drawn_from_the_seed() {
    let ids = async |seed: u64| {
        let world = World::with(ROUTES, |settings| settings.seed = Some(seed)).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(world.ask("/one/a").await.headers()["x-request-id"].clone());
        }
        ids
    };
    let first = ids(1).await;
    assert!(first[0] != first[1] && first[1] != first[2]);
    assert_eq!(first, ids(1).await);
    assert_ne!(first, ids(2).await);
}

/// A body of which this sends the parts.
fn streamed() -> (mpsc::UnboundedSender<&'static str>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel::<&'static str>();
    let parts = futures_util::stream::unfold(receiver, |mut receiver| async {
        let part = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(Bytes::from(part)), receiver))
    });
    (sender, Body::wrap_stream(parts))
}

#[tokio::test]
async fn a_request_streams() {
    let world = World::new().await;
    let (sender, body) = streamed();
    let mut parts = world.one.parts();
    let request = world.client.post(world.url("/one/a")).bearer_auth(world.token("ada")).body(body);
    let answer = tokio::spawn(request.send());
    for part in ["one", "three", "five and six"] {
        sender.send(part).unwrap();
        // The backend has this part before the client has sent the next one.
        let came = tokio::time::timeout(PATIENCE, parts.recv()).await.unwrap();
        assert_eq!(came, Some(part.len()));
    }
    drop(sender);
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    assert_eq!(world.one.last().body, "onethreefive and six");
}

#[tokio::test]
async fn an_answer_streams() {
    let world = World::new().await;
    let answer = world.ask("/one/parts").await;
    assert_eq!(answer.status(), 200);
    let mut parts = answer.bytes_stream();
    for nth in 0..3 {
        // The client has this part before the backend sends the next one.
        world.one.go();
        let part = tokio::time::timeout(PATIENCE, parts.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(part, format!("part {nth};"));
    }
    assert!(parts.next().await.is_none());
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let world = World::new().await;
    let post = |body: Body| world.client.post(world.url("/one/a")).bearer_auth(world.token("ada")).body(body);
    assert_eq!(post(vec![b'x'; 100_000].into()).send().await.unwrap().status(), 200);
    let before = world.one.count();
    let detail = problem(post(vec![b'x'; 100_001].into()).send().await.unwrap(), 413).await;
    assert!(detail.contains("100000 bytes"), "{detail}");
    // This one does not say how long it is.
    let chunks = futures_util::stream::iter((0..11).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 10_000])));
    problem(post(Body::wrap_stream(chunks)).send().await.unwrap(), 413).await;
    assert_eq!(world.one.count(), before, "a backend got all of it");
    assert_eq!(world.breaker(world.one.address).await["failures"], 0, "it was no fault of the backend");
}

#[tokio::test]
async fn an_answer_that_is_too_long_breaks_off() {
    let world = World::new().await;
    let detail = problem(world.ask("/one/long").await, 502).await;
    assert!(detail.contains("too long"), "{detail}");
    // This one does not say how long it is.
    let answer = world.ask("/one/endless").await;
    assert_eq!(answer.status(), 200);
    let mut length = 0;
    let mut parts = answer.bytes_stream();
    let broke = loop {
        match parts.next().await {
            Some(Ok(part)) => length += part.len(),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broke && length <= 10_000_000, "{length} bytes came, and it broke off: {broke}");
}

#[tokio::test]
async fn a_client_that_stops_sending_gets_408() {
    let world = World::with(ROUTES, |settings| settings.request.idle_ms = 50).await;
    let (sender, body) = streamed();
    sender.send("half").unwrap();
    let request = world.client.post(world.url("/one/a")).bearer_auth(world.token("ada")).body(body);
    problem(request.send().await.unwrap(), 408).await;
    assert_eq!(world.breaker(world.one.address).await["failures"], 0, "it was no fault of the backend");
}

#[tokio::test]
async fn a_client_that_never_finishes_gets_408() {
    let world = World::with(ROUTES, |settings| settings.request.body_ms = 300).await;
    let drops = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from("x")), ()))
    });
    let body = Body::wrap_stream(drops);
    let request = world.client.post(world.url("/one/a")).bearer_auth(world.token("ada")).body(body);
    problem(request.send().await.unwrap(), 408).await;
    assert_eq!(world.breaker(world.one.address).await["failures"], 0, "it was no fault of the backend");
}

#[tokio::test]
async fn routes_take_their_methods() {
    let world = World::new().await;
    let answer = world.client.post(world.url("/two/a")).bearer_auth(world.token("ada")).send().await.unwrap();
    assert_eq!(answer.headers()["allow"], "GET");
    assert!(problem(answer, 405).await.contains("GET"));
    problem(world.ask("/nowhere").await, 404).await;
    problem(world.ask("/one").await, 404).await;
}
