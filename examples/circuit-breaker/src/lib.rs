//! Calls fail fast while their target is down, and probes test whether it has recovered.
//!
//! A [`Breaker`] guards a target. While it is closed, it admits calls and counts their results. When too many of
//! them fail or are slow, it opens and rejects calls at once, so that callers do not wait and the target can
//! recover. After a while it is half open: it admits a few probes, and closes if they succeed.
//!
//! ```
//! use circuit_breaker::{Breaker, CallError, Settings};
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
//! | [`Breaker::admit`] | a permit, for calls that are not futures |
//! | [`BreakerLayer`] | a tower layer |
//! | [`Registry`] | a breaker per target |
//! | [`Settings`] | when a breaker opens, and how it recovers; each default with its reason |
//! | [`Event`], [`Metrics`] | events and counters |
//!
//! # The drawing
//!
//! `flow/circuit-breaker.fz` draws an outage, from the opening of a breaker until it is closed again. Each outage
//! is a run of this drawing in its own task. The task ends open periods on time and reports the recovery. A
//! breaker does not depend on it: every call compares the clock, so a breaker also works without a runtime, or if
//! nothing polls the task.

mod breaker;
mod call;
mod counters;
mod event;
mod gate;
#[cfg(feature = "http")]
mod http;
mod layer;
mod outage;
mod permit;
mod registry;
mod settings;
mod window;

/// The atomic types of `gate`. Its loom tests replace them.
mod sync {
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
}

pub use breaker::Breaker;
pub use call::{CallError, Classify, ErrorsFail, Rejected, Verdict};
pub use event::{Event, Listener, Metrics, Outcome};
pub use gate::State;
#[cfg(feature = "http")]
pub use http::ServerErrorsFail;
pub use layer::{BreakerLayer, BreakerService, CallFuture};
pub use permit::Permit;
pub use registry::Registry;
pub use settings::{Dropped, InvalidSetting, Settings, Window};
pub use window::Counts;

/// An outage, generated from `flow/circuit-breaker.fz`. It is private, so that rustc reports outcomes that no lane
/// returns: as warnings, and as errors in `cargo test`.
#[cfg_attr(test, deny(dead_code))]
mod drawing {
    flowgen::flow!("flow/circuit-breaker.fz");
}
