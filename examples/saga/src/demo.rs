//! Places three orders with a running service over HTTP: one is fulfilled, one fails at payment, one fails at
//! shipping.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::App;
use crate::settings::{Settings, Shop};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A description, and the pieces and the destination of the order.
const ORDERS: [(&str, u32, &str); 3] = [
    ("everything succeeds", 2, "Lisbon"),
    ("the payment is declined", 3, "Oslo"),
    ("shipping fails", 1, "Atlantis"),
];

/// Starts a service in a temporary folder, places the orders and prints their results.
///
/// # Errors
///
/// The service can't be started, or it does not answer.
pub async fn show() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let shop = Shop { stock: 10, ..Shop::default() };
    let folder_path = folder.path().to_owned();
    let app = App::start(Settings {
        listen: local,
        operators: local,
        folder: folder_path,
        shop,
        ..Settings::default()
    });
    let app = app.await?;
    let orders = format!("http://{}/orders", app.address());
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(app.run(async {
        // A dropped sender also means stop.
        let _ = stopped.await;
    }));
    let client = reqwest::Client::new();
    for (number, (story, pieces, destination)) in (1..).zip(ORDERS) {
        let id = format!("order-{number}");
        let body = json!({ "pieces": pieces, "destination": destination });
        let placed = client.post(&orders).header("Idempotency-Key", &id).json(&body).send().await?;
        println!("POST /orders  {id}: {story}\n  {}", placed.error_for_status()?.status());
        print(&ended(&client, &format!("{orders}/{id}")).await?);
    }
    drop(stop);
    Ok(served.await??)
}

/// Polls until the order has ended.
async fn ended(client: &reqwest::Client, order: &str) -> Result<Value, Failure> {
    for _ in 0..500 {
        let view: Value = client.get(order).send().await?.error_for_status()?.json().await?;
        if view["status"] != "running" && view["status"] != "rolling_back" {
            return Ok(view);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("{order} is still under way after ten seconds").into())
}

fn print(view: &Value) {
    let list = |key: &str, between: &str| {
        let words: Vec<&str> = view[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(between) }
    };
    println!("  walked   {}", list("walk", " → "));
    println!("  undone   {}", list("undone", ", "));
    println!("  outcome  {}\n", view["outcome"].as_str().unwrap_or("?"));
}
