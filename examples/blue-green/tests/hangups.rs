//! Clients that hang up, on real sockets: they are no errors of the version that serves them.

mod stage;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::routing::{any, get};
use futures_util::{StreamExt as _, stream};
use stage::LONG;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use blue_green::balancer::{Assignment, Balancer, Client, Tally};
use blue_green::settings::Settings;
use blue_green::slot::Process;
use blue_green::{Colour, Instance};

struct Served {
    users: SocketAddr,
    admin: Client,
    _folder: TempDir,
}

/// A balancer in front of one version with these routes.
async fn served(request_ms: u64, routes: Router) -> Served {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    served_at(request_ms, address).await
}

async fn served_at(request_ms: u64, address: SocketAddr) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings { folder: folder.path().to_owned(), request_ms, ..Settings::default() };
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    (settings.balancer.listen, settings.balancer.admin) = (any, any);
    let balancer = Balancer::start(settings).await.unwrap();
    let (users, admin) = (balancer.address(), Client::new(balancer.admin(), LONG).unwrap());
    tokio::spawn(balancer.run(std::future::pending()));
    let instance = Instance {
        id: "a".to_owned(),
        started_by: "a/n7/1".to_owned(),
        version: "a".to_owned(),
        colour: Colour::Blue,
        address,
        process: Process::this().unwrap(),
    };
    admin.switch(&Assignment { generation: 1, instance: Some(instance) }).await.unwrap();
    Served { users, admin, _folder: folder }
}

impl Served {
    async fn send(&self, request: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.users).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        client
    }

    async fn until_in_flight(&self, wanted: usize) {
        let began = Instant::now();
        while self.admin.standing().await.unwrap().backends[0].in_flight != wanted {
            assert!(began.elapsed() < LONG, "{wanted} requests are not in flight");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until no request is in flight. Requests, errors, and what clients gave up.
    async fn counted(&self) -> (u64, u64, u64) {
        self.until_in_flight(0).await;
        let Tally { requests, errors, client_closed, .. } =
            self.admin.standing().await.unwrap().backends[0].tally.clone();
        (requests, errors, client_closed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_before_the_answer_is_no_error() {
    let served = served(60_000, Router::new().route("/", get(std::future::pending::<()>))).await;
    let client = served.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    served.until_in_flight(1).await;
    drop(client);
    assert_eq!(served.counted().await, (0, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_during_its_upload_is_no_error() {
    let served = served(60_000, Router::new().route("/", any(|_: Bytes| async {}))).await;
    for head in ["content-length: 100\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"] {
        let client = served.send(&format!("POST / HTTP/1.1\r\nhost: a\r\n{head}")).await;
        served.until_in_flight(1).await;
        drop(client);
        served.until_in_flight(0).await;
    }
    assert_eq!(served.counted().await, (0, 0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stalls_during_its_upload_is_no_error() {
    let served = served(300, Router::new().route("/", any(|_: Bytes| async {}))).await;
    let mut client = served.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf").await;
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
    assert_eq!(served.counted().await, (0, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_takes_longer_than_an_answer_may_leaves_the_version_its_time() {
    let answer = any(async |_: Bytes| {
        tokio::time::sleep(Duration::from_millis(600)).await;
    });
    let served = served(1_000, Router::new().route("/", answer)).await;
    let mut client = served.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n1").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    client.write_all(b"2").await.unwrap();
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");
    assert_eq!(served.counted().await, (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_during_a_download_tells_only_of_a_failure_that_it_has_seen() {
    let endless = |status| {
        get(move || async move {
            let parts = stream::repeat(()).then(async |()| {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Ok::<_, std::io::Error>("part")
            });
            (status, Body::from_stream(parts))
        })
    };
    let routes = Router::new()
        .route("/good", endless(StatusCode::OK))
        .route("/bad", endless(StatusCode::INTERNAL_SERVER_ERROR));
    let served = served(60_000, routes).await;
    for (path, counted) in [("/good", (0, 0, 1)), ("/bad", (1, 1, 1))] {
        let mut client = served.send(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        client.read_exact(&mut [0; 12]).await.unwrap();
        drop(client);
        assert_eq!(served.counted().await, counted, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_breaks_its_answer_off_is_an_error() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let served = served_at(60_000, listener.local_addr().unwrap()).await;
    tokio::spawn(async move {
        for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"] {
            let (mut version, _) = listener.accept().await.unwrap();
            version.read_exact(&mut [0; 12]).await.unwrap();
            version.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    for counted in [(1, 1, 0), (2, 2, 0)] {
        let mut client = served.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        let _ = client.read_to_end(&mut Vec::new()).await;
        assert_eq!(served.counted().await, counted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_a_client_has_read_completely_counts() {
    let routes =
        Router::new().route("/", any(async || "hello")).route("/none", get(async || StatusCode::NO_CONTENT));
    let served = served(60_000, routes).await;
    for request in ["GET /", "HEAD /", "POST /", "GET /none"] {
        let request = format!("{request} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        served.send(&request).await.read_to_end(&mut Vec::new()).await.unwrap();
    }
    assert_eq!(served.counted().await, (4, 0, 0));
}
