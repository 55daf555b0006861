//! Every outcome, fault, repeated call and late effect, one at a time and in pairs: an order has all of its entries,
//! or none.

mod shop;

use std::sync::Arc;

use flowgen::explore::{Answer, Explorer, Scenario, Wanted};
use flowgen::{Outcome, RunResult};
use rusqlite::Connection;
use shop::{LIMIT, STOCK, order, order_to_nowhere, shop_in};
use tempfile::TempDir;

use saga::drawing::Node;
use saga::{Order, OrderFlow};

struct Ordered {
    flow: Arc<OrderFlow>,
    folder: TempDir,
}

impl Scenario for Ordered {
    type Flow = Arc<OrderFlow>;
    type Cx = Order;

    async fn new() -> (Self, Arc<OrderFlow>, Order) {
        let folder = tempfile::tempdir().unwrap();
        let flow = Arc::new(shop_in(folder.path()));
        (Self { flow: Arc::clone(&flow), folder }, flow, order())
    }

    async fn bring_about(&self, order: &mut Order, wanted: Wanted<Node>) -> bool {
        match (wanted.node, wanted.answer) {
            (_, Answer::Outcome("Yes")) => {}
            (Node::InStock, _) | (Node::ReserveInventory, Answer::NotDone) => order.pieces = STOCK + 1,
            (Node::PaymentAccepted, _) | (Node::ChargePayment, Answer::NotDone) => order.cents = LIMIT + 1,
            (Node::ShipmentScheduled, _) | (Node::ScheduleShipment, Answer::NotDone) => {
                order.destination = order_to_nowhere().destination;
            }
            _ => return false,
        }
        true
    }

    async fn check(&self, ended: &RunResult<Node, Order>) -> Result<(), String> {
        let entries = entries(&Connection::open(self.folder.path().join("shop.db")).unwrap());
        let left = self.flow.order_service.stock().await.unwrap();
        let is_right = match &ended.outcome {
            Outcome::Completed { .. } => (entries, left) == (4, u64::from(STOCK - ended.cx.pieces)),
            Outcome::RolledBack { .. } => (entries, left) == (0, u64::from(STOCK)),
            Outcome::Stuck { owed, .. } => entries as usize <= owed.len(),
            Outcome::Failed { .. } | Outcome::Abandoned { .. } => false,
        };
        if is_right { Ok(()) } else { Err(format!("{entries} entries, and {left} pieces are left")) }
    }
}

fn entries(books: &Connection) -> u32 {
    let count = "SELECT count(*) FROM entries WHERE entry IS NOT NULL AND register <> 'letters'";
    books.query_row(count, (), |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_order_has_all_of_its_entries_or_none() {
    let coverage = Explorer::new().most_runs(150).explore::<Ordered>().await.unwrap();
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}
