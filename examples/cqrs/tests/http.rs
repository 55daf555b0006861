//! The service over real sockets.

use std::net::SocketAddr;

use cqrs::App;
use cqrs::clock::Clock;
use cqrs::settings::Settings;
use reqwest::Client;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn slice() {
    let folder = tempfile::tempdir().unwrap();
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let database = folder.path().join("bank.db").to_str().unwrap().to_owned();
    let settings = Settings { listen: local, operators: local, database, ..Settings::default() };
    let app = App::start(settings, &Clock::system()).await.unwrap();
    let at = format!("http://{}", app.address());
    let operators = format!("http://{}", app.operators());
    let served = tokio::spawn(app.run(std::future::pending()));
    let client = Client::new();
    let post = async |path: &str, id: &str, body: Value| {
        let sent = client.post(format!("{at}{path}")).header("idempotency-key", id).json(&body).send().await;
        let answer: Value = sent.unwrap().json().await.unwrap();
        println!("{answer}");
        answer
    };
    post("/accounts/alice/opening", "1", json!({"owner": "Alice"})).await;
    post("/accounts/alice/deposits", "2", json!({"cents": 500})).await;
    post("/accounts/alice/deposits", "2", json!({"cents": 500})).await;
    let done = post("/accounts/alice/withdrawals", "3", json!({"cents": 200, "reference": "rent"})).await;
    let get = client
        .get(format!("{at}/accounts/alice/statement"))
        .header("consistency-token", done["token"].as_i64().unwrap());
    let shown: Value = get.send().await.unwrap().json().await.unwrap();
    println!("{shown}");
    assert_eq!(shown["cents"], 300);
    let rebuild = client.post(format!("{operators}/views/rebuild")).send().await.unwrap();
    assert_eq!(rebuild.status(), 202);
    served.abort();
}
