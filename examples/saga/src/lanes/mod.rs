//! The services, a file each lane.
//!
//! Every change is noted under the idempotency key of the visit that makes it. So a step that is tried
//! again, or repeated after a crash, has one effect, and its compensation finds what it has to undo.
//!
//! An attempt that timed out may still arrive after it has been undone. So an undo leaves a mark under the
//! key that it undoes, in the same transaction, and a step whose key is marked does nothing and faults.

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
