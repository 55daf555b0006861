//! A bank over HTTP: commands, the view that follows them, a duplicate, a conflict, and a rebuild.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::App;
use crate::clock::Clock;
use crate::settings::Settings;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A customer of the bank, with its HTTP client.
struct Customer {
    client: Client,
    customers: String,
    operators: String,
}

/// Starts a bank in a temporary folder, sends commands and queries, and prints the results.
///
/// # Errors
///
/// The bank can't be started, or it does not answer.
pub async fn show() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let database = folder.path().join("bank.db").to_string_lossy().into_owned();
    let settings = Settings { listen: local, operators: local, database, ..Settings::default() };
    let app = App::start(settings, &Clock::system()).await?;
    let customers = format!("http://{}/accounts/alice", app.address());
    let operators = format!("http://{}", app.operators());
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(app.run(async {
        // A dropped sender also means stop.
        let _ = stopped.await;
    }));
    let told = Customer { client: Client::new(), customers, operators }.talk().await;
    drop(stop);
    served.await??;
    told
}

impl Customer {
    async fn talk(&self) -> Result<(), Failure> {
        println!("Commands are decided on the account's events, and append more of them.");
        self.command("opening", "c1", None, json!({ "owner": "Alice" })).await?;
        let wages = json!({ "cents": 120_000, "reference": "wages" });
        self.command("deposits", "c2", None, wages.clone()).await?;
        let token =
            self.command("withdrawals", "c3", None, json!({ "cents": 80_000, "reference": "rent" })).await?;

        println!("\nThe events are what is kept:");
        let events = self.client.get(format!("{}/events", self.operators)).send().await?;
        for event in events.json::<Value>().await?.as_array().into_iter().flatten() {
            let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            println!("  {}  {} {}", event["position"], text("kind"), text("body"));
        }

        println!("\nThe view follows; with the token of a command, the answer shows what that did.");
        self.query("/statement", token).await?;

        println!("\nA command that is sent twice has one effect.");
        self.command("deposits", "c2", None, wages).await?;

        println!("\nWhat the account does not allow is refused, and so is a command for an older version.");
        self.command("withdrawals", "c4", None, json!({ "cents": 80_000 })).await?;
        self.command("withdrawals", "c5", Some("\"2\""), json!({ "cents": 1_000 })).await?;
        let token = self.command("withdrawals", "c5", Some("\"3\""), json!({ "cents": 1_000 })).await?;

        println!("\nThe view is built anew from all events, while the one that is there answers.");
        self.views().await?;
        let rebuild = self.client.post(format!("{}/views/rebuild", self.operators)).send().await?;
        println!("  POST /views/rebuild  {}", rebuild.status());
        self.query("", token).await?;
        for _ in 0..500 {
            let views = self.client.get(format!("{}/views", self.operators)).send().await?;
            if views.json::<Value>().await?["live"] == "green" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.views().await?;
        self.query("", token).await?;
        Ok(())
    }

    /// Sends a command. Returns the consistency token if the command succeeded.
    async fn command(&self, path: &str, id: &str, seen: Option<&str>, body: Value) -> Result<i64, Failure> {
        let post = self.client.post(format!("{}/{path}", self.customers)).header("Idempotency-Key", id);
        let post = seen.into_iter().fold(post, |post, seen| post.header("If-Match", seen));
        let answer = post.json(&body).send().await?;
        let seen = seen.map_or(String::new(), |seen| format!("  If-Match: {seen}"));
        let answer = print(&format!("POST /{path}  {id} {body}{seen}"), answer).await?;
        Ok(answer["token"].as_i64().unwrap_or(0))
    }

    async fn query(&self, path: &str, token: i64) -> Result<(), Failure> {
        let get = self.client.get(format!("{}{path}", self.customers)).header("Consistency-Token", token);
        let answer = print(&format!("GET /accounts/alice{path}"), get.send().await?).await?;
        for line in answer["lines"].as_array().into_iter().flatten() {
            println!(
                "      {} cents for {}: {} cents then",
                line["cents"], line["reference"], line["balance"]
            );
        }
        Ok(())
    }

    async fn views(&self) -> Result<(), Failure> {
        let views = self.client.get(format!("{}/views", self.operators)).send().await?;
        print("GET /views", views).await.map(|_| ())
    }
}

/// Prints a request and the relevant parts of its response. Returns the body.
async fn print(request: &str, answer: Response) -> Result<Value, Failure> {
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await?;
    let keys = ["detail", "version", "token", "before", "cents", "live", "live_position", "spare_position"];
    let told = keys.iter().filter_map(|key| {
        let value = answer.get(key)?;
        Some(value.as_str().map_or_else(|| format!("{key} {value}"), |text| format!("{key}: {text}")))
    });
    println!("  {request}\n    {status}  {}", told.collect::<Vec<_>>().join(", "));
    Ok(answer)
}
