//! A minimal saga: three steps, a compensation for each, and faults on demand.
//!
//! `flow/rollback.fz` is the drawing, [`drawing`] is the code that flowgen generates from it, [`Shop`] implements
//! the steps, and [`Faulty`] injects faults.

mod faulty;
mod order;
mod records;
mod shop;

pub use faulty::{Faulty, compensable, compensations, steps};
pub use order::Order;
pub use records::{Records, Undone};
pub use shop::Shop;

/// The workflow, generated from `flow/rollback.fz`.
pub mod drawing {
    flowgen::flow!("flow/rollback.fz");
}

/// The flow with the shop that serves it.
pub type ShopFlow = drawing::Flow<Shop>;
