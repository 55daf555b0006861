//! Drawn workflows as typed Rust that does not compile until the workflow is complete.

pub mod plan;
pub mod run;

mod fault;
mod flow;
mod outcome;
mod runner;
mod visit;

pub use fault::{Fault, Result};
pub use flow::{Decision, Effect, Flow, Fork, Next, Node, Towards};
pub use outcome::{Cause, Ended, FaultAt, Outcome, Owed, Walked};
#[cfg(feature = "tokio")]
pub use runner::TokioClock;
pub use runner::{Clock, Event, Observer, Retry, Runner, Scope, Timed, TimedOut, Timing, Untimed};
pub use visit::{Key, Visit};
