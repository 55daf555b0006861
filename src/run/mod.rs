//! A run as a value, and the rules by which it goes on.
//!
//! A [`Run`] says which steps are due and takes what came of them. It knows nothing of futures,
//! clocks or stores: whoever drives it does the waiting, and may save it between any two calls.
//!
//! ```text
//! until run.is_over():
//!     for each place in run.state().due():   visit = interpreter.begin(run, place)
//!     …do it, with the context of the run, or with that which a branch lends…
//!     interpreter.settle(run, place, what came of it)
//! ```
//!
//! The rules, and where they live:
//!
//! | rule | file |
//! |---|---|
//! | what is owed an undo | `ledger.rs` |
//! | how control moves: circles, forks, joins, skipped compensations | `walk.rs` |
//! | how many passes of a loop a run makes | `passes.rs` |
//! | attempts at a step: repeated, interrupted, in doubt | `attempts.rs` |
//! | what comes of a step | `settle.rs` |
//! | aborting a fork, rolling back as drawn and then last first | `rollback.rs` |
//! | contexts of branches, and panics of `Fork` | `contexts.rs`, `changes.rs` |
//! | messages and their ids | `messages.rs` |
//! | runs that were saved, perhaps with another drawing | `saved/` |

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
