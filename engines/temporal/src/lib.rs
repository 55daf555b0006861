//! Executes flowgen workflows on [Temporal](https://temporal.io), when one machine is not enough.
//!
//! It executes the same flow, with the same implementations of its lanes, as in process. A run becomes a Temporal
//! workflow, each step, decision and compensation becomes an activity, and each lane becomes a task queue.
//! Different processes on different machines can therefore serve different lanes.
//!
//! ```no_run
//! mod shop {
//!     flowgen::flow! {
//!         Shop { # Shop
//!             n1: circle label:"Ordered"
//!             n2: rectangle label:"Reserve book"
//!             n3: circle label:"Reserved"
//!             n1.handle(right) -> n2.handle(left)
//!             n2.handle(right) -> n3.handle(left)
//!         }
//!     }
//! }
//!
//! use flowgen::{Result, Retry, Scope, TokioClock, Visit};
//! use flowgen_temporal::{Runs, connect};
//! use serde::{Deserialize, Serialize};
//!
//! /// The context is encoded as JSON.
//! #[derive(Serialize, Deserialize)]
//! struct Order {
//!     title: String,
//! }
//!
//! struct Bookshop;
//!
//! impl shop::shop::Shop<Order> for Bookshop {
//!     async fn reserve_book(&self, order: &mut Order, visit: &Visit) -> Result {
//!         println!("reserve {} under the key {}", order.title, visit.key());
//!         Ok(())
//!     }
//! }
//!
//! static SHOP: shop::Flow<Bookshop> = shop::Flow { shop: Bookshop };
//!
//! # #[tokio::main]
//! # async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
//! let client = connect("http://127.0.0.1:7233", "default").await?;
//! let runs = Runs::<shop::Node, Order>::new(client, "bookshop");
//!
//! // One process runs the worker, with the policies of its runner, as in process.
//! let runner = SHOP.runner().clock(TokioClock).retry(Scope::All, Retry::max_retries(3));
//! runs.worker(runner).lanes(["Shop"])?.run().await?;
//!
//! // Another process starts runs and waits for them.
//! runs.start("order-42", &Order { title: "Emma".to_owned() }).await?;
//! println!("{}", runs.outcome("order-42").await?.outcome);
//! # Ok(())
//! # }
//! ```
//!
//! # How a flow is mapped to Temporal
//!
//! | | on Temporal |
//! |---|---|
//! | the flow's name, `bookshop` | the task queue of its workflows |
//! | a run | a workflow of the type `flowgen`, whose id is the run's |
//! | a step, a decision, a compensation | an activity, on the task queue of its lane: `bookshop/Shop` |
//! | a message (`async:`) | a child workflow that outlives its parent |
//! | the run as a value | the workflow's result; while it is active, the query `show` |
//! | how it ended, or that it is stuck | the memo `outcome`; the drawing's hash is the memo `drawing` |
//!
//! A worker polls the task queue of the workflows and those of the lanes that it serves. It holds the whole `Flow`
//! with all lanes, but executes only steps of the lanes that it serves.
//!
//! If no worker serves a lane, runs wait at its steps until one does.
//!
//! # Differences from execution in process
//!
//! | | in process | on Temporal |
//! |---|---|---|
//! | order of steps, rollback, outcomes, idempotency keys | | the same |
//! | retries: number, pauses, jitter, `retry_if` | | the same; the policy is that of the worker that serves the lane |
//! | timeouts | | the same: the worker ends the attempt |
//! | limits | over all runs of a runner | over all steps that this worker executes |
//! | changes of a failed attempt to the context | discarded with `Runner::discard_failed_changes` | discarded |
//! | a step panics | the step faults | the same |
//! | a context panics when it is read or written | | it counts as one that can't be read or written: the run waits for another worker, or the step faults |
//! | the worker dies in a step | the run is lost | called again, under the same key, after [`Worker::lost_after`]; the lost attempt uses up no retry |
//! | a changed drawing | saved runs that know no changed node continue (`Interpreter::restore`) | the run is refused by name, see below |
//! | a run that is stuck | ends, and can be retried or resolved as a value | stays open until [`Runs::retry`], [`Runs::resolve`] or [`Runs::skip`], past any retention |
//! | which steps have to be undone: [`Fault::not_done`], and `NotDone` after an attempt in doubt | | the same: the worker reports earlier attempts to the workflow |
//! | [`Visit::is_last_attempt`], [`Visit::cause`] | | the same |
//! | the run is cancelled, or a fork aborted, while a step waits for a retry | the previous fault counts | the step ends with the fault `stopped before it was tried again`, and is undone even if its attempts had no effect: the server does not pass on their faults |
//! | the same, before a worker has taken up the step | it was not begun | this can't be distinguished from the row above, so it is undone like a step that faulted |
//! | the same, while a worker is lost | | the step is not called again; it is undone |
//! | `RunResult::messages` | the results of the messages | empty: [`Runs::messages`] returns their ids, and each is a separate run |
//! | a fault's type | available with `downcast_ref` | lost: only its messages are kept |
//! | observers | notified of all events | notified of `Entered` and `Retrying`, by the worker that executes the step |
//! | the workflow is terminated | | its pending undos are forgotten: cancel it instead |
//!
//! The workflow calls `Fork`, and calls it again on replay: it must return the same result for the same contexts.
//!
//! # When the drawing has changed
//!
//! Each run stores the hash of its drawing. A worker with another drawing neither executes its steps nor advances
//! it, even if no node that the run knows was changed: a workflow is replayed, and the drawing is its code. The
//! workflow task fails with a message that names both drawings. The run is not affected, and continues once a
//! worker with its drawing is available. [`Runs`] returns [`Error::OtherDrawing`], and [`Runs::blocked_reasons`] returns
//! the workers' messages.
//!
//! [`Fault::not_done`]: flowgen::Fault::not_done
//! [`Visit::is_last_attempt`]: flowgen::Visit::is_last_attempt
//! [`Visit::cause`]: flowgen::Visit::cause

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod activity;
mod connect;
mod context_json;
mod drive;
mod error;
mod history;
mod payload;
mod query;
mod runs;
mod steps;
mod wire;
mod worker;
mod workflow;

pub use connect::{ConnectError, connect};
pub use error::{Error, WorkerError};
pub use query::{RunDetails, Summary};
pub use runs::{Runs, Started};
pub use worker::Worker;

/// The SDK's client crate, for connections with TLS, API keys or other options that [`connect`] does not have.
pub use temporalio_client;
