//! The services, a file each lane.
//!
//! Every change is noted under the idempotency key of the visit that makes it, so that a step that
//! is tried again has one effect, and its compensation finds what it has to undo. That is what makes
//! a step safe to repeat after a crash, too.

mod orchestrator;
mod order_service;
mod payment_service;
mod register;
mod shipping_service;

pub use orchestrator::Orchestrator;
pub use order_service::OrderService;
pub use payment_service::PaymentService;
pub use register::{Books, Register};
pub use shipping_service::ShippingService;
