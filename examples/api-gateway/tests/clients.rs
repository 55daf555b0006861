//! Clients that are slow, hang up, do not read, or send too much; and what others see of that.

mod world;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Body, Client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use world::raw::{rest, statuses};
use world::{BreakerSettings, PATIENCE, ROUTES, Settings, World, backends, problem, quota, until};

/// A breaker that opens after five failures of five calls.
fn touchy(settings: &mut Settings) {
    settings.breaker =
        BreakerSettings { window: 5, minimum_calls: 5, failure_rate: 0.5, ..BreakerSettings::default() };
}

/// Routes whose backend has this long to respond.
fn with_timeout(milliseconds: u32) -> String {
    ROUTES.replace("backend = \"one\"\n", &format!("backend = \"one\"\ntimeout_ms = {milliseconds}\n"))
}

/// A client with a loopback address of its own.
fn client_at(last: u8) -> Client {
    let address = IpAddr::from(Ipv4Addr::new(127, 0, 0, last));
    Client::builder().local_address(address).timeout(PATIENCE).no_proxy().build().unwrap()
}

#[tokio::test]
async fn a_slow_upload_is_the_time_of_the_client() {
    let world = World::with(&with_timeout(200), touchy).await;
    let parts = futures_util::stream::unfold(0, |sent| async move {
        sleep(Duration::from_millis(60)).await;
        (sent < 10).then(|| (Ok::<_, std::io::Error>("part;"), sent + 1))
    });
    let request = world.client.post(world.url("/open/a")).body(Body::wrap_stream(parts));
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(world.one.last().body.len(), 50);
}

/// A backend that answers at once and closes, without reading the body.
async fn hasty_backend() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { continue };
            tokio::spawn(async move {
                let mut head = [0; 1024];
                let _ = stream.read(&mut head).await;
                let answer =
                    "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig";
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn an_early_answer_to_a_large_upload_arrives_and_is_no_failure() {
    let world = World::with(ROUTES, |settings| {
        touchy(settings);
        settings.request.body_bytes = 10_000_000;
    })
    .await;
    let hasty = hasty_backend().await;
    let routes = backends(&[("hasty", hasty)])
        + "[routes.up]\npath = '/up'\nmethods = ['POST', 'GET']\nbackend = 'hasty'\npublic = true\n";
    assert_eq!(world.reload_file(&routes).await.status(), 200);
    for _ in 0..20 {
        let request = world.client.post(world.url("/up")).body(vec![b'x'; 2_000_000]);
        assert_eq!(request.send().await.unwrap().status(), 413);
    }
    let breaker = world.breaker(hasty).await;
    assert_eq!((&breaker["failures"], &breaker["breaker"]), (&0.into(), &"closed".into()), "{breaker}");
}

#[tokio::test]
async fn slow_answers_and_clients_that_hang_up_leave_the_breaker_closed() {
    let world = World::with(&with_timeout(10_000), touchy).await;
    let impatient = Client::builder().timeout(Duration::from_millis(100)).no_proxy().build().unwrap();
    let calls = (0..20).map(|_| impatient.get(world.url("/open/wait")).send());
    for answer in join_all(calls).await {
        assert!(answer.is_err_and(|why| why.is_timeout()));
    }
    assert_eq!(world.breaker(world.one.address).await["breaker"], "closed");
    assert_eq!(world.get("/open/a").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed() {
    let world = World::with(ROUTES, |settings| {
        settings.connections = 2;
        settings.answer.idle_ms = 300;
    })
    .await;
    let mut lazy = Vec::new();
    for _ in 0..2 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(world.gateway).await.unwrap();
        stream.write_all(b"GET /open/endless HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        lazy.push(stream);
    }
    // All connections are taken until the gateway closes those of the clients that do not read.
    assert_eq!(world.get("/open/a").send().await.unwrap().status(), 200);
    drop(lazy);
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let world = World::with(ROUTES, |settings| settings.connections_per_address = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(world.gateway).await.unwrap();
        stream.write_all(b"GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        world::raw::read_until(&mut stream, "\"bytes\":0").await;
        held.push(stream);
    }
    let mut fourth = TcpStream::connect(world.gateway).await.unwrap();
    let _ = fourth.write_all(b"GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(rest(&mut fourth).await, "", "it was closed");
    let other = client_at(2).get(world.url("/open/a")).send().await.unwrap();
    assert_eq!(other.status(), 200, "other addresses are not affected");
    drop(held);
    until("there is room again", async || {
        world.client.get(world.url("/open/a")).send().await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
}

/// Requests that end in 404, 401 or 429 do not use up the share of others.
#[tokio::test]
async fn a_flood_from_one_address_does_not_exhaust_the_global_limit() {
    let world = World::with(ROUTES, |settings| {
        settings.limits.address = quota(1, 20);
        settings.limits.global = quota(1, 60);
    })
    .await;
    let attacker = client_at(66);
    for path in ["/nowhere", "/one/a", "/open/a"] {
        let flood = (0..60).map(|_| attacker.get(world.url(path)).send());
        let answers = join_all(flood).await;
        let limited = answers.into_iter().filter(|answer| answer.as_ref().unwrap().status() == 429);
        assert!(limited.count() >= 39, "{path}");
    }
    for _ in 0..20 {
        assert_eq!(world.ask("/one/a").await.status(), 200);
    }
    let flood = join_all((0..60).map(|_| attacker.get(world.url("/open/a")).send())).await;
    let limited = flood.into_iter().map(Result::unwrap).find(|answer| answer.status() == 429).unwrap();
    assert!(problem(limited, 429).await.contains("from your address"));
}

/// A dual-stack listener reports IPv4 peers as `::ffff:127.0.0.1`.
#[tokio::test]
async fn a_trusted_proxy_is_trusted_on_a_dual_stack_listener() {
    let world = World::with(ROUTES, |settings| {
        settings.listen = "[::]:0".parse().unwrap();
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        settings.limits.client = quota(1, 1);
    })
    .await;
    let url = format!("http://127.0.0.1:{}/open/a", world.gateway.port());
    for (forwarded, last) in [("203.0.113.9:4711", 1), ("[2001:db8::1]:443", 2), ("203.0.113.10", 3)] {
        let request = world.client.get(&url).header("x-forwarded-for", forwarded);
        assert_eq!(request.send().await.unwrap().status(), 200, "each client has a limit of its own: {last}");
        let seen = world.one.last();
        assert_eq!(seen.header("x-forwarded-for"), Some(&*format!("{forwarded}, 127.0.0.1")));
    }
}

#[tokio::test]
async fn the_version_of_a_backend_stays_between_it_and_the_gateway() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let old = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { continue };
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(b"HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nold").await;
        }
    });
    let world = World::new().await;
    let routes = backends(&[("old", old)]) + "[routes.old]\npath = '/old'\nbackend = 'old'\npublic = true\n";
    assert_eq!(world.reload_file(&routes).await.status(), 200);
    let answer =
        world::raw::send(world.gateway, "GET /old HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert_eq!(statuses(&answer), [200], "{answer}");
}

#[tokio::test]
async fn all_attempts_share_a_deadline() {
    let routes = ROUTES.replace(
        "backend = \"one\"\n",
        "backend = \"one\"\ntimeout_ms = 200\ndeadline_ms = 300\nretries = 10\n",
    );
    let world = World::with(&routes, |_| {}).await;
    let begun = Instant::now();
    problem(world.get("/open/slow").send().await.unwrap(), 504).await;
    // Three attempts of 200 ms and their pauses would take 600 ms and more.
    assert!(world.one.count() <= 2, "{} attempts in {:?}", world.one.count(), begun.elapsed());
}

#[tokio::test]
async fn a_bad_endpoint_with_its_own_breaker_does_not_affect_the_others() {
    let routes = "
[routes.bad]
path = '/bad'
backend = 'one'
public = true
retries = 0
breaker = 'route'

[routes.good]
path = '/good'
backend = 'one'
public = true
";
    let world = World::with(routes, touchy).await;
    world.one.fail(5, 500);
    for _ in 0..5 {
        assert_eq!(world.get("/bad").send().await.unwrap().status(), 500);
    }
    problem(world.get("/bad").send().await.unwrap(), 503).await;
    assert_eq!(world.get("/good").send().await.unwrap().status(), 200);
}

/// A load balancer sees `/ready` turn before new connections are refused.
#[tokio::test]
async fn new_connections_are_accepted_for_a_while_after_the_signal_to_stop() {
    let mut world = World::with(ROUTES, |settings| settings.lame_duck_ms = 1_000).await;
    world.begin_stop();
    let ready = format!("http://{}/ready", world.operators);
    let client = world.client.clone();
    until("it is not ready", async || client.get(&ready).send().await.unwrap().status() == 503).await;
    let fresh = Client::builder().no_proxy().build().unwrap();
    assert_eq!(fresh.get(world.url("/open/a")).send().await.unwrap().status(), 200);
    timeout(PATIENCE, world.stopped()).await.unwrap();
}
