//! The OpenAPI documents say what the service does.

mod figures;
mod openapi;
mod served;

use figures::Figures;
use openapi::{Document, statuses_agree};
use reqwest::StatusCode;
use serde_json::json;
use served::served;

/// Sources that each address has routes from.
const COMMON: [&str; 2] =
    [include_str!("../src/service/health.rs"), include_str!("../src/service/openapi.rs")];

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_routes_agree() {
    let service = served().await;
    let customers = Document::of(&service.client, &service.customers("")).await;
    let operators = Document::of(&service.client, &service.operators("")).await;
    let [health, openapi] = COMMON;
    customers.agrees_with_routes_of(&[include_str!("../src/http/orders.rs"), health, openapi]).await;
    let metrics = include_str!("../src/service/metrics.rs");
    operators
        .agrees_with_routes_of(&[include_str!("../src/http/operators.rs"), metrics, health, openapi])
        .await;

    // One way into each status.
    for path in ["/live", "/ready", "/orders"] {
        assert_eq!(service.get(path).await.status(), 200, "{path}");
    }
    assert_eq!(service.place("done", 1, "Oslo").await.status(), StatusCode::ACCEPTED);
    service.ended("done").await;
    assert_eq!(service.place("none", 0, "Oslo").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(service.get("/orders/none").await.status(), StatusCode::NOT_FOUND);
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON entries WHEN OLD.register = 'charges'
                  BEGIN SELECT RAISE(ABORT, 'the bank is closed'); END";
    let books = rusqlite::Connection::open(service.books()).unwrap();
    for (at, what) in ["retry", "owed/n12/1/resolve", "owed/n12/1/skip"].into_iter().enumerate() {
        books.execute_batch(refuse).unwrap();
        let id = format!("stuck-{at}");
        service.place(&id, 1, "Atlantis").await;
        assert_eq!(service.ended(&id).await["status"], "stuck");
        books.execute_batch("DROP TRIGGER refuse").unwrap();
        for (id, status) in [(id.as_str(), 200), (id.as_str(), 409), ("none", 404)] {
            let answer = service.operate(&format!("/orders/{id}/{what}")).await;
            if what == "retry" && status == 200 {
                service.ended(id).await;
            }
            assert_eq!(answer.status(), status, "{id} {what}");
        }
    }
    for path in ["/orders", "/orders/done"] {
        let read = service.client.get(service.operators(path)).send().await.unwrap();
        assert_eq!(read.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(service.operate("/orders/retry").await.status(), StatusCode::OK);
    // An order that waits for its step: the books are locked.
    books.execute_batch("BEGIN IMMEDIATE").unwrap();
    let accepted = service.client.post(service.customers("/orders")).header("idempotency-key", "slow");
    let accepted = accepted.json(&json!({ "pieces": 1, "destination": "Oslo" })).send().await.unwrap();
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    for (id, status) in [("slow", 200), ("done", 409), ("none", 404)] {
        assert_eq!(service.operate(&format!("/orders/{id}/cancel")).await.status(), status, "{id} cancel");
    }
    books.execute_batch("ROLLBACK").unwrap();
    let ask = || service.client.get(service.operators("/metrics")).send();
    drop(ask().await.unwrap());
    let figures = Figures::of(ask().await.unwrap()).await;
    // While it goes down, and with too many orders: see tests/overload.rs.
    let elsewhere = [("GET", "/ready", 503), ("POST", "/orders", 503)];
    statuses_agree(&[customers, operators], &figures, &elsewhere);
}
