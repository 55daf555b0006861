//! A run as a value, and the rules by which it proceeds.
//!
//! A [`Run`] reports which nodes are due and accepts their results. It does not depend on futures, clocks or
//! stores: the engine that drives it does the waiting, and may save it between any two calls.
//!
//! ```text
//! until run.is_over():
//!     for each branch in run.state().due():   visit = interpreter.begin(run, branch)
//!     …execute the node, with the context of the run, or with the one that the branch lends…
//!     interpreter.settle(run, branch, result)
//! ```
//!
//! The rules, and the files that implement them:
//!
//! | rule | file |
//! |---|---|
//! | pending undos | `ledger.rs` |
//! | how control moves: circles, forks, joins, skipped compensations | `walk.rs` |
//! | calls of the interpreter | `interpreter.rs` |
//! | bounds of loops | `passes.rs` |
//! | attempts: repeated, interrupted, in doubt | `attempts.rs` |
//! | results of nodes | `settle.rs` |
//! | stopping branches; rolling back as drawn, then in reverse order | `rollback.rs` |
//! | contexts of branches, and panics of `Fork` | `run.rs`, `changes.rs` |
//! | messages and their ids | `messages.rs` |
//! | declared values: what a branch sees, what a visit gets and gives | `env.rs`, `values.rs` |
//! | saved runs, also under a changed drawing | `saved/` |

mod attempts;
mod branch;
mod changes;
mod env;
mod interpreter;
mod ledger;
mod messages;
mod passes;
mod path_entry;
mod resolution;
mod rollback;
#[expect(clippy::module_inception, reason = "the file of the type `Run`")]
mod run;
#[cfg(feature = "serde")]
mod saved;
#[cfg(feature = "serde")]
mod serde_defaults;
mod settle;
mod state;
mod values;
#[cfg(feature = "serde")]
mod visit_nodes;
mod visits;
mod walk;

pub use branch::{ActiveNode, BranchId, Due};
pub use interpreter::Interpreter;
pub use ledger::PendingUndo;
pub use passes::LoopBound;
pub use path_entry::{PathEntry, VisitOutcome};
pub use resolution::StuckResolution;
pub use run::Run;
#[cfg(feature = "serde")]
pub use saved::{Change, Changed, Migration, RestoreError, Saved, Snapshot};
pub use settle::StepResult;
pub use state::{Cause, Ending, FaultAt, State};
