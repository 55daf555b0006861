//! A distributed transaction over services, rolled back by compensations when a part fails.
//!
//! `flow/saga.fz` is the drawing, [`drawing`] is the code that flowgen generates from it, and [`lanes`] implements
//! the services. [`App`] serves them over HTTP.

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

/// The workflow, generated from `flow/saga.fz`.
pub mod drawing {
    flowgen::flow!("flow/saga.fz");
}

use lanes::{Books, Orchestrator, OrderService, PaymentService, ShippingService};

/// The flow with the services that serve its lanes.
pub type OrderFlow = drawing::Flow<Orchestrator, OrderService, PaymentService, ShippingService>;

/// The services of a shop. All of them store their data in these books.
#[must_use]
pub fn shop(books: &Books, settings: &settings::Shop) -> OrderFlow {
    drawing::Flow {
        orchestrator: Orchestrator::new(books),
        order_service: OrderService::new(books, settings.stock),
        payment_service: PaymentService::new(books, settings.limit_cents),
        shipping_service: ShippingService::new(books, &settings.destinations),
    }
}
