//! A shop with books of its own, which can fault anywhere.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};

use flowgen::{Fault, Flow, Next, Node as _, Result, RunResult, Runner, Visit};
use tempfile::TempDir;

use saga::drawing::Node;
use saga::lanes::Books;
use saga::settings::Shop as Sold;
use saga::{Order, OrderFlow, shop};

/// Pieces in stock.
pub const STOCK: u32 = 10;

/// The most that is charged at once, in cents.
pub const LIMIT: u64 = 50_00;

/// A shop whose services do their work and then say that they could not, at one node: the worst kind
/// of fault, after which the effect is unknown.
pub struct Shop {
    /// The flow, with its services.
    pub flow: OrderFlow,
    at: Option<Node>,
    folder: TempDir,
}

/// A shop that faults at this node, or not at all.
pub fn shop_that_faults(at: Option<Node>) -> Shop {
    let folder = tempfile::tempdir().unwrap();
    Shop { flow: shop_in(folder.path()), at, folder }
}

/// The services, with their books in this folder.
pub fn shop_in(folder: &Path) -> OrderFlow {
    let books = Books::open(&folder.join("shop.db")).unwrap();
    let destinations = vec!["Lisbon".to_owned()];
    let sold = Sold { stock: STOCK, limit_cents: LIMIT, destinations, ..Sold::default() };
    shop(&books, &sold)
}

/// An order that is fulfilled.
pub fn order() -> Order {
    Order::new(2, 49_90, "Lisbon")
}

/// An order that is turned down by the last service, so that all is done and all is undone.
pub fn order_to_nowhere() -> Order {
    Order { destination: "Atlantis".to_owned(), ..order() }
}

/// The steps whose effects can be undone.
pub fn compensable() -> Vec<Node> {
    let steps = Node::ALL.iter().copied().filter(|node| node.spec().undone_by.is_some());
    let steps: Vec<Node> = steps.collect();
    assert_eq!(steps.len(), 4, "{steps:?}");
    steps
}

impl Shop {
    /// The database of the services' books, beside the service.
    pub fn books(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }

    /// The file of the services' books.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    /// Runs an order.
    pub async fn run(&self, order: Order) -> RunResult<Node, Order> {
        Runner::new(self, Node::OrderReceived.index()).run(order).await
    }
}

impl Flow<Order> for Shop {
    type Node = Node;

    async fn step(&self, at: Node, order: &mut Order, visit: &Visit) -> Result<Next<Node>> {
        let next = self.flow.step(at, order, visit).await;
        if self.at == Some(at) { Err(Fault::new("the connection was lost")) } else { next }
    }

    fn fork(order: &Order) -> Option<Order> {
        OrderFlow::fork(order)
    }

    fn join(order: &mut Order, branch: Order) {
        OrderFlow::join(order, branch);
    }
}
