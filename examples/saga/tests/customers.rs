//! Keys and orders belong to their customers; lists go on where they stopped; what ended long ago is deleted.

mod served;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use reqwest::{Response, StatusCode};
use serde_json::Value;
use served::{Served, served, served_with, settings};

async fn problem(answer: Response, status: StatusCode) -> String {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    answer.json::<Value>().await.unwrap()["detail"].as_str().unwrap().to_owned()
}

/// The names of the orders of a page, and the path of the next one.
async fn page(answer: Response) -> (Vec<String>, Option<String>) {
    let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
    let next = link.map(|link| {
        let (path, rel) = link.strip_prefix('<').and_then(|link| link.split_once('>')).unwrap();
        assert_eq!(rel, r#"; rel="next""#);
        path.to_owned()
    });
    let orders: Value = answer.error_for_status().unwrap().json().await.unwrap();
    let id = |order: &Value| order["id"].as_str().unwrap().to_owned();
    (orders.as_array().unwrap().iter().map(id).collect(), next)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_another_body_is_refused() {
    let service = served().await;
    assert_eq!(service.place("order-1", 2, "Lisbon").await.status(), StatusCode::ACCEPTED);
    for is_over in [false, true] {
        for (pieces, destination) in [(1, "Lisbon"), (2, "Oslo")] {
            let answer = service.place("order-1", pieces, destination).await;
            let detail = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
            assert!(detail.contains("`order-1` was sent before with another body"), "{is_over}: {detail}");
        }
        let again = service.place("order-1", 2, "Lisbon").await;
        assert_eq!(again.status(), StatusCode::ACCEPTED, "the same body is the same order: {is_over}");
        service.ended("order-1").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_customer() {
    let service = served().await;
    let mut places = BTreeSet::new();
    for (customer, pieces) in [("ada", 1), ("ada.order-1", 2), ("auth0|bo", 1)] {
        let placed = service.place_for(customer, "order-1", pieces).await;
        assert_eq!(placed.status(), StatusCode::ACCEPTED, "{customer}");
        let place = placed.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(service.get_for(customer, &place).await.status(), StatusCode::OK);
        for other in ["eve", "ada.", "bo"] {
            problem(service.get_for(other, &place).await, StatusCode::NOT_FOUND).await;
        }
        problem(service.get(&place).await, StatusCode::NOT_FOUND).await;
        assert_eq!(service.inspect(&place).await.status(), StatusCode::OK, "operators see all");
        let (orders, _) = page(service.get_for(customer, "/orders").await).await;
        assert_eq!(orders, [place.strip_prefix("/orders/").unwrap()], "{customer}");
        places.insert(place);
    }
    assert_eq!(places.len(), 3, "{places:?}");
    service.place("order-1", 1, "Oslo").await;
    assert_eq!(page(service.get("/orders").await).await.0, ["order-1"]);
    assert_eq!(page(service.inspect("/orders").await).await.0.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_a_customer_that_can_not_be_one_is_refused() {
    let service = served().await;
    for customer in ["", &"x".repeat(129)] {
        problem(service.place_for(customer, "order-1", 1).await, StatusCode::BAD_REQUEST).await;
        problem(service.get_for(customer, "/orders").await, StatusCode::BAD_REQUEST).await;
        problem(service.get_for(customer, "/orders/order-1").await, StatusCode::BAD_REQUEST).await;
    }
    let twice = service.client.get(service.customers("/orders")).header("x-auth-subject", "ada");
    let twice = twice.header("x-auth-subject", "bo").send().await.unwrap();
    problem(twice, StatusCode::BAD_REQUEST).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_continues_where_it_stopped() {
    let service = served().await;
    let mut placed = Vec::new();
    for number in 0..7 {
        let (customer, key) = (["ada", "bo"][number % 2], format!("order-{number}"));
        service.place_for(customer, &key, 1).await;
        service.get_for(customer, &format!("/orders/{customer}.{key}")).await.error_for_status().unwrap();
        placed.insert(0, format!("{customer}.{key}"));
    }
    let (mut seen, mut next) = (Vec::new(), Some("/orders?limit=2".to_owned()));
    while let Some(path) = next {
        let (orders, then) = page(service.inspect(&path).await).await;
        assert!(orders.len() == 2 || then.is_none(), "{orders:?}");
        seen.extend(orders);
        next = then;
        // What is placed meanwhile is in no page that comes, and moves none.
        service.place_for("ada", &format!("later-{}", seen.len()), 1).await;
    }
    assert_eq!(seen, placed, "each once, the newest first");

    let (first, next) = page(service.get_for("bo", "/orders?limit=2").await).await;
    assert_eq!(first, ["bo.order-5", "bo.order-3"]);
    let (second, next) = page(service.get_for("bo", &next.unwrap()).await).await;
    assert_eq!((&second[..], next), (&["bo.order-1".to_owned()][..], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_one_status_continues_with_that_status() {
    let service = served().await;
    for number in 0..3 {
        let destination = if number == 1 { "Lisbon" } else { "Atlantis" };
        service.place(&format!("order-{number}"), 1, destination).await;
        service.ended(&format!("order-{number}")).await;
    }
    let (first, next) = page(service.get("/orders?status=rolled_back&limit=1").await).await;
    assert_eq!(first, ["order-2"]);
    let (second, next) = page(service.get(&next.unwrap()).await).await;
    assert_eq!((&second[..], next), (&["order-0".to_owned()][..], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_cursor_is_refused() {
    let service = served().await;
    for cursor in ["x", "-1", "0", "1.5", "99999999999999999999"] {
        let detail =
            problem(service.get(&format!("/orders?after={cursor}")).await, StatusCode::BAD_REQUEST).await;
        assert!(detail.contains("`after` has to be the cursor"), "{detail}");
    }
}

/// How many rows the services' books have, marks among them.
fn rows(service: &Served) -> u32 {
    let books = rusqlite::Connection::open(service.books()).unwrap();
    books.query_row("SELECT count(*) FROM entries", (), |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_ended_before_a_time_are_deleted_and_stuck_ones_are_not() {
    let service = served().await;
    service.place("order-1", 2, "Lisbon").await;
    service.place("order-2", 2, "Atlantis").await;
    assert_eq!(service.ended("order-1").await["status"], "completed");
    assert_eq!(service.ended("order-2").await["status"], "rolled_back");
    let books = rusqlite::Connection::open(service.books()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON entries WHEN OLD.register = 'charges'
                  BEGIN SELECT RAISE(ABORT, 'the bank is closed'); END";
    books.execute_batch(refuse).unwrap();
    service.place("order-3", 1, "Atlantis").await;
    assert_eq!(service.ended("order-3").await["status"], "stuck");
    let (before, stuck) = (rows(&service), "SELECT count(*) FROM entries WHERE run = 'order-3'");
    let stuck: u32 = books.query_row(stuck, (), |row| row.get(0)).unwrap();
    assert!(0 < stuck && stuck < before);

    assert_eq!(service.orders.delete_ended_before(SystemTime::UNIX_EPOCH).await.unwrap(), 0);
    assert_eq!(rows(&service), before);
    let later = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(service.orders.delete_ended_before(later).await.unwrap(), 2);
    assert_eq!(rows(&service), stuck, "of the stuck order alone");
    problem(service.get("/orders/order-1").await, StatusCode::NOT_FOUND).await;
    assert_eq!(service.show("order-3").await["status"], "stuck");

    // The key is free, and nothing of the order before is found. Its pieces are sold.
    service.place("order-1", 8, "Lisbon").await;
    let again = service.ended("order-1").await;
    assert_eq!(again["status"], "rolled_back", "8 of 10 pieces are left: {again}");
    service.place("order-2", 1, "Lisbon").await;
    assert_eq!(service.ended("order-2").await["status"], "completed");
    let charge = "SELECT entry FROM entries WHERE register = 'charges' AND run = 'order-2'";
    assert_eq!(books.query_row(charge, (), |row| row.get::<_, String>(0)).unwrap(), "2495");
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_orders_are_deleted_after_the_configured_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    (settings.keep_ended_secs, settings.retry.timeout_ms) = (1, 400);
    let service = served_with(folder, settings).await;
    let body = service.place("order-1", 1, "Atlantis").await;
    assert_eq!(body.status(), StatusCode::ACCEPTED);
    for _ in 0..1_000 {
        if service.get("/orders/order-1").await.status() == StatusCode::NOT_FOUND {
            assert_eq!(rows(&service), 0);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is still there: {}", service.show("order-1").await);
}
