//! The service over real sockets.

mod served;

use flowgen::{Flow as _, Node as _, Visit};
use reqwest::StatusCode;
use serde_json::{Value, json};
use served::{Served, served, served_in};

use saga::Order;
use saga::drawing::Node;
use saga::lanes::{Books, Undone};
use saga::settings::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_accepted_at_once_and_fulfilled() {
    let service = served().await;
    let placed = service.place("order-1", 2, "Lisbon").await;
    assert_eq!(placed.status(), StatusCode::ACCEPTED);
    assert_eq!(placed.headers()["location"], "/orders/order-1");
    let view = service.ended("order-1").await;
    assert_eq!(view["status"], "completed", "{view}");
    assert_eq!(view["walk"].as_array().unwrap().last().unwrap(), "Order fulfilled", "{view}");
    assert_eq!(view["undone"], json!([]), "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_can_not_be_shipped_is_undone() {
    let service = served().await;
    service.place("order-1", 1, "Atlantis").await;
    let view = service.ended("order-1").await;
    assert_eq!(view["status"], "rolled_back", "{view}");
    assert_eq!(view["undone"], json!(["Charge payment", "Reserve inventory", "Create order"]), "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_order() {
    let service = served().await;
    for _ in 0..5 {
        assert_eq!(service.place("order-1", 2, "Lisbon").await.status(), StatusCode::ACCEPTED);
    }
    service.ended("order-1").await;
    let all: Value = service.get("/orders").await.json().await.unwrap();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_without_a_key_are_orders_of_their_own() {
    let service = served().await;
    let body = json!({ "pieces": 1, "destination": "Oslo" });
    for _ in 0..2 {
        let placed = service.client.post(service.customers("/orders")).json(&body).send().await.unwrap();
        let accepted: Value = placed.error_for_status().unwrap().json().await.unwrap();
        service.ended(accepted["id"].as_str().unwrap()).await;
    }
    let done: Value = service.get("/orders?status=completed").await.json().await.unwrap();
    assert_eq!(done.as_array().unwrap().len(), 2, "{done}");
    let stuck: Value = service.get("/orders?status=stuck").await.json().await.unwrap();
    assert_eq!(stuck, json!([]));
}

/// The body of an answer that is a problem.
async fn problem(answer: reqwest::Response, status: StatusCode) -> String {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_order_is_refused_with_the_reason() {
    let service = served().await;
    let post = |body: &'static str| {
        let request =
            service.client.post(service.customers("/orders")).header("content-type", "application/json");
        async move { request.body(body).send().await.unwrap() }
    };
    problem(post("{").await, StatusCode::BAD_REQUEST).await;
    let detail = problem(post(r#"{"pieces":1}"#).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(detail.contains("destination"), "{detail}");
    let detail =
        problem(post(r#"{"pieces":0,"destination":"Oslo"}"#).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(detail.contains("`pieces`"), "{detail}");
    problem(service.place("what/ever", 1, "Oslo").await, StatusCode::BAD_REQUEST).await;
    problem(service.get("/orders/order-404").await, StatusCode::NOT_FOUND).await;
    let long = json!({ "pieces": 1, "destination": "x".repeat(2_000) }).to_string();
    let request =
        service.client.post(service.customers("/orders")).header("content-type", "application/json");
    problem(request.body(long).send().await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_and_is_ready_and_names_requests() {
    let service = served().await;
    assert_eq!(service.get("/live").await.status(), StatusCode::OK);
    let ready = service.get("/ready").await;
    assert_eq!(ready.status(), StatusCode::OK);
    assert!(ready.headers().contains_key("x-request-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_cannot_use_the_operators_routes() {
    let service = served().await;
    service.place("order-1", 2, "Lisbon").await;
    let tried = service.client.post(service.customers("/orders/order-1/retry")).send().await.unwrap();
    assert_eq!(tried.status(), StatusCode::NOT_FOUND);
}

/// A service with an order that is stuck: its books refuse to take a charge out.
async fn with_a_charge_that_stays() -> Served {
    let service = served().await;
    let books = rusqlite::Connection::open(service.books()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON entries WHEN OLD.register = 'charges'
                  BEGIN SELECT RAISE(ABORT, 'the bank is closed'); END";
    books.execute_batch(refuse).unwrap();
    service.place("order-1", 1, "Atlantis").await;
    let view = service.ended("order-1").await;
    assert_eq!(view["status"], "stuck", "{view}");
    assert_eq!(view["owed"][0]["step"], "n12", "{view}");
    assert!(view["owed"][0]["fault"].as_str().unwrap().contains("the bank is closed"), "{view}");
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_order_is_retried() {
    let service = with_a_charge_that_stays().await;
    let stuck: Value = service.get("/orders").await.json().await.unwrap();
    assert_eq!(stuck[0]["status"], "stuck", "{stuck}");
    rusqlite::Connection::open(service.books()).unwrap().execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(service.operate("/orders/order-1/retry").await.status(), StatusCode::OK);
    let view = service.ended("order-1").await;
    assert_eq!(view["status"], "rolled_back", "{view}");
    assert_eq!(view["owed"], json!([]));
    problem(service.operate("/orders/order-1/retry").await, StatusCode::CONFLICT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_stuck_is_tried_once_more_in_portions() {
    let service = with_a_charge_that_stays().await;
    for id in ["order-2", "order-3"] {
        service.place(id, 1, "Atlantis").await;
        assert_eq!(service.ended(id).await["status"], "stuck");
    }
    rusqlite::Connection::open(service.books()).unwrap().execute_batch("DROP TRIGGER refuse").unwrap();
    let retried: Value = service.operate("/orders/retry?limit=2").await.json().await.unwrap();
    assert_eq!((&retried["retried"], &retried["refused"]), (&json!(2), &json!([])), "{retried}");
    assert_eq!(service.ended("order-2").await["status"], "rolled_back");
    assert_eq!(service.show("order-3").await["status"], "stuck");
    let next = retried["next"].as_i64().unwrap();
    let retried: Value = service.operate(&format!("/orders/retry?after={next}")).await.json().await.unwrap();
    assert_eq!(retried, json!({ "retried": 1, "refused": [], "next": null }));
    for id in ["order-1", "order-3"] {
        assert_eq!(service.ended(id).await["status"], "rolled_back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_order_is_resolved_or_skipped() {
    for way in ["resolve", "skip"] {
        let service = with_a_charge_that_stays().await;
        let done = service.operate(&format!("/orders/order-1/owed/n12/1/{way}")).await;
        assert_eq!(done.status(), StatusCode::OK, "{way}");
        let view = service.ended("order-1").await;
        assert_eq!(view["status"], "rolled_back", "{way}: {view}");
        let again = service.operate(&format!("/orders/order-1/owed/n12/1/{way}")).await;
        problem(again, StatusCode::CONFLICT).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_arrives_after_an_undo_by_hand_has_no_effect() {
    let service = with_a_charge_that_stays().await;
    let books = rusqlite::Connection::open(service.books()).unwrap();
    // The operator takes the charge out.
    books.execute_batch("DELETE FROM entries WHERE register = 'charges'").unwrap();
    let charges = || -> Vec<(String, Option<u64>)> {
        let mut rows = books.prepare("SELECT key, entry FROM entries WHERE register = 'charges'").unwrap();
        let rows = rows.query_map((), |row| {
            Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.map(|entry| entry.parse().unwrap())))
        });
        rows.unwrap().map(|row| row.unwrap()).collect()
    };
    for other in ["n12/2", "n8/1", "n7/1"] {
        problem(
            service.operate(&format!("/orders/order-1/owed/{other}/resolve")).await,
            StatusCode::CONFLICT,
        )
        .await;
    }
    assert_eq!(charges(), [], "what is not stuck gets no mark");
    assert_eq!(service.operate("/orders/order-1/owed/n12/1/resolve").await.status(), StatusCode::OK);
    assert_eq!(service.ended("order-1").await["status"], "rolled_back");

    let shop = saga::shop(&Books::open(&service.books()).unwrap(), &Shop::default());
    let (charge, mut order) = (Node::ChargePayment, Order::new(1, 24_95, "Atlantis"));
    let late = shop.step(charge, &mut order, &Visit::new("order-1", charge.spec(), 1)).await.unwrap_err();
    assert!(late.downcast_ref::<Undone>().is_some(), "{late}");
    assert_eq!(charges(), [("order-1/n12/1".to_owned(), None)], "the mark, and no charge");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_still_there_after_a_restart() {
    let service = served().await;
    service.place("order-1", 2, "Lisbon").await;
    let before = service.ended("order-1").await;
    let service = served_in(service.stop().await).await;
    assert_eq!(service.show("order-1").await, before);
    service.place("order-1", 2, "Lisbon").await;
    assert_eq!(service.show("order-1").await, before, "it was placed before the restart");
}
