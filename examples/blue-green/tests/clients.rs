//! Users' connections on real sockets: slow, idle, and too many of them.

mod stage;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::routing::{any, get};
use stage::{LONG, staged};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use blue_green::balancer::{Assignment, Balancer, Client};
use blue_green::settings::Settings;
use blue_green::slot::Process;
use blue_green::{Colour, Instance};
use flowgen::report::Status;

struct Served {
    users: SocketAddr,
    admin: Client,
    _folder: TempDir,
}

async fn served(change: impl FnOnce(&mut Settings)) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings { folder: folder.path().to_owned(), ..Settings::default() };
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    (settings.balancer.listen, settings.balancer.admin) = (any, any);
    change(&mut settings);
    let balancer = Balancer::start(settings).await.unwrap();
    let (users, admin) = (balancer.address(), Client::new(balancer.admin(), LONG).unwrap());
    tokio::spawn(balancer.run(std::future::pending()));
    Served { users, admin, _folder: folder }
}

async fn version(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    address
}

impl Served {
    async fn switch(&self, generation: u64, address: SocketAddr) {
        let instance = Instance {
            id: generation.to_string(),
            started_by: format!("{generation}/n7/1"),
            version: generation.to_string(),
            colour: Colour::Blue,
            address,
            process: Process::this().unwrap(),
        };
        self.admin.switch(&Assignment { generation, instance: Some(instance) }).await.unwrap();
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.users).await.unwrap();
        client.write_all(text.as_bytes()).await.unwrap();
        client
    }
}

/// Waits until the balancer closes a connection.
async fn is_closed(mut client: TcpStream) {
    let closed = tokio::time::timeout(LONG, async {
        let mut some = [0; 1024];
        while client.read(&mut some).await.is_ok_and(|read| read > 0) {}
    });
    closed.await.expect("the connection is not closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_half_sent_connections_are_closed() {
    let served = served(|settings| {
        settings.balancer.idle_ms = 300;
        settings.request_ms = 300;
    })
    .await;
    served.switch(1, version(Router::new().route("/", any(async |_: String| "hello"))).await).await;
    let whole = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let body = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf";
    for text in ["", "GET", "GET / HTTP/1.1\r\nhost:", whole, body] {
        is_closed(served.send(text).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_is_closed() {
    let served = served(|settings| settings.balancer.idle_ms = 300).await;
    let much = Router::new().route("/", get(async || Body::from(vec![0; 64 << 20])));
    served.switch(1, version(much).await).await;
    let client = served.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let (began, mut was_asked) = (Instant::now(), false);
    loop {
        let in_flight = served.admin.standing().await.unwrap().backends[0].in_flight;
        was_asked |= in_flight > 0;
        let counted = served.admin.standing().await.unwrap().backends[0].tally.client_closed;
        if in_flight == 0 && counted == 1 {
            break;
        }
        assert!(began.elapsed() < LONG, "it holds its connection: {was_asked}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_one_address_are_capped() {
    let served = served(|settings| settings.balancer.connections_per_address = 2).await;
    served.switch(1, version(Router::new().route("/", get(async || "hello"))).await).await;
    let held = [served.send("GET").await, served.send("GET").await];
    is_closed(served.send("").await).await;
    drop(held);
    let began = Instant::now();
    while reqwest::get(format!("http://{}/", served.users)).await.is_err() {
        assert!(began.elapsed() < LONG, "the places are not given back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_the_client_is_forwarded() {
    let served = served(|_| {}).await;
    let seen = get(async |headers: HeaderMap| {
        let values =
            headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap().to_owned());
        values.collect::<Vec<_>>().join(" | ")
    });
    served.switch(1, version(Router::new().route("/", seen)).await).await;
    for (before, wanted) in [
        ("", "127.0.0.1"),
        ("x-forwarded-for: 203.0.113.9\r\n", "203.0.113.9, 127.0.0.1"),
        (
            "x-forwarded-for: 203.0.113.9\r\nX-Forwarded-For: 198.51.100.1, 192.0.2.1\r\n",
            "203.0.113.9, 198.51.100.1, 192.0.2.1, 127.0.0.1",
        ),
        ("connection: x-forwarded-for\r\nx-forwarded-for: 203.0.113.9\r\n", "127.0.0.1"),
    ] {
        let mut client =
            served.send(&format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{before}\r\n")).await;
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(&format!("\r\n\r\n{wanted}")), "{before:?}: {answer}");
    }
}

/// The live version takes no connections: the one before it serves, bodies included.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connect_is_tried_with_the_version_before() {
    let served = served(|_| {}).await;
    let echo = Router::new().route("/", any(async |body: String| body));
    served.switch(1, version(echo).await).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    served.switch(2, gone).await;
    let client = reqwest::Client::new();
    for body in ["", "a body", &"long".repeat(100_000)] {
        let request = client.post(format!("http://{}/", served.users)).body(body.to_owned());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.unwrap(), body);
    }
    let standing = served.admin.standing().await.unwrap();
    let errors_of = |id: &str| {
        let found = standing.backends.iter().find(|figures| figures.instance.id == id);
        found.map(|figures| (figures.tally.requests, figures.tally.errors))
    };
    assert_eq!((errors_of("1"), errors_of("2")), (Some((3, 0)), Some((3, 3))));
}

/// The new version dies while it is watched: the old one serves what still comes, and then all.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_dies_while_it_is_watched_is_reverted_at_once() {
    // No complete sample, and no errors beyond chance, end this watch: only that the version does not run.
    let settings = [
        ("WATCH__FOR_MS", "60000"),
        ("WATCH__FAILURE_LIMIT", "1000"),
        ("WATCH__LOOK_MS", "500"),
        ("WATCH__PATIENCE_MS", "1000"),
    ];
    let stage = staged(&settings).await;
    stage.begin("1.1.0").await;
    stage.until_at("1.1.0", "Watch new version").await;
    stage.until_answered("1.1.0", 50).await;
    stage.controller.show("1.1.0").await.unwrap().release.new.unwrap().process.kill().unwrap();
    let killed = Instant::now();
    let view = stage.through("1.1.0").await;
    assert_eq!(view.status, Status::RolledBack, "{view}");
    assert!(
        view.release.objection.as_deref().is_some_and(|why| why.contains("is not ready any more")),
        "{view}"
    );
    assert!(killed.elapsed() < Duration::from_secs(30), "{:?}", killed.elapsed());
    stage.assert_serves_alone("1.0.0").await;
    stage.until_answered("1.0.0", 50).await;
    // Only what the new version had accepted when it was killed can be lost.
    let lost = stage.seen().lost;
    assert!(lost.len() <= 8, "{lost:?}");
}

/// A version that answers and closes before it has read the request.
async fn hasty_version() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { continue };
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 1024]).await;
                let answer =
                    "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig";
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_answer_to_a_large_upload_arrives_and_is_no_error() {
    let served = served(|settings| settings.body_bytes = 10_000_000).await;
    served.switch(1, hasty_version().await).await;
    let client = reqwest::Client::new();
    for _ in 0..20 {
        let upload = client.post(format!("http://{}/", served.users)).body(vec![b'x'; 2_000_000]);
        let answer = upload.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (413, "big"));
    }
    let tally = served.admin.standing().await.unwrap().backends.remove(0).tally;
    assert_eq!((tally.requests, tally.errors, tally.refused), (20, 0, 20), "{tally:?}");
}
