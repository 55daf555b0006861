//! A distributed transaction over services, rolled back by compensations when a part fails.
//!
//! `flow/saga.fz` draws it, [`drawing`] is what flowgen makes of that, and [`lanes`]
//! holds the code of the services. They keep what they know in memory.

pub mod lanes;
mod order;

pub use order::{Card, Order};

/// The workflow, as `flow/saga.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/saga.fz");
}

use lanes::{Orchestrator, OrderService, PaymentService, ShippingService};

/// The flow with the services that serve its lanes.
pub type OrderFlow = drawing::Flow<Orchestrator, OrderService, PaymentService, ShippingService>;

/// A shop with this many pieces in stock, which ships to these places.
#[must_use]
pub fn shop(stock: u32, destinations: &[&str]) -> OrderFlow {
    drawing::Flow {
        orchestrator: Orchestrator::default(),
        order_service: OrderService::with_stock(stock),
        payment_service: PaymentService::default(),
        shipping_service: ShippingService::to(destinations),
    }
}
