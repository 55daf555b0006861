//! The service is killed in the middle of orders, again and again, and no order is half done.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

const KILLS: u32 = 12;

/// A service in a process of its own.
struct Service {
    process: Child,
    orders: String,
}

impl Service {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_saga"))
            .arg("serve")
            .env("SHOP__LISTEN", "127.0.0.1:0")
            .env("SHOP__OPERATORS", "127.0.0.1:0")
            .env("SHOP__FOLDER", folder)
            .env("SHOP__SHOP__STOCK", "1000")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once(',')).unwrap().0;
        Self { process, orders: format!("http://{address}/orders") }
    }
}

/// Without a word: SIGKILL.
impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The first is fulfilled, the second is not paid, the third can't be shipped.
const WANTED: [(u32, &str); 3] = [(2, "Lisbon"), (3, "Oslo"), (1, "Atlantis")];

#[tokio::test(flavor = "multi_thread")]
async fn no_order_is_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new();
    let mut placed = BTreeMap::new();
    for kill in 0..KILLS {
        let service = Service::start(folder.path());
        for (which, (pieces, destination)) in WANTED.into_iter().enumerate() {
            let id = format!("order-{kill}-{which}");
            let body = json!({ "pieces": pieces, "destination": destination });
            let answer = client.post(&service.orders).header("idempotency-key", &id).json(&body).send().await;
            assert_eq!(answer.unwrap().status(), 202);
            placed.insert(id, which);
        }
        // A little later each time: somewhere in the middle of the orders.
        tokio::time::sleep(Duration::from_millis(u64::from(kill) * 3)).await;
    }
    let service = Service::start(folder.path());
    for (id, which) in &placed {
        let expected = if *which == 0 { "completed" } else { "rolled_back" };
        let view = ended(&client, &format!("{}/{id}", service.orders)).await;
        assert_eq!(view["status"], expected, "{view}");
    }
    drop(service);
    assert_eq!(standing(folder.path(), "orders"), KILLS);
    assert_eq!(standing(folder.path(), "charges"), KILLS);
    assert_eq!(standing(folder.path(), "reserved"), KILLS);
    assert_eq!(standing(folder.path(), "shipments"), KILLS);
    assert_eq!(standing(folder.path(), "letters"), 3 * KILLS, "each customer is told once");
}

async fn ended(client: &Client, order: &str) -> Value {
    for _ in 0..1_000 {
        let view: Value =
            client.get(order).send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        if view["status"] != "running" && view["status"] != "rolling_back" {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{order} does not end");
}

/// How many entries a service has that were not taken out.
fn standing(folder: &Path, register: &str) -> u32 {
    let books = rusqlite::Connection::open(folder.join("shop.db")).unwrap();
    let count = "SELECT count(*) FROM entries WHERE register = ?1";
    books.query_row(count, [register], |row| row.get(0)).unwrap()
}
