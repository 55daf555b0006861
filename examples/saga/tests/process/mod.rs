//! A service in a process of its own, which is killed and not stopped.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

/// A service in a process of its own.
pub struct Service {
    process: Child,
    orders: String,
    operators: String,
}

impl Service {
    /// Starts it on the databases of a folder, with these settings beside.
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let program = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));
        Self::start_with(&mut Command::new(program), folder, settings)
    }

    /// The same, with this command: the program, or what runs it.
    pub fn start_with(command: &mut Command, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut process = command
            .arg("serve")
            .env("SHOP__LISTEN", "127.0.0.1:0")
            .env("SHOP__OPERATORS", "127.0.0.1:0")
            .env("SHOP__FOLDER", folder)
            .env("SHOP__SHOP__STOCK", "1000")
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut addresses = line.split("http://").skip(1).map(|rest| rest.split([',', '\n']).next().unwrap());
        let mut orders = || format!("http://{}/orders", addresses.next().unwrap());
        Self { process, orders: orders(), operators: orders() }
    }

    /// Where customers order.
    pub fn orders(&self) -> &str {
        &self.orders
    }

    /// Where operators see to orders.
    pub fn operators(&self) -> &str {
        &self.operators
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Tells it to stop by SIGTERM, and waits for its end. Says how long that took; `None` where it was longer.
    pub fn stop(mut self, at_most: Duration) -> Option<Duration> {
        let begun = Instant::now();
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
        while begun.elapsed() < at_most {
            if let Some(status) = self.process.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return Some(begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Places an order, which has to be accepted.
    pub async fn place(&self, client: &Client, id: &str, (pieces, destination): (u32, &str)) {
        let body = json!({ "pieces": pieces, "destination": destination });
        let answer = client.post(&self.orders).header("idempotency-key", id).json(&body).send().await;
        assert_eq!(answer.unwrap().status(), 202);
    }

    /// The status of an order once it is no longer under way.
    pub async fn ended(&self, client: &Client, id: &str) -> Value {
        let order = format!("{}/{id}", self.orders);
        for _ in 0..3_000 {
            // What keeps the runs may not answer yet just after a kill.
            if let Ok(answer) = client.get(&order).send().await.unwrap().error_for_status() {
                let view: Value = answer.json().await.unwrap();
                if view["status"] != "running" && view["status"] != "rolling_back" {
                    return view;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{order} does not end");
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
pub const WANTED: [(u32, &str); 3] = [(2, "Lisbon"), (3, "Oslo"), (1, "Atlantis")];

/// How many entries the services' registers hold, without the marks of those that were taken out.
fn standing<const N: usize>(folder: &Path, registers: [&str; N]) -> [u32; N] {
    let books = rusqlite::Connection::open(folder.join("shop.db")).unwrap();
    let count = "SELECT count(*) FROM entries WHERE register = ?1 AND entry IS NOT NULL";
    registers.map(|register| books.query_row(count, [register], |row| row.get(0)).unwrap())
}

/// Asserts that the books hold entries of fulfilled orders only, and a letter to each customer, after `of_each`
/// orders of each kind have ended.
pub fn only_what_was_fulfilled(folder: &Path, of_each: u32) {
    let registers = ["orders", "charges", "reserved", "shipments", "letters"];
    let expected = [of_each, of_each, of_each, of_each, 3 * of_each];
    assert_eq!(standing(folder, registers), expected, "of {registers:?}");
}
