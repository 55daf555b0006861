//! Several processes on one database: what one log says is what has happened.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::world::{World, insert};

on_both_databases! { two_processes_log_no_errors_that_did_not_happen }

/// What is logged of each dead letter.
const LOGGED: &str = "an event can't be applied to the view";

/// A service in a process of its own that looks for new events all the time, and the file of its log.
struct Service {
    process: Child,
    accounts: String,
}

impl Service {
    fn start(database: &str, log: &Path) -> Self {
        let mut process = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))))
            .arg("serve")
            .env("BANK__LISTEN", "127.0.0.1:0")
            .env("BANK__OPERATORS", "127.0.0.1:0")
            .env("BANK__DATABASE", database)
            .env("BANK__QUERIES__LOOK_MS", "1")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once(',')).unwrap().0;
        Self { process, accounts: format!("http://{address}/accounts") }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

async fn two_processes_log_no_errors_that_did_not_happen(world: World) {
    let folder = TempDir::new().unwrap();
    let logs = ["one", "two"].map(|name| folder.path().join(name));
    let services = logs.each_ref().map(|log| Service::start(&world.database, log));
    let client = Client::new();
    let send = async |service: usize, path: String, body: serde_json::Value| {
        let post = client.post(format!("{}/{path}", services[service].accounts)).json(&body);
        assert!(post.send().await.unwrap().status().is_success(), "{path}");
    };
    for customer in 0..6 {
        send(0, format!("{customer}/opening"), json!({ "owner": "Somebody" })).await;
    }
    let mut customers = JoinSet::new();
    for customer in 0..6 {
        let client = client.clone();
        let accounts = services.each_ref().map(|service| service.accounts.clone());
        customers.spawn(async move {
            for nth in 0..60 {
                let url = format!("{}/{customer}/deposits", accounts[nth % 2]);
                let paid = client.post(url).json(&json!({ "cents": 1 })).send().await.unwrap();
                assert!(paid.status().is_success(), "{}", paid.text().await.unwrap());
            }
        });
    }
    customers.join_all().await;
    world.level().await;
    // This event can't be applied: one of the two processes logs it, once.
    world.execute(&insert("0", 62, ("frozen", 1), "{}")).await;
    world.level().await;
    let logged = || {
        let logs = logs.iter().map(|log| fs::read_to_string(log).unwrap());
        logs.flat_map(|log| {
            log.lines().filter(|line| line.contains(LOGGED)).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect::<Vec<_>>()
    };
    // The line is written after the commit that `level` sees.
    for _ in 0..1_000 {
        if !logged().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(services);
    let lines = logged();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("frozen"), "{lines:#?}");
    world.execute("DELETE FROM events WHERE kind = 'frozen'").await;
    assert_eq!(world.shown().await, world.folded().await);
}
