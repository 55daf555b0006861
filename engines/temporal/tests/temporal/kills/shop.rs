//! The order saga, whose steps note in a file what they do.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use flowgen::{Effect, Node, Result, Visit};
use serde::{Deserialize, Serialize};

pub(crate) mod drawing {
    flowgen::flow!("../../examples/saga/flow/saga.fz");
}

use drawing::{orchestrator, order_service, payment_service, shipping_service};

/// What a run carries along: what shall become of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The decision that says no; none does where this is empty.
    pub(crate) refuses: String,
    /// The file in which steps note what they do.
    pub(crate) log: String,
}

pub(crate) struct Shop;

pub(crate) static SHOP: drawing::Flow<Shop, Shop, Shop, Shop> =
    drawing::Flow { orchestrator: Shop, order_service: Shop, payment_service: Shop, shipping_service: Shop };

/// So long does a step take: there is time to die in it.
const STEP: Duration = Duration::from_millis(150);

impl Order {
    async fn does(&self, visit: &Visit) -> Result {
        self.note("began", visit)?;
        tokio::time::sleep(STEP).await;
        self.note("did", visit)
    }

    /// One write a line, at the end of the file: lines of several processes do not mix.
    fn note(&self, what: &str, visit: &Visit) -> Result {
        let lane = drawing::Node::PLAN.lanes[visit.node().lane as usize].name;
        let text = format!("{} {lane} {what} {}\n", std::process::id(), visit.key());
        OpenOptions::new().append(true).create(true).open(&self.log)?.write_all(text.as_bytes())?;
        Ok(())
    }

    async fn does_what_can_be_undone(&self, visit: &Visit) -> Result<Effect> {
        self.does(visit).await.map(|()| Effect::Done)
    }

    fn says_yes(&self, decision: &str) -> bool {
        self.refuses != decision
    }
}

impl orchestrator::Orchestrator<Order> for Shop {
    async fn confirm_order(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
    async fn trigger_rollback(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
    async fn report_failure(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
}

impl order_service::OrderService<Order> for Shop {
    async fn create_order(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        order.does_what_can_be_undone(visit).await
    }
    async fn reserve_inventory(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        order.does_what_can_be_undone(visit).await
    }
    async fn in_stock(&self, order: &Order, _: &Visit) -> Result<order_service::InStock> {
        Ok(if order.says_yes("stock") { order_service::InStock::Yes } else { order_service::InStock::No })
    }
}

impl order_service::Compensation<Order> for Shop {
    async fn release_inventory(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
    async fn cancel_order(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
}

impl payment_service::PaymentService<Order> for Shop {
    async fn charge_payment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        order.does_what_can_be_undone(visit).await
    }
    async fn payment_accepted(&self, order: &Order, _: &Visit) -> Result<payment_service::PaymentAccepted> {
        use payment_service::PaymentAccepted::{No, Yes};
        Ok(if order.says_yes("payment") { Yes } else { No })
    }
}

impl payment_service::Compensation<Order> for Shop {
    async fn refund_payment(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
}

impl shipping_service::ShippingService<Order> for Shop {
    async fn schedule_shipment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        order.does_what_can_be_undone(visit).await
    }
    async fn shipment_scheduled(
        &self,
        order: &Order,
        _: &Visit,
    ) -> Result<shipping_service::ShipmentScheduled> {
        use shipping_service::ShipmentScheduled::{No, Yes};
        Ok(if order.says_yes("shipping") { Yes } else { No })
    }
}

impl shipping_service::Compensation<Order> for Shop {
    async fn cancel_shipment(&self, order: &mut Order, visit: &Visit) -> Result {
        order.does(visit).await
    }
}
