//! Every outcome, fault, repeated call and late effect, one at a time and in pairs: an order has all of its entries,
//! or none.

mod shop;

use std::path::Path;
use std::sync::Arc;

use flowgen::explore::{Answer, Deviation, Explorer, Scenario, Script, Wanted};
use flowgen::{Outcome, RunResult};
use rusqlite::Connection;
use shop::{LIMIT, STOCK, order, order_to_nowhere, shop_in};
use tempfile::TempDir;

use saga::drawing::Node;
use saga::{Order, OrderFlow};

/// An order of a shop, whose books keep the marks of undone steps or lose them.
struct Ordered<const MARKS: bool> {
    flow: Arc<OrderFlow>,
    folder: TempDir,
}

impl<const MARKS: bool> Scenario for Ordered<MARKS> {
    type Flow = Arc<OrderFlow>;
    type Cx = Order;

    async fn new() -> (Self, Arc<OrderFlow>, Order) {
        let folder = tempfile::tempdir().unwrap();
        let flow = Arc::new(shop_in(folder.path()));
        if !MARKS {
            books_in(folder.path()).execute_batch(NO_MARKS).unwrap();
        }
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
        let entries = entries(&books_in(self.folder.path()));
        let left = self.flow.order_service.stock().await.unwrap();
        let is_right = match &ended.outcome {
            Outcome::Completed { .. } => (entries, left) == (4, u64::from(STOCK - ended.cx.pieces)),
            Outcome::RolledBack { .. } => (entries, left) == (0, u64::from(STOCK)),
            Outcome::Stuck { pending_undos, .. } => entries as usize <= pending_undos.len(),
            Outcome::Failed { .. } | Outcome::Abandoned { .. } => false,
        };
        if is_right { Ok(()) } else { Err(format!("{entries} entries, and {left} pieces are left")) }
    }
}

/// The undo of an absent entry leaves no mark.
const NO_MARKS: &str = "CREATE TRIGGER no_marks BEFORE INSERT ON entries
    WHEN NEW.entry IS NULL AND NOT EXISTS (SELECT 1 FROM entries WHERE key = NEW.key)
    BEGIN SELECT RAISE(IGNORE); END";

fn books_in(folder: &Path) -> Connection {
    Connection::open(folder.join("shop.db")).unwrap()
}

fn entries(books: &Connection) -> u32 {
    let count = "SELECT count(*) FROM entries WHERE entry IS NOT NULL AND register <> 'letters'";
    books.query_row(count, (), |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_order_has_all_of_its_entries_or_none() {
    let coverage = Explorer::new().most_runs(150).explore::<Ordered<true>>().await.unwrap();
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}

/// What the marks are for: without them, each late effect stays.
#[tokio::test]
async fn an_effect_that_lands_after_its_undo_stays_only_without_marks() {
    for step in shop::compensable() {
        let late = Script::new().at(step, 1, Deviation::Late);
        let ended = Explorer::new().replay::<Ordered<true>>(&late).await.unwrap();
        assert!(ended.outcome.is_rolled_back(), "{step:?}: {}", ended.outcome);
        let stays = Explorer::new().replay::<Ordered<false>>(&late).await.unwrap_err();
        assert!(stays.to_string().contains("1 entries"), "{step:?}: {stays}");
    }
}
