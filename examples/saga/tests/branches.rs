//! Every branch that the drawing has.

use flowgen::Cause;

use saga::drawing::{End, Node};
use saga::{Card, Order, OrderFlow, shop};

const STOCK: u32 = 10;

async fn run(order: Order) -> (OrderFlow, flowgen::Ended<Node, Order>) {
    let shop = shop(STOCK, &["Lisbon"]);
    let ended = shop.run(order).await;
    (shop, ended)
}

fn order() -> Order {
    Order::new(2, 49_90, Card { limit: 50_00 }, "Lisbon")
}

/// The decision that turned the order down, and what was undone after it.
fn rolled_back(ended: &flowgen::Ended<Node, Order>) -> (Node, Vec<Node>) {
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
    assert_eq!(shop.order_service.stock(), STOCK - 2);
    assert_eq!(shop.payment_service.charges(), [49_90]);
    assert_eq!(shop.shipping_service.shipments(), ["Lisbon"]);
    assert_eq!(shop.orchestrator.letters(), ["2 pieces are on their way to Lisbon"]);
}

#[tokio::test]
async fn an_order_of_too_many_pieces_is_rolled_back() {
    let (shop, ended) = run(Order { pieces: STOCK + 1, ..order() }).await;
    assert_eq!(rolled_back(&ended), (Node::InStock, vec![Node::CreateOrder]));
    assert_eq!(shop.order_service.stock(), STOCK);
    assert_eq!(shop.orchestrator.letters(), ["the order for Lisbon is out of stock"]);
}

#[tokio::test]
async fn an_order_beyond_the_card_is_rolled_back() {
    let (shop, ended) = run(Order { cents: 50_01, ..order() }).await;
    let undone = vec![Node::ReserveInventory, Node::CreateOrder];
    assert_eq!(rolled_back(&ended), (Node::PaymentAccepted, undone));
    assert_eq!(shop.order_service.stock(), STOCK);
    assert!(shop.payment_service.charges().is_empty());
    assert_eq!(shop.orchestrator.letters(), ["the order for Lisbon was not paid"]);
}

#[tokio::test]
async fn an_order_to_nowhere_is_rolled_back() {
    let (shop, ended) = run(Order { destination: "Atlantis".to_owned(), ..order() }).await;
    let undone = vec![Node::ChargePayment, Node::ReserveInventory, Node::CreateOrder];
    assert_eq!(rolled_back(&ended), (Node::ShipmentScheduled, undone));
    assert!(shop.order_service.orders().is_empty());
    assert!(shop.payment_service.charges().is_empty());
    assert_eq!(shop.orchestrator.letters(), ["the order for Atlantis could not be shipped"]);
}

#[tokio::test]
async fn orders_that_run_at_once_share_the_stock() {
    let shop = shop(STOCK, &["Lisbon"]);
    let one = || shop.run(Order { pieces: 6, ..order() });
    let (first, second) = tokio::join!(one(), one());
    let fulfilled = [first, second].iter().filter(|ended| ended.outcome.is_completed()).count();
    assert_eq!((fulfilled, shop.order_service.stock()), (1, STOCK - 6));
}
