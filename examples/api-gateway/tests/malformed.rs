//! Requests that are wrong, and requests that try to be two: written by hand, to a real socket.
//!
//! hyper refuses most of them before the flow sees them, with a status and no body. That it still does,
//! and that none reaches a backend as more than it is, is what this tests.

mod world;

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use world::raw::{read_until, rest, send, statuses};
use world::{ROUTES, World};

/// Sends a head and what follows it, and closes after the answer.
async fn says(world: &World, request: &str) -> Vec<u16> {
    statuses(&send(world.gateway, request).await)
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let world = World::new().await;
    for request in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET /open/a\r\n\r\n",
        "GET /open/a HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET /open/a HTTP/1.1\r\nHost: a\r\nName : value\r\n\r\n",
        "GET /open/a HTTP/1.1\r\nHost: a\r\nfolded: one\r\n two\r\n\r\n",
        "GET /open/a HTTP/1.1\r\nHost: a\r\nbad\x01name: 1\r\n\r\n",
        "GET /open/a HTTP/1.1\r\nHost: a\r\nnul: a\0b\r\n\r\n",
        "GET /open/ä HTTP/9.9\r\nHost: a\r\n\r\n",
        "G{T /open/a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /open/a b HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answer = send(world.gateway, request).await;
        let statuses = statuses(&answer);
        assert!(statuses.iter().all(|&status| status == 400), "{request:?}: {answer}");
    }
    assert_eq!(world.one.count(), 0);
}

#[tokio::test]
async fn well_formed_but_wrong_requests_get_problem_details() {
    let world = World::new().await;
    for (request, status) in [
        ("GET /open/a HTTP/1.1\r\n\r\n", 400),
        ("GET /open/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /open/../one/a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /open/%2e%2e/one/a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /open/..%2fone/a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /open/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("TRACE /open/a HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("CONNECT elsewhere:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("GET /open/a HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n", 501),
        ("PATCH /open/a HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("SPELL /open/a HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n", 413),
    ] {
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let answer = send(world.gateway, &request).await;
        assert_eq!(statuses(&answer), [status], "{request:?}: {answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains("x-request-id: "), "{answer}");
    }
    assert_eq!(world.one.count(), 0);
}

/// A request inside of the body of another: who reads the length in another way sees two.
const INNER: &str = "GET /open/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_request_that_servers_could_read_as_two_is_refused() {
    let world = World::new().await;
    let post =
        |headers: &str, body: &str| format!("POST /open/a HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n{body}");
    let length = INNER.len();
    for request in [
        post(&format!("Content-Length: 0\r\nContent-Length: {length}"), INNER),
        post(&format!("Content-Length: 0, {length}"), INNER),
        post("Content-Length: +3", "abc"),
        post("Content-Length: 0x3", "abc"),
        post("Content-Length: -1", INNER),
        post("Content-Length: 99999999999999999999999", INNER),
        post("Content-Length:", INNER),
        post("Transfer-Encoding: identity", INNER),
        post("Transfer-Encoding: xchunked", &format!("0\r\n\r\n{INNER}")),
        post("Transfer-Encoding: chunked, identity", &format!("0\r\n\r\n{INNER}")),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", &format!("0\r\n\r\n{INNER}")),
        post("Transfer-Encoding : chunked", &format!("0\r\n\r\n{INNER}")),
        post("Transfer-Encoding:\x0bchunked", &format!("0\r\n\r\n{INNER}")),
        format!("POST /open/a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{INNER}"),
    ] {
        let answer = send(world.gateway, &request).await;
        let statuses = statuses(&answer);
        assert!(statuses == [400] || statuses.is_empty(), "{request:?}: {answer}");
    }
    assert_eq!(world.one.count(), 0, "{:?}", world.one.seen());
}

/// Both lengths: the chunks count, the other one is not passed on, and nothing more is read from there.
#[tokio::test]
async fn chunks_win_over_a_length_and_end_the_connection() {
    let world = World::new().await;
    let body = format!("3\r\nabc\r\n0\r\n\r\n{INNER}");
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: chunked\r\ncontent-length: 4\r\nContent-Length: 4",
    ] {
        let before = world.one.count();
        let request = format!("POST /open/a HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n{body}");
        assert_eq!(says(&world, &request).await, [200], "{headers}");
        assert_eq!(world.one.count(), before + 1, "{:?}", world.one.seen());
        let seen = world.one.last();
        assert_eq!((&*seen.body, seen.header("content-length")), (&b"abc"[..], None));
        assert!(!seen.uri.path().contains("smuggled"));
    }
}

#[tokio::test]
async fn chunks_that_are_wrong_are_refused() {
    let world = World::new().await;
    for chunks in [
        "zz\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabc",
        "3\rabc\r\n0\r\n\r\n",
    ] {
        let request =
            format!("POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let answer = send(world.gateway, &request).await;
        assert_eq!(statuses(&answer), [400], "{chunks:?}: {answer}");
    }
    assert_eq!(world.one.count(), 0, "a backend took it for whole");
}

#[tokio::test]
async fn two_requests_in_a_row_are_two() {
    let world = World::new().await;
    let last = INNER.replace("\r\nHost", "\r\nConnection: close\r\nHost");
    let both = format!("POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc{last}");
    assert_eq!(says(&world, &both).await, [200, 200]);
    let paths: Vec<_> = world.one.seen().into_iter().map(|seen| seen.uri.path().to_owned()).collect();
    assert_eq!(paths, ["/open/a", "/open/smuggled"]);
}

/// Whatever a request names as its host, the route says where it goes.
#[tokio::test]
async fn the_target_is_chosen_by_the_route_alone() {
    let world = World::new().await;
    let inside = world.two.address;
    for line in [
        format!("GET http://{inside}/open/a HTTP/1.1\r\nHost: {inside}"),
        format!("GET http://elsewhere/open/a HTTP/1.1\r\nHost: {inside}"),
        format!("GET /open/a HTTP/1.1\r\nHost: {inside}"),
        format!("GET /open/@{inside}/a HTTP/1.1\r\nHost: a"),
        format!("GET //{inside}/open/a HTTP/1.1\r\nHost: a"),
    ] {
        says(&world, &format!("{line}\r\nConnection: close\r\n\r\n")).await;
    }
    assert_eq!(world.two.count(), 0);
    assert!(world.one.seen().iter().all(|seen| seen.header("host") == Some(&*world.one.address.to_string())));
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let world = World::new().await;
    for headers in [format!("long: {}", "x".repeat(20_000)), "many: 1\r\n".repeat(200) + "last: 1"] {
        let answer =
            send(world.gateway, format!("GET /open/a HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n")).await;
        assert_eq!(statuses(&answer), [431], "{answer}");
    }
    let path = "x".repeat(70_000);
    let answer = send(world.gateway, format!("GET /open/{path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    assert!(matches!(statuses(&answer)[..], [414 | 431] | []), "{answer}");
    assert_eq!(world.one.count(), 0);
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let world = World::with(ROUTES, |settings| settings.request.head_ms = 100).await;
    let mut stream = TcpStream::connect(world.gateway).await.unwrap();
    stream.write_all(b"GET /open/a HTTP/1.1\r\nHost: a\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(matches!(statuses(&answer)[..], [408] | []), "{answer}");
    assert_eq!(world.one.count(), 0);
}

#[tokio::test]
async fn a_client_that_goes_away_in_its_body_does_no_harm() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.gateway).await.unwrap();
    let head = "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf";
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.get("/open/a").send().await.unwrap().status(), 200);
    assert_eq!(world.breaker(world.one.address).await["failures"], 0, "it was no fault of the backend");
    assert!(world.one.seen().iter().all(|seen| seen.body.is_empty()));
}

#[tokio::test]
async fn an_expectation_is_met_here() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.gateway).await.unwrap();
    let head = "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "100 Continue\r\n\r\n").await;
    stream.write_all(b"abc").await.unwrap();
    assert_eq!(statuses(&rest(&mut stream).await), [200]);
    assert_eq!(world.one.last().header("expect"), None);
}
