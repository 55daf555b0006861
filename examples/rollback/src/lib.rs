//! A minimal saga: three steps, a compensation for each, and faults on demand.
//!
//! `flow/rollback.fz` draws it, [`drawing`] is what flowgen makes of that, [`Shop`] does what is
//! drawn, and [`Faulty`] makes any of it fail.

mod faulty;
mod order;
mod records;
mod shop;

pub use faulty::{Faulty, compensable, compensations, steps};
pub use order::Order;
pub use records::{Records, Undone};
pub use shop::Shop;

/// The workflow, as `flow/rollback.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/rollback.fz");
}

/// The flow with the shop that serves it.
pub type ShopFlow = drawing::Flow<Shop>;
