//! A distributed transaction over services, rolled back by compensations when a part fails.
//!
//! `flow/saga.fz` draws it, [`drawing`] is what flowgen makes of that, and [`lanes`]
//! holds the code of the services. [`App`] serves it over HTTP.

pub mod demo;
pub mod http;
pub mod lanes;
pub mod orders;
pub mod service;
pub mod settings;

mod app;
mod order;

pub use app::{App, AppError};
pub use order::Order;

/// The workflow, as `flow/saga.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/saga.fz");
}

use lanes::{Books, Orchestrator, OrderService, PaymentService, ShippingService};

/// The flow with the services that serve its lanes.
pub type OrderFlow = drawing::Flow<Orchestrator, OrderService, PaymentService, ShippingService>;

/// The services of a shop, which keep what they do in these books.
#[must_use]
pub fn shop(books: &Books, settings: &settings::Shop) -> OrderFlow {
    drawing::Flow {
        orchestrator: Orchestrator::new(books),
        order_service: OrderService::new(books, settings.stock),
        payment_service: PaymentService::new(books, settings.limit_cents),
        shipping_service: ShippingService::new(books, &settings.destinations),
    }
}
