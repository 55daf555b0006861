//! A run as a value, and the rules by which it proceeds.
//!
//! A [`Run`] reports which nodes are due and accepts their results. It does not depend on futures, clocks or
//! stores: the engine that drives it does the waiting, and may save it between any two calls.
//!
//! ```text
//! until run.is_over():
//!     for each place in run.state().due():   visit = interpreter.begin(run, place)
//!     …execute the node, with the context of the run, or with the one that the branch lends…
//!     interpreter.settle(run, place, result)
//! ```
//!
//! The rules, and the files that implement them:
//!
//! | rule | file |
//! |---|---|
//! | pending undos | `ledger.rs` |
//! | how control moves: circles, forks, joins, skipped compensations | `walk.rs` |
//! | bounds of loops | `passes.rs` |
//! | attempts: repeated, interrupted, in doubt | `attempts.rs` |
//! | results of nodes | `settle.rs` |
//! | aborting a fork; rolling back as drawn, then in reverse order | `rollback.rs` |
//! | contexts of branches, and panics of `Fork` | `contexts.rs`, `changes.rs` |
//! | messages and their ids | `messages.rs` |
//! | saved runs, also under a changed drawing | `saved/` |

mod attempts;
mod changes;
mod contexts;
mod ledger;
mod messages;
#[cfg(feature = "serde")]
mod named;
mod passes;
mod place;
mod resolution;
mod rollback;
#[cfg(feature = "serde")]
mod saved;
mod settle;
mod state;
#[cfg(feature = "serde")]
mod usual;
mod visits;
mod walk;

pub use contexts::{Interpreter, Run};
pub use ledger::Owed;
pub use passes::LoopBound;
pub use place::{Due, PlaceId, Stance};
pub use resolution::StuckResolution;
#[cfg(feature = "serde")]
pub use saved::{Adoption, Change, Changed, Refused, Saved, Snapshot};
pub use settle::Said;
pub use state::{Cause, Ending, FaultAt, State, Trace, Walked};
