//! Orders that are fulfilled, one after the other and many at once, each step of them saved.

use std::sync::Arc;

use tokio::runtime::Runtime;

use saga::Order;
use saga::lanes::Books;
use saga::orders::Orders;
use saga::settings::{Settings, Shop};

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 32], sample_count = 20)]
fn fulfilled(bencher: divan::Bencher<'_, '_>, at_once: usize) {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let shop = Shop { stock: u32::MAX, ..Shop::default() };
    let settings = Settings { folder: folder.path().to_owned(), shop, ..Settings::default() };
    let books = Books::open(&folder.path().join("shop.db")).unwrap();
    let orders = Arc::new(runtime.block_on(Orders::open(&settings, &books)).unwrap());
    let mut placed = 0_u64;
    bencher.counter(at_once).bench_local(|| {
        placed += 1;
        runtime.block_on(async {
            let order = |one: usize| {
                let (orders, id) = (Arc::clone(&orders), format!("order-{placed}-{one}"));
                tokio::spawn(async move {
                    orders.place(&id, Order::new(1, 24_95, "Lisbon")).await.unwrap();
                    orders.through(&id).await.unwrap();
                })
            };
            for order in (0..at_once).map(order).collect::<Vec<_>>() {
                order.await.unwrap();
            }
        });
    });
}
