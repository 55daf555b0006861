//! More orders than the service can carry out.

mod load;
mod process;
mod served;

use std::time::Duration;

use load::{Seen, kept, median, offer, settled};
use process::Service;
use reqwest::Client;
use rusqlite::Connection;
use saga::settings::Retries;
use serde_json::Value;
use served::served_changed;

/// Far more than can be carried out, on any machine that tests run on.
const A_SECOND: f64 = 1_500.0;

const SETTINGS: [(&str, &str); 3] =
    [("SHOP__SHOP__STOCK", "4000000000"), ("SHOP__AT_ONCE__ORDERS", "150"), ("SHOP__DRAIN_MS", "3000")];

/// Orders are accepted or put off.
fn answered_in_order(seen: &Seen) {
    let (accepted, refused) = (seen.orders.of(202), seen.orders.of(503));
    assert_eq!(accepted + refused, seen.orders.all(), "{:?}", seen.orders.statuses);
    assert!(accepted > 150 && refused > 0, "{:?}", seen.orders.statuses);
    assert_eq!(seen.orders.without_retry_after, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_becomes_stuck_and_reads_answer() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &SETTINGS);
    let client = Client::new();
    let seen = offer(service.orders(), &client, A_SECOND, Duration::from_secs(8)).await;
    answered_in_order(&seen);
    assert_eq!(seen.reads.of(200), seen.reads.all(), "{:?}", seen.reads.statuses);
    assert!(seen.ready.of(503) > 0, "it was full: {:?}", seen.ready.statuses);
    let kept = settled(folder.path(), Duration::from_secs(60)).await;
    assert_eq!((kept.stuck, kept.under_way, kept.through), (0, 0, seen.orders.of(202)));
    // An answer that queued behind the orders under way would take as long as an order. How long either takes depends
    // on the machine: `cargo bench --bench load` measures it.
    let (answer, read) = (median(seen.orders.times), median(seen.reads.times));
    let order = median(kept.times);
    assert!(answer < order && read < order, "an answer {answer:?}, a read {read:?}, an order {order:?}");
    let ready = format!("{}/ready", service.orders().trim_end_matches("/orders"));
    assert_eq!(client.get(ready).send().await.unwrap().status(), 200);
}

/// No step can end, so what is answered waits for none.
#[tokio::test(flavor = "multi_thread")]
async fn while_all_steps_are_blocked_what_needs_none_is_answered() {
    const MOST: usize = 40;
    let service = served_changed(|settings| {
        (settings.at_once.orders, settings.at_once.steps, settings.shop.stock) = (MOST, 4, 1_000);
        settings.retry = Retries { times: 1_000, first_ms: 1, timeout_ms: 600_000 };
    })
    .await;
    service.place("before", 1, "Lisbon").await;
    let before = service.ended("before").await;
    let books = Connection::open(service.books()).unwrap();
    books.execute_batch("BEGIN IMMEDIATE").unwrap();
    for order in 0..MOST {
        assert_eq!(service.place(&format!("order-{order}"), 1, "Lisbon").await.status(), 202);
    }

    for round in 0..50 {
        let refused = service.place("another", 1, "Lisbon").await;
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        assert_eq!(service.get("/orders/another").await.status(), 404);
        // Orders that were placed already are no new ones, whether they have ended or not.
        for known in ["before", "order-0"] {
            let again = service.place(known, 1, "Lisbon").await;
            assert_eq!(again.status(), 202, "{known}");
            assert_eq!(again.headers()["location"], format!("/orders/{known}"));
            assert_eq!(service.place(known, 2, "Lisbon").await.status(), 422, "{known}");
        }
        assert_eq!(service.show("before").await, before);
        assert_eq!(service.show("order-0").await["status"], "running");
        let running: Value = service.get("/orders?status=running").await.json().await.unwrap();
        assert_eq!(running.as_array().unwrap().len(), MOST, "round {round}: they wait for their steps");
        let full = service.get("/ready").await;
        assert_eq!(full.status(), 503);
        assert_eq!(full.headers()["content-type"], "application/problem+json");
        let full: Value = full.json().await.unwrap();
        assert_eq!(full["detail"], format!("{MOST} orders are under way, and no more may be"));
    }

    books.execute_batch("ROLLBACK").unwrap();
    for order in 0..MOST {
        assert_eq!(service.ended(&format!("order-{order}")).await["status"], "completed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_in_time_and_continues_the_accepted_orders() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &SETTINGS);
    let orders = service.orders().to_owned();
    let offered =
        tokio::spawn(async move { offer(&orders, &Client::new(), A_SECOND, Duration::from_secs(4)).await });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let stopped = tokio::task::spawn_blocking(move || service.stop(Duration::from_secs(20))).await.unwrap();
    let stopped = stopped.expect("it ends");
    assert!(stopped < Duration::from_secs(5), "{stopped:?}");
    let accepted = offered.await.unwrap().orders.of(202);
    assert!(accepted > 0);

    let before = kept(folder.path());
    assert!(before.under_way > 0, "it stopped in the middle of orders");
    assert!(before.under_way + before.through >= accepted, "what was accepted is kept");
    let _service = Service::start(folder.path(), &SETTINGS);
    let after = settled(folder.path(), Duration::from_secs(60)).await;
    assert_eq!((after.stuck, after.under_way), (0, 0));
    assert_eq!(after.through, before.under_way + before.through);
}
