//! Every step, decision and compensation faults, and nothing is left behind.

mod shop;

use flowgen::{Cause, Node as _, Outcome};
use shop::{STOCK, Shop, order, order_to_nowhere, shop_that_faults};

use saga::drawing::Node;

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
        let shop = shop_that_faults(Some(node));
        let ended = shop.run(order()).await;
        let Outcome::RolledBack { cause: Cause::Fault(at) } = &ended.outcome else {
            panic!("{node:?}: {}", ended.outcome);
        };
        assert_eq!(at.node, node);
        assert_nothing_is_left(&shop, node).await;
        let letters = shop.flow.orchestrator.letters().await.unwrap();
        assert_eq!(
            letters.last().unwrap(),
            "the order for Lisbon failed through a fault of ours",
            "{node:?}"
        );
    }
}

#[tokio::test]
async fn a_fault_of_a_report_does_not_stop_a_rollback() {
    for node in [Node::TriggerRollback, Node::ReportFailure] {
        let shop = shop_that_faults(Some(node));
        let ended = shop.run(order_to_nowhere()).await;
        assert!(ended.outcome.is_rolled_back(), "{node:?}: {}", ended.outcome);
        assert_eq!(ended.faults.len(), 1, "{node:?}");
        assert_nothing_is_left(&shop, node).await;
    }
}

#[tokio::test]
async fn a_fault_of_a_compensation_leaves_the_run_stuck_with_its_pending_undo() {
    let pairs = [
        (Node::RefundPayment, Node::ChargePayment),
        (Node::ReleaseInventory, Node::ReserveInventory),
        (Node::CancelOrder, Node::CreateOrder),
    ];
    for (compensation, step) in pairs {
        let shop = shop_that_faults(Some(compensation));
        let ended = shop.run(order_to_nowhere()).await;
        let Outcome::Stuck { pending_undos, .. } = &ended.outcome else {
            panic!("{compensation:?}: {}", ended.outcome);
        };
        let steps: Vec<Node> = pending_undos.iter().map(|undo| undo.node).collect();
        assert_eq!(steps, [step], "only what could not be undone");
        assert_eq!(ended.undone().count(), 2, "the others are undone all the same");
    }
}

#[tokio::test]
async fn a_shipment_is_cancelled_when_nothing_else_is_wrong_with_the_order() {
    let shop = shop_that_faults(Some(Node::ConfirmOrder));
    let ended = shop.run(order()).await;
    let undone: Vec<Node> = ended.undone().collect();
    assert_eq!(
        undone,
        [Node::ScheduleShipment, Node::ChargePayment, Node::ReserveInventory, Node::CreateOrder],
        "in reverse order"
    );
}

async fn assert_nothing_is_left(shop: &Shop, at: Node) {
    let (label, flow) = (at.spec().label, &shop.flow);
    assert!(flow.order_service.orders().await.unwrap().is_empty(), "an order after `{label}` faulted");
    assert_eq!(
        flow.order_service.stock().await.unwrap(),
        u64::from(STOCK),
        "pieces set aside after `{label}` faulted"
    );
    assert!(flow.payment_service.charges().await.unwrap().is_empty(), "a charge after `{label}` faulted");
    assert!(
        flow.shipping_service.shipments().await.unwrap().is_empty(),
        "a shipment after `{label}` faulted"
    );
}
