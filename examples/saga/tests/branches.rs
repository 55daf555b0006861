//! Every branch that the drawing has.

mod shop;

use flowgen::{Cause, RunResult};
use shop::{LIMIT, STOCK, Shop, order, order_to_nowhere, shop_that_faults};

use saga::Order;
use saga::drawing::{End, Node};

async fn run(order: Order) -> (Shop, RunResult<Node, Order>) {
    let shop = shop_that_faults(None);
    let ended = shop.run(order).await;
    (shop, ended)
}

/// The decision that turned the order down, and what was undone after it.
fn rolled_back(ended: &RunResult<Node, Order>) -> (Node, Vec<Node>) {
    let Some(Cause::Drawn { from, at: Node::TriggerRollback }) = ended.outcome.cause() else {
        panic!("{}", ended.outcome);
    };
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    (*from, ended.undone().collect())
}

#[tokio::test]
async fn a_good_order_is_fulfilled() {
    let (shop, ended) = run(order()).await;
    assert!(ended.outcome.is_completed_at(End::OrderFulfilled), "{}", ended.outcome);
    assert_eq!(shop.flow.order_service.stock().await.unwrap(), u64::from(STOCK) - 2);
    assert_eq!(shop.flow.payment_service.charges().await.unwrap(), [49_90]);
    assert_eq!(shop.flow.shipping_service.shipments().await.unwrap(), ["Lisbon"]);
    assert_eq!(shop.flow.orchestrator.letters().await.unwrap(), ["2 pieces are on their way to Lisbon"]);
}

#[tokio::test]
async fn an_order_of_too_many_pieces_is_rolled_back() {
    let (shop, ended) = run(Order { pieces: STOCK + 1, ..order() }).await;
    assert_eq!(rolled_back(&ended), (Node::InStock, vec![Node::CreateOrder]));
    assert_eq!(shop.flow.order_service.stock().await.unwrap(), u64::from(STOCK));
    assert_eq!(shop.flow.orchestrator.letters().await.unwrap(), ["the order for Lisbon is out of stock"]);
}

#[tokio::test]
async fn an_order_beyond_the_limit_is_rolled_back() {
    let (shop, ended) = run(Order { cents: LIMIT + 1, ..order() }).await;
    let undone = vec![Node::ReserveInventory, Node::CreateOrder];
    assert_eq!(rolled_back(&ended), (Node::PaymentAccepted, undone));
    assert_eq!(shop.flow.order_service.stock().await.unwrap(), u64::from(STOCK));
    assert!(shop.flow.payment_service.charges().await.unwrap().is_empty());
    assert_eq!(shop.flow.orchestrator.letters().await.unwrap(), ["the order for Lisbon was not paid"]);
}

#[tokio::test]
async fn an_order_to_nowhere_is_rolled_back() {
    let (shop, ended) = run(order_to_nowhere()).await;
    let undone = vec![Node::ChargePayment, Node::ReserveInventory, Node::CreateOrder];
    assert_eq!(rolled_back(&ended), (Node::ShipmentScheduled, undone));
    assert!(shop.flow.order_service.orders().await.unwrap().is_empty());
    assert!(shop.flow.payment_service.charges().await.unwrap().is_empty());
    assert_eq!(
        shop.flow.orchestrator.letters().await.unwrap(),
        ["the order for Atlantis could not be shipped"]
    );
}

#[tokio::test]
async fn orders_that_run_at_once_share_the_stock() {
    let shop = shop_that_faults(None);
    let one = || shop.run(Order { pieces: 6, ..order() });
    let (first, second) = tokio::join!(one(), one());
    let fulfilled = [first, second].iter().filter(|ended| ended.outcome.is_completed()).count();
    assert_eq!((fulfilled, shop.flow.order_service.stock().await.unwrap()), (1, u64::from(STOCK) - 6));
}
