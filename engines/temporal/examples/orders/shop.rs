//! The drawing, the order and the lanes.

use flowgen::{Effect, Result, Visit};
use serde::{Deserialize, Serialize};

/// The order saga, as `examples/saga` draws it.
pub(crate) mod drawing {
    flowgen::flow!("../../examples/saga/flow/saga.fz");
}

use drawing::{orchestrator, order_service, payment_service, shipping_service};

/// What a run carries along, from machine to machine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// How many pieces are wanted.
    pub(crate) pieces: u32,
    /// What they cost together, in cents.
    pub(crate) cents: u64,
    /// What the card pays at most, in cents.
    pub(crate) limit: u64,
    /// Where it goes.
    pub(crate) destination: String,
}

/// All lanes. A worker serves those that it is told to; the others are there, and have nothing to do.
pub(crate) type Shop = drawing::Flow<Orchestrator, OrderService, PaymentService, ShippingService>;

/// The flow with its lanes.
pub(crate) static SHOP: Shop = drawing::Flow {
    orchestrator: Orchestrator,
    order_service: OrderService,
    payment_service: PaymentService,
    shipping_service: ShippingService,
};

/// The lane `Saga Orchestrator`.
pub(crate) struct Orchestrator;
/// The lane `Order Service`.
pub(crate) struct OrderService;
/// The lane `Payment Service`.
pub(crate) struct PaymentService;
/// The lane `Shipping Service`.
pub(crate) struct ShippingService;

/// A real service would be asked here, with the key, so that asking twice has one effect.
fn say(what: &str, visit: &Visit) {
    println!("{:>6} {what:<18} {}", std::process::id(), visit.key());
}

impl orchestrator::Orchestrator<Order> for Orchestrator {
    async fn confirm_order(&self, _: &mut Order, visit: &Visit) -> Result {
        say("confirm order", visit);
        Ok(())
    }
    async fn trigger_rollback(&self, _: &mut Order, visit: &Visit) -> Result {
        say("trigger rollback", visit);
        Ok(())
    }
    async fn report_failure(&self, _: &mut Order, visit: &Visit) -> Result {
        say("report failure", visit);
        Ok(())
    }
}

impl order_service::OrderService<Order> for OrderService {
    async fn create_order(&self, _: &mut Order, visit: &Visit) -> Result<Effect> {
        say("create order", visit);
        Ok(Effect::Done)
    }
    async fn reserve_inventory(&self, _: &mut Order, visit: &Visit) -> Result<Effect> {
        say("reserve inventory", visit);
        Ok(Effect::Done)
    }
    async fn in_stock(&self, order: &Order, _: &Visit) -> Result<order_service::InStock> {
        let is_enough = order.pieces <= 10;
        Ok(if is_enough { order_service::InStock::Yes } else { order_service::InStock::No })
    }
}

impl order_service::Compensation<Order> for OrderService {
    async fn release_inventory(&self, _: &mut Order, visit: &Visit) -> Result {
        say("release inventory", visit);
        Ok(())
    }
    async fn cancel_order(&self, _: &mut Order, visit: &Visit) -> Result {
        say("cancel order", visit);
        Ok(())
    }
}

impl payment_service::PaymentService<Order> for PaymentService {
    async fn charge_payment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        say("charge payment", visit);
        Ok(if order.cents <= order.limit { Effect::Done } else { Effect::NotDone })
    }
    async fn payment_accepted(&self, order: &Order, _: &Visit) -> Result<payment_service::PaymentAccepted> {
        let is_paid = order.cents <= order.limit;
        Ok(if is_paid { payment_service::PaymentAccepted::Yes } else { payment_service::PaymentAccepted::No })
    }
}

impl payment_service::Compensation<Order> for PaymentService {
    async fn refund_payment(&self, _: &mut Order, visit: &Visit) -> Result {
        say("refund payment", visit);
        Ok(())
    }
}

impl shipping_service::ShippingService<Order> for ShippingService {
    async fn schedule_shipment(&self, _: &mut Order, visit: &Visit) -> Result<Effect> {
        say("schedule shipment", visit);
        Ok(Effect::Done)
    }
    async fn shipment_scheduled(
        &self,
        order: &Order,
        _: &Visit,
    ) -> Result<shipping_service::ShipmentScheduled> {
        let is_known = order.destination != "Atlantis";
        Ok(if is_known {
            shipping_service::ShipmentScheduled::Yes
        } else {
            shipping_service::ShipmentScheduled::No
        })
    }
}

impl shipping_service::Compensation<Order> for ShippingService {
    async fn cancel_shipment(&self, _: &mut Order, visit: &Visit) -> Result {
        say("cancel shipment", visit);
        Ok(())
    }
}
