//! More orders than the service can carry out.

mod load;
mod process;

use std::time::Duration;

use load::{Seen, kept, offer, p99, settled};
use process::Service;
use reqwest::Client;

/// Far more than can be carried out, on any machine that tests run on.
const A_SECOND: f64 = 1_500.0;

const SETTINGS: [(&str, &str); 3] =
    [("SHOP__SHOP__STOCK", "4000000000"), ("SHOP__AT_ONCE__ORDERS", "150"), ("SHOP__DRAIN_MS", "3000")];

/// Orders are accepted or put off; both at once.
fn answered_in_order(seen: &Seen) {
    let (accepted, refused) = (seen.orders.of(202), seen.orders.of(503));
    assert_eq!(accepted + refused, seen.orders.all(), "{:?}", seen.orders.statuses);
    assert!(accepted > 150 && refused > 0, "{:?}", seen.orders.statuses);
    assert_eq!(seen.orders.without_retry_after, 0);
    let answered = p99(seen.orders.times.clone());
    assert!(answered < Duration::from_secs(3), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_becomes_stuck_and_reads_answer() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &SETTINGS);
    let client = Client::new();
    let seen = offer(service.orders(), &client, A_SECOND, Duration::from_secs(8)).await;
    answered_in_order(&seen);
    assert_eq!(seen.reads.of(200), seen.reads.all(), "{:?}", seen.reads.statuses);
    let read = p99(seen.reads.times);
    assert!(read < Duration::from_secs(3), "{read:?}");
    assert!(seen.ready.of(503) > 0, "it was full: {:?}", seen.ready.statuses);
    let kept = settled(folder.path(), Duration::from_secs(60)).await;
    assert_eq!((kept.stuck, kept.under_way, kept.through), (0, 0, seen.orders.of(202)));
    let ready = format!("{}/ready", service.orders().trim_end_matches("/orders"));
    assert_eq!(client.get(ready).send().await.unwrap().status(), 200);
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
