//! The service is killed in the middle of orders, again and again, and no order is half done.

mod process;

use std::collections::BTreeMap;
use std::time::Duration;

use process::{Service, WANTED, only_what_was_fulfilled};
use reqwest::Client;

const KILLS: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn no_order_is_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new();
    let mut placed = BTreeMap::new();
    for kill in 0..KILLS {
        let service = Service::start(folder.path(), &[]);
        for (which, wanted) in WANTED.into_iter().enumerate() {
            let id = format!("order-{kill}-{which}");
            service.place(&client, &id, wanted).await;
            placed.insert(id, which);
        }
        // A little later each time: somewhere in the middle of the orders.
        tokio::time::sleep(Duration::from_millis(u64::from(kill) * 3)).await;
    }
    let service = Service::start(folder.path(), &[]);
    for (id, which) in &placed {
        let expected = if *which == 0 { "completed" } else { "rolled_back" };
        let view = service.ended(&client, id).await;
        assert_eq!(view["status"], expected, "{view}");
    }
    drop(service);
    only_what_was_fulfilled(folder.path(), KILLS);
}
