//! Every outcome, fault, repeated call and late effect, one at a time and in pairs: an order leaves all that is drawn, or
//! nothing.

use flowgen::explore::{Answer, Explorer, Scenario, Wanted};
use flowgen::{Outcome, RunResult};
use tempfile::{TempDir, tempdir};

use rollback::drawing::{Flow, Node};
use rollback::{Order, Shop, ShopFlow, compensable};

const PRICE: u64 = 24_95;

struct Sold {
    shop: Shop,
    _folder: TempDir,
}

impl Scenario for Sold {
    type Flow = ShopFlow;
    type Cx = Order;

    async fn new() -> (Self, ShopFlow, Order) {
        let folder = tempdir().unwrap();
        let shop = Shop::in_folder(folder.path());
        (Self { shop: shop.clone(), _folder: folder }, Flow { shop }, Order::new("a book", PRICE, PRICE))
    }

    async fn bring_about(&self, order: &mut Order, wanted: Wanted<Node>) -> bool {
        order.limit = match (wanted.node, wanted.answer) {
            (Node::Paid, Answer::Outcome("Yes")) => PRICE,
            (Node::Paid, _) | (Node::Charge, Answer::NotDone) => PRICE - 1,
            _ => return false,
        };
        true
    }

    async fn check(&self, ended: &RunResult<Node, Order>) -> Result<(), String> {
        let on_disk = self.shop.standing().await.unwrap();
        let is_right = match &ended.outcome {
            Outcome::Completed { .. } => on_disk.len() == compensable().count(),
            Outcome::RolledBack { .. } => on_disk.is_empty(),
            Outcome::Stuck { pending_undos, .. } => on_disk.len() <= pending_undos.len(),
            Outcome::Failed { .. } | Outcome::Abandoned { .. } => false,
        };
        if is_right { Ok(()) } else { Err(format!("on disk: {on_disk:?}")) }
    }
}

#[tokio::test]
async fn an_order_leaves_all_that_is_drawn_or_nothing() {
    let coverage = Explorer::new().explore::<Sold>().await.unwrap();
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}
