//! Runs flowgen's workflows durably.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod engine;
mod error;
mod store;
mod time;

pub use engine::{Engine, List, Resumed, Shown, Started};
pub use error::Error;
pub use store::Summary;
