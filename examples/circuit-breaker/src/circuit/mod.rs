//! Circuit breakers.
//!
//! A [`Breaker`] stands before a target. While it is closed, it admits calls and counts what comes of
//! them. When too many fail, or are slow, it trips: calls are rejected at once, the target is left
//! alone, and whoever calls does not wait for it. Then a few probes are admitted; if they go well, the
//! breaker closes.
//!
//! ```
//! use circuit_breaker::circuit::{Breaker, CallError, Settings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! async fn pieces_in_stock() -> Result<u32, std::io::Error> {
//!     Ok(7)
//! }
//!
//! let breaker = Breaker::new("inventory", Settings::default())?;
//! match breaker.call(pieces_in_stock()).await {
//!     Ok(pieces) => assert_eq!(pieces, 7),
//!     Err(CallError::Rejected(rejected)) => println!("{rejected}"),
//!     Err(CallError::Failed(error)) => println!("{error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | | |
//! |---|---|
//! | [`Breaker::call`], [`Breaker::call_with`], [`Breaker::call_or_else`] | a call, with a classifier, with a fallback |
//! | [`Breaker::admit`] | the same by hand, for what is no future |
//! | [`BreakerLayer`] | before a tower service |
//! | [`Registry`] | a breaker for each target |
//! | [`Settings`] | when it trips, and how it recovers; each default with its reason |
//! | [`Event`], [`Metrics`] | what happens, and what was counted |
//!
//! # What is drawn
//!
//! `flow/circuit-breaker.fz` draws an outage: what happens from the moment when a breaker trips until it
//! is closed again. [`drawing`] is what flowgen makes of that, and each outage is a run of it, in a task
//! of its own. Calls are not runs: one that passes a closed breaker costs less than a run could, and
//! what it decides is one comparison (`gate.rs`).
//!
//! A breaker needs a tokio runtime, with time enabled, where it trips.

mod breaker;
mod call;
mod event;
mod gate;
mod layer;
mod outage;
mod permit;
mod registry;
mod settings;
mod tally;
mod window;

/// What `gate` is made of; its tests take those of loom.
mod sync {
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
}

pub use breaker::Breaker;
pub use call::{CallError, Classify, ErrorsFail, Rejected, Verdict};
pub use event::{Event, Listener, Metrics, Outcome};
pub use gate::State;
pub use layer::{BreakerLayer, BreakerService, Calling};
pub use permit::Permit;
pub use registry::Registry;
pub use settings::{Dropped, InvalidSetting, Settings, Window};
pub use window::Counts;

/// An outage, as `flow/circuit-breaker.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/circuit-breaker.fz");
}
