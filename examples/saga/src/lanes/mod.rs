//! The services, one file for each lane.
//!
//! Each change is stored under the idempotency key of the visit that makes it. A step that is retried, or repeated
//! after a crash, therefore has one effect, and its compensation finds the entry to undo.
//!
//! A timed-out attempt may still arrive after its step was undone. An undo therefore leaves a mark under the key
//! that it undoes, in the same transaction. A step whose key is marked does nothing and faults.

mod books;
mod orchestrator;
mod order_service;
mod payment_service;
mod register;
mod shipping_service;

pub use books::Books;
pub use orchestrator::Orchestrator;
pub use order_service::OrderService;
pub use payment_service::PaymentService;
pub use register::{Amounts, Register, Undone};
pub use shipping_service::ShippingService;

use crate::drawing::Node;

/// The register with the effects of a step, if the step has a compensation.
#[must_use]
pub fn register_of(step: Node) -> Option<&'static str> {
    match step {
        Node::CreateOrder => Some(order_service::ORDERS),
        Node::ReserveInventory => Some(order_service::RESERVED),
        Node::ChargePayment => Some(payment_service::CHARGES),
        Node::ScheduleShipment => Some(shipping_service::SHIPMENTS),
        _ => None,
    }
}
