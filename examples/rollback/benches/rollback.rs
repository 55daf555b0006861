//! What a sale and its undo cost: as drawn, and written by hand. Both go to disk.

use divan::{AllocProfiler, Bencher};
use flowgen::{Effect, Node as _, Result, Visit};
use tempfile::tempdir;
use tokio::runtime::Builder;

use rollback::drawing::shop::{Compensation as _, Paid, Shop as _};
use rollback::drawing::{Flow, Node};
use rollback::{Order, Shop};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Whether the book is sold, or all is undone.
#[derive(Clone, Copy, Debug)]
enum Card {
    Pays,
    Declines,
}

impl Card {
    fn order(self) -> Order {
        let limit = match self {
            Self::Pays => 50_00,
            Self::Declines => 20_00,
        };
        Order::new("a book", 24_95, limit)
    }
}

#[divan::bench(args = [Card::Pays, Card::Declines])]
fn drawn(bencher: Bencher<'_, '_>, card: Card) {
    let folder = tempdir().unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let flow = Flow { shop: Shop::in_folder(folder.path()) };
    let runner = flow.runner();
    bencher
        .bench_local(|| runtime.block_on(runner.run_with_id("order-1", card.order())).outcome.is_completed());
}

#[divan::bench(args = [Card::Pays, Card::Declines])]
fn by_hand(bencher: Bencher<'_, '_>, card: Card) {
    let folder = tempdir().unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let shop = Shop::in_folder(folder.path());
    bencher.bench_local(|| runtime.block_on(sell(&shop, card.order())).is_ok());
}

/// The same, without what happens when any of it faults.
async fn sell(shop: &Shop, mut order: Order) -> Result<bool> {
    let visit = |node: Node| Visit::new("order-1", node.spec(), 1);
    let undo = |node: Node, step: Node| visit(node).undoing(step.spec(), 1);
    let reserved = shop.reserve(&mut order, &visit(Node::Reserve)).await?;
    let charged = shop.charge(&mut order, &visit(Node::Charge)).await?;
    if shop.paid(&order, &visit(Node::Paid)).await? == Paid::Yes {
        shop.ship(&mut order, &visit(Node::Ship)).await?;
        return Ok(true);
    }
    if charged == Effect::Done {
        shop.refund(&mut order, &undo(Node::Refund, Node::Charge)).await?;
    }
    if reserved == Effect::Done {
        shop.release(&mut order, &undo(Node::Release, Node::Reserve)).await?;
    }
    Ok(false)
}
