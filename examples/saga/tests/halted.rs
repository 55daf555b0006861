//! The file that keeps the orders can't be written for a while: another program holds its lock.

mod served;

use std::path::Path;
use std::time::Duration;

use reqwest::{Response, StatusCode};
use rusqlite::Connection;
use serde_json::Value;
use served::{Served, served};

fn locked(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

/// Waits until `/ready` answers so. Says what else it answers.
async fn ready(service: &Served, status: StatusCode) -> Value {
    for _ in 0..1_000 {
        let answer = service.get("/ready").await;
        if answer.status() == status {
            let is_problem = answer.headers()["content-type"] == "application/problem+json";
            assert_eq!(is_problem, status != StatusCode::OK, "{answer:?}");
            return answer.json().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("`/ready` does not become {status}");
}

async fn refused_for_now(answer: Response) {
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "1");
    let problem: Value = answer.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("database is locked"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_halted_meanwhile_and_continues_by_itself() {
    let service = served().await;
    ready(&service, StatusCode::OK).await;
    // Its first step waits for the books until the file of the orders is locked, too.
    let books = locked(&service.books());
    assert_eq!(service.place("order-1", 1, "Lisbon").await.status(), StatusCode::ACCEPTED);
    let orders = locked(&service.books().with_file_name("runs.db"));
    drop(books);

    let not_ready = ready(&service, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(not_ready["detail"], "1 orders are halted until their file can be written");
    let view = service.show("order-1").await;
    assert_eq!(view["status"], "running");
    assert!(
        view["halted"].as_str().unwrap().starts_with("cannot save run `order-1`: database is locked"),
        "{view}"
    );
    let listed: Value = service.get("/orders?status=running").await.json().await.unwrap();
    assert_eq!(listed[0]["halted"], view["halted"]);
    refused_for_now(service.operate("/orders/order-1/retry").await).await;
    refused_for_now(service.operate("/orders/order-1/cancel").await).await;
    refused_for_now(service.place("order-2", 1, "Lisbon").await).await;

    drop(orders);
    let view = service.ended("order-1").await;
    assert_eq!((view["status"].as_str(), view.get("halted")), (Some("completed"), None), "{view}");
    ready(&service, StatusCode::OK).await;
    assert_eq!(service.get("/orders/order-2").await.status(), StatusCode::NOT_FOUND, "it was refused");
}
