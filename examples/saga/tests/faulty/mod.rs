//! Services that do their work and then say that they could not: the worst kind of fault, after
//! which nobody knows.

use flowgen::{Effect, Fault, Result, Visit};

use saga::drawing::order_service::{self, InStock};
use saga::drawing::payment_service::{self, PaymentAccepted};
use saga::drawing::shipping_service::{self, ShipmentScheduled};
use saga::drawing::{Flow, Node, orchestrator};
use saga::lanes::{Orchestrator, OrderService, PaymentService, ShippingService};
use saga::{Order, shop};

/// A service that faults at one node.
pub struct Faulty<L> {
    /// The service.
    pub lane: L,
    at: Option<Node>,
}

pub type FaultyFlow =
    Flow<Faulty<Orchestrator>, Faulty<OrderService>, Faulty<PaymentService>, Faulty<ShippingService>>;

pub const STOCK: u32 = 10;

/// A shop that faults at this node.
pub fn faulty_shop(at: Node) -> FaultyFlow {
    flow(Some(at))
}

/// A shop that faults at this node, or not at all.
pub fn flow(at: Option<Node>) -> FaultyFlow {
    let shop = shop(STOCK, &["Lisbon"]);
    Flow {
        orchestrator: Faulty { lane: shop.orchestrator, at },
        order_service: Faulty { lane: shop.order_service, at },
        payment_service: Faulty { lane: shop.payment_service, at },
        shipping_service: Faulty { lane: shop.shipping_service, at },
    }
}

impl<L> Faulty<L> {
    fn done<T>(&self, node: Node, result: Result<T>) -> Result<T> {
        if self.at == Some(node) { Err(Fault::new("the connection was lost")) } else { result }
    }
}

/// Does what the service does, and then faults if it is to.
macro_rules! then_fault {
    ($self:ident, $node:ident, $service:path, $method:ident($($argument:ident),*)) => {
        $self.done(Node::$node, <_ as $service>::$method(&$self.lane, $($argument),*).await)
    };
}

impl orchestrator::Orchestrator<Order> for Faulty<Orchestrator> {
    async fn confirm_order(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, ConfirmOrder, orchestrator::Orchestrator<_>, confirm_order(order, visit))
    }

    async fn trigger_rollback(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, TriggerRollback, orchestrator::Orchestrator<_>, trigger_rollback(order, visit))
    }

    async fn report_failure(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, ReportFailure, orchestrator::Orchestrator<_>, report_failure(order, visit))
    }
}

impl order_service::OrderService<Order> for Faulty<OrderService> {
    async fn create_order(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        then_fault!(self, CreateOrder, order_service::OrderService<_>, create_order(order, visit))
    }

    async fn reserve_inventory(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        then_fault!(self, ReserveInventory, order_service::OrderService<_>, reserve_inventory(order, visit))
    }

    async fn in_stock(&self, order: &Order) -> Result<InStock> {
        then_fault!(self, InStock, order_service::OrderService<_>, in_stock(order))
    }
}

impl order_service::Compensation<Order> for Faulty<OrderService> {
    async fn release_inventory(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, ReleaseInventory, order_service::Compensation<_>, release_inventory(order, visit))
    }

    async fn cancel_order(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, CancelOrder, order_service::Compensation<_>, cancel_order(order, visit))
    }
}

impl payment_service::PaymentService<Order> for Faulty<PaymentService> {
    async fn charge_payment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        then_fault!(self, ChargePayment, payment_service::PaymentService<_>, charge_payment(order, visit))
    }

    async fn payment_accepted(&self, order: &Order) -> Result<PaymentAccepted> {
        then_fault!(self, PaymentAccepted, payment_service::PaymentService<_>, payment_accepted(order))
    }
}

impl payment_service::Compensation<Order> for Faulty<PaymentService> {
    async fn refund_payment(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, RefundPayment, payment_service::Compensation<_>, refund_payment(order, visit))
    }
}

impl shipping_service::ShippingService<Order> for Faulty<ShippingService> {
    async fn schedule_shipment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        use shipping_service::ShippingService as Service;
        then_fault!(self, ScheduleShipment, Service<_>, schedule_shipment(order, visit))
    }

    async fn shipment_scheduled(&self, order: &Order) -> Result<ShipmentScheduled> {
        then_fault!(self, ShipmentScheduled, shipping_service::ShippingService<_>, shipment_scheduled(order))
    }
}

impl shipping_service::Compensation<Order> for Faulty<ShippingService> {
    async fn cancel_shipment(&self, order: &mut Order, visit: &Visit) -> Result {
        then_fault!(self, CancelShipment, shipping_service::Compensation<_>, cancel_shipment(order, visit))
    }
}
