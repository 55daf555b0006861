//! Every step, decision and compensation faults once, and nothing is left behind.

mod faulty;

use faulty::{Faulty, faulty_shop};
use flowgen::{Cause, Node as _, Outcome};

use saga::drawing::Node;
use saga::{Card, Order};

fn order() -> Order {
    Order::new(2, 49_90, Card { limit: 50_00 }, "Lisbon")
}

/// An order that is turned down by the last service, so that all is done and all is undone.
fn order_to_nowhere() -> Order {
    Order { destination: "Atlantis".to_owned(), ..order() }
}

#[tokio::test]
async fn a_fault_on_the_way_forward_is_rolled_back() {
    let forward = [
        Node::CreateOrder,
        Node::ReserveInventory,
        Node::InStock,
        Node::ChargePayment,
        Node::PaymentAccepted,
        Node::ScheduleShipment,
        Node::ShipmentScheduled,
        Node::ConfirmOrder,
    ];
    for node in forward {
        let shop = faulty_shop(node);
        let ended = shop.run(order()).await;
        let Outcome::RolledBack { cause: Cause::Fault(at) } = &ended.outcome else {
            panic!("{node:?}: {}", ended.outcome);
        };
        assert_eq!(at.node, node);
        assert_nothing_is_left(&shop, node);
    }
}

#[tokio::test]
async fn a_fault_of_what_only_reports_does_not_stop_a_rollback() {
    for node in [Node::TriggerRollback, Node::ReportFailure] {
        let shop = faulty_shop(node);
        let ended = shop.run(order_to_nowhere()).await;
        assert!(ended.outcome.is_rolled_back(), "{node:?}: {}", ended.outcome);
        assert_eq!(ended.faults.len(), 1, "{node:?}");
        assert_nothing_is_left(&shop, node);
    }
}

#[tokio::test]
async fn a_fault_of_a_compensation_leaves_the_run_stuck_with_what_it_owes() {
    let pairs = [
        (Node::RefundPayment, Node::ChargePayment),
        (Node::ReleaseInventory, Node::ReserveInventory),
        (Node::CancelOrder, Node::CreateOrder),
    ];
    for (compensation, step) in pairs {
        let shop = faulty_shop(compensation);
        let ended = shop.run(order_to_nowhere()).await;
        let Outcome::Stuck { owed, .. } = &ended.outcome else {
            panic!("{compensation:?}: {}", ended.outcome);
        };
        let owed: Vec<Node> = owed.iter().map(|owed| owed.node).collect();
        assert_eq!(owed, [step], "only what could not be undone");
        assert_eq!(ended.undone().count(), 2, "the others are undone all the same");
    }
}

#[tokio::test]
async fn a_shipment_is_cancelled_when_nothing_else_is_wrong_with_the_order() {
    let shop = faulty_shop(Node::ConfirmOrder);
    let ended = shop.run(order()).await;
    let undone: Vec<Node> = ended.undone().collect();
    assert_eq!(
        undone,
        [Node::ScheduleShipment, Node::ChargePayment, Node::ReserveInventory, Node::CreateOrder],
        "in reverse order"
    );
}

fn assert_nothing_is_left(shop: &faulty::FaultyFlow, at: Node) {
    let label = at.spec().label;
    assert!(shop.order_service.lane.orders().is_empty(), "an order after `{label}` faulted");
    assert_eq!(shop.order_service.lane.stock(), faulty::STOCK, "pieces set aside after `{label}` faulted");
    assert!(shop.payment_service.lane.charges().is_empty(), "a charge after `{label}` faulted");
    assert!(shop.shipping_service.lane.shipments().is_empty(), "a shipment after `{label}` faulted");
}

/// Wrapping does not change what the services do.
#[tokio::test]
async fn without_a_fault_the_order_is_fulfilled() {
    let shop = faulty::flow(None);
    let ended = shop.run(order()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    let Faulty { lane, .. } = &shop.order_service;
    assert_eq!(lane.orders().len(), 1);
}
