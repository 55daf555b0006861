//! The service is killed in the middle of commands, again and again: what was acknowledged is there, once,
//! and the view goes on where it stopped.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::world::World;

on_both_databases! { nothing_is_lost_or_done_twice_by_kills }

/// At least so many kills, and more until one came between a commit and its view.
const KILLS: usize = 4;
const AT_MOST: usize = 40;

/// Customers, each with an account.
const CUSTOMERS: usize = 6;

/// A service in a process of its own.
struct Service {
    process: Child,
    accounts: String,
}

impl Service {
    fn start(database: &str) -> Self {
        let mut process = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))))
            .arg("serve")
            .env("BANK__LISTEN", "127.0.0.1:0")
            .env("BANK__OPERATORS", "127.0.0.1:0")
            .env("BANK__DATABASE", database)
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once(',')).unwrap().0;
        Self { process, accounts: format!("http://{address}/accounts") }
    }
}

/// Without a word: SIGKILL.
impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Sends a command, and says whether the service did it.
async fn send(client: &Client, accounts: &str, path: &str, id: &str, body: Value) -> bool {
    let post = client.post(format!("{accounts}/{path}")).header("idempotency-key", id).json(&body);
    post.send().await.is_ok_and(|answer| answer.status().is_success())
}

/// Pays in, cent by cent, until the service is gone. Says how often it said that this was done.
async fn pay(client: &Client, accounts: &str, kill: usize, customer: usize) -> usize {
    let path = format!("{customer}/deposits");
    let mut acknowledged = 0;
    while send(client, accounts, &path, &format!("pay-{kill}-{customer}-{acknowledged}"), cent()).await {
        acknowledged += 1;
    }
    acknowledged
}

fn cent() -> Value {
    json!({ "cents": 1 })
}

async fn nothing_is_lost_or_done_twice_by_kills(world: World) {
    let client = Client::new();
    let (mut sent, mut behind) = (0_usize, 0_usize);
    let service = Service::start(&world.database);
    for customer in 0..CUSTOMERS {
        let (path, id) = (format!("{customer}/opening"), format!("open-{customer}"));
        assert!(send(&client, &service.accounts, &path, &id, json!({ "owner": "Somebody" })).await);
    }
    drop(service);
    for kill in 0..AT_MOST {
        if kill >= KILLS && behind > 0 {
            break;
        }
        let service = Service::start(&world.database);
        let mut customers = JoinSet::new();
        for customer in 0..CUSTOMERS {
            let (client, accounts) = (client.clone(), service.accounts.clone());
            customers.spawn(async move { (customer, pay(&client, &accounts, kill, customer).await) });
        }
        // A little later each time: somewhere in the middle of commands.
        tokio::time::sleep(Duration::from_millis(50 + 17 * kill as u64)).await;
        drop(service);
        let came = customers.join_all().await;
        behind += usize::from(world.views().await.live_at < world.events().await.last().unwrap().position);
        // Commands without an answer are sent again, together with the one before that.
        let service = Service::start(&world.database);
        for (customer, acknowledged) in came {
            let path = format!("{customer}/deposits");
            for nth in acknowledged.saturating_sub(1)..=acknowledged {
                let id = format!("pay-{kill}-{customer}-{nth}");
                assert!(send(&client, &service.accounts, &path, &id, cent()).await, "{id}");
            }
            sent += acknowledged + 1;
        }
        world.level().await;
        assert_eq!(world.shown().await, world.folded().await, "after kill {kill}");
        let cents: i64 = world.shown().await.values().map(|shown| shown.account.cents).sum();
        assert_eq!(cents, i64::try_from(sent).unwrap(), "each command counts once, after kill {kill}");
    }
    assert!(behind > 0, "no kill came between a commit and its view");
}
