//! Runs [flowgen](https://docs.rs/flowgen)'s workflows durably, in one SQLite file.
//!
//! It runs the same flow, with the same lanes, as `flow.run(cx)` does in process. Each run is saved before its
//! first step and after each step. If the process dies, the runs continue when it is started again.
//!
//! ```
//! mod shop {
//!     flowgen::flow! {
//!         Shop { # Shop
//!             n1: circle label:"Ordered"
//!             n2: rectangle label:"Reserve book"
//!             n3: diamond label:"Paid?"
//!             n4: circle label:"Sold"
//!             n5: rectangle label:"Release book"
//!             n6: circle label:"Not sold"
//!             n1.handle(right) -> n2.handle(left)
//!             n2.handle(right) -> n3.handle(left)
//!             n3.handle(right) -> n4.handle(left) [label="Yes"]
//!             n3.handle(bottom) -> n5.handle(top) [label="No"]
//!             n5.handle(right) -> n6.handle(left)
//!             n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
//!         }
//!     }
//! }
//!
//! use std::time::Duration;
//!
//! use flowgen::{Effect, Result, Retry, Scope, TokioClock, Visit};
//! use flowgen_sqlite::{Engine, ListRuns, Started};
//! use serde::{Deserialize, Serialize};
//! use shop::shop::{Compensation, Paid, Shop};
//!
//! /// The context of a run is saved with it, as JSON.
//! #[derive(Serialize, Deserialize)]
//! struct Order {
//!     paid: bool,
//! }
//!
//! struct Bookshop;
//!
//! impl Shop<Order> for Bookshop {
//!     async fn reserve_book(&self, _: &mut Order, visit: &Visit) -> Result<Effect> {
//!         // After a crash this may be called again, with the same key.
//!         println!("reserve under {}", visit.key());
//!         Ok(Effect::Done)
//!     }
//!     async fn paid(&self, order: &Order, _: &Visit) -> Result<Paid> {
//!         Ok(if order.paid { Paid::Yes } else { Paid::No })
//!     }
//! }
//!
//! impl Compensation<Order> for Bookshop {
//!     async fn release_book(&self, _: &mut Order, _: &Visit) -> Result {
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::result::Result<(), flowgen_sqlite::Error> {
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let path = folder.path().join("orders.db");
//! let flow = shop::Flow { shop: Bookshop };
//! let runner = flow.into_runner().clock(TokioClock).retry(Scope::All, Retry::max_retries(5));
//! let engine = Engine::open(&path, runner).await?;
//! let resumed = engine.resume().await?;
//! println!("{} runs go on", resumed.runs);
//!
//! let started = engine.start("order-42", Order { paid: true }).await?;
//! assert_eq!(started, Started::New);
//! // A second start with the same id changes nothing.
//! assert_eq!(engine.start("order-42", Order { paid: true }).await?, Started::Existing);
//!
//! assert!(engine.outcome("order-42").await?.is_completed_at(shop::End::Sold));
//! for run in engine.list(ListRuns::all()).await? {
//!     println!("{}: {}", run.run, engine.show(&run.run).await?.report.summary);
//! }
//! engine.shutdown(Duration::from_secs(10)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is durable
//!
//! - [`Engine::start`] returns once the run is in the file. The same holds for every other call that changes a
//!   run.
//! - A commit is on the disk when it returns (WAL, `synchronous=EXTRA`). Commits of runs that are active at the
//!   same time are combined into one, by a thread of the engine. If only one run is active, the thread that drives
//!   it commits, provided that the runtime is Tokio's multi-threaded one, which then moves the other ready tasks
//!   to another thread.
//! - A step is recorded as begun before it is called. After a crash it is called again, under the same idempotency
//!   key and with the context as it was when the step began. A step whose end is in the file is not called again.
//! - Forks, loops, visits and the ledger of pending undos are saved too. Messages (`async:`) are separate runs,
//!   which are saved together with the step that sends them.
//! - Attempts are counted, and retry policies apply, across all processes: a retry is saved before it is made. An
//!   interrupted attempt counts, and is made again even if it was the last one. If the process dies during the
//!   pause before a retry, that pause is not repeated.
//! - Observers may be notified of an event twice, if the process dies just after the event was saved.
//!
//! # When something goes wrong
//!
//! An attempt that faults, panics or times out changes nothing: the next attempt, and the rollback, see the
//! context as it was saved when the attempt began, as they would after a crash. Parts of a context that are not
//! serialized are lost then. A context that can't be read back stays as the attempt left it.
//!
//! A panic in a step is a fault. A context that panics while it is serialized or deserialized is treated as one
//! that can't be: the error names the run. With `panic = "abort"`, a panic is a crash, and a step that panics is
//! called again each time the run is resumed.
//!
//! A run that can't be saved is *halted*: none of its steps begins unless the file has recorded it.
//! [`Engine::outcome`] returns the error, and [`Summary::halted`] has the reason. If the file was only locked or
//! full, or the disk could not be reached ([`Error::is_passing`]), the run continues without a call once the file
//! can be written again: one run is retried after pauses from 100 ms to 5 s, and all others follow it. The step
//! that could not be saved is called again, under the same key. Other halted runs continue when [`Engine::retry`]
//! or [`Engine::resume`] is called. No other run is affected.
//!
//! Runs with failed compensations are *stuck*, and are listed first. Operators handle them with [`Engine::retry`],
//! [`Engine::resolve`] and [`Engine::skip`].
//!
//! # Under load
//!
//! [`flowgen::Runner::limit`] limits how many attempts are made at once, over all runs: more attempts than the
//! services behind the steps can handle only make each one slower, until they time out. [`Engine::max_running`]
//! limits how many runs may be active before further ones are refused, and [`Engine::load`] returns how many are.
//! The engine reads and writes in threads of its own, so [`Engine::show`] and [`Engine::shutdown`] don't wait for
//! blocking work of steps.
//!
//! # When the program has changed
//!
//! A run that was started with another drawing continues if every node that it knows has the same meaning, and if
//! the new drawing does not lead it again to a compensable step that it has passed: see
//! [`flowgen::run::Migration`]. The second condition can be waived for a node with [`Options::accept_repeat`].
//!
//! Contexts have a version. [`Options::contexts`] sets the version that the program saves, and the function that
//! reads older ones.
//!
//! A run that the program can't continue is *refused*: the drawing has changed, its context can't be read or is
//! newer than the program, or its row is damaged. [`Resumed::refused`] names it, it is listed with
//! [`Status::Refused`](flowgen::report::Status::Refused) and the reason in [`Summary::refused`], and all calls
//! that would advance it return the reason. It stays in the file unchanged, and continues once it is resumed by a
//! program that can read it.
//!
//! | for a run that is refused, stuck or halted | |
//! |---|---|
//! | [`Engine::show`] | shows the saved run, in the words of the drawing that it was saved with |
//! | [`Engine::abandon`] | ends it as abandoned, and returns its pending undos, which stay on record |
//! | [`Engine::delete`] | deletes it, once it is over or if its saved data can't be read any more |
//!
//! # Without the program
//!
//! [`Reader`] lists, shows and checks the runs of a file, even while a service has it open. [`Operator`] cancels,
//! retries, resolves, skips, abandons and deletes them while no service has it open. Neither needs the flow. The
//! program `flowgen` has the same operations as commands: `flowgen runs orders.db list`.
//!
//! # The file
//!
//! A file is used by one process at a time, and by one flow. A second process gets an error that names the first.
//! Beside `orders.db` are `orders.db-wal`, `orders.db-shm` and `orders.db-lock`. Copy them together and only while
//! the file is closed, or use SQLite's own means of backup. Do not link or delete them, and do not replace them
//! while they are in use.
//!
//! - Each process that opens the file increments an *epoch* in it. Every transaction reads the epoch. If another
//!   process has opened the file (the lock was deleted, or is not shared on this file system), the first one saves
//!   nothing more: [`Error::TakenOver`].
//! - On Unix, every transaction also verifies that the names of the four files still refer to the opened files,
//!   and that each file has one name: [`Error::Deleted`], [`Error::Replaced`], [`Error::HardLinked`]. Until that
//!   is corrected, nothing is saved and no step begins. Hard links are also refused when the file is opened. If a
//!   file is deleted between the check and the commit, the next transaction detects it. On Windows, SQLite's files
//!   can't be deleted or replaced while they are open; the lock is protected by the epoch there.
//! - Each row has a checksum (CRC-32), which is verified when the row is read. A run, a part of a path or a
//!   drawing that has changed in the file yields an [`Error::DamagedRow`] that names it, and the others continue.
//!   Indexes have no checksums. [`Engine::check`] reads the whole file, and finds damage in indexes, too.
//! - If the last process did not close the file (it was killed, or the power failed), the file is checked with
//!   SQLite's `quick_check` when it is opened. This reads all of it. Damage is logged as an error.
//! - No run is saved with an earlier time than it was saved with before, nor with an earlier time than the newest
//!   100 runs had when the file was opened: a clock that is set back makes no run older. If the clock was ahead
//!   for a while, times stay at its latest value until the correct time has passed it.
//! - [`Engine::delete_ended_before`] returns the freed pages to the file system; the file becomes shorter once
//!   SQLite has written its log back.
//!
//! Files of older versions are migrated when they are opened; newer ones are refused. The migration to version 6
//! writes the whole file twice, once for the checksums and once so that it can shrink. If there is no space for
//! the second pass, the file keeps its size.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod engine;
mod entry;
mod error;
mod inactive_run;
mod operator;
mod store;
mod time;

pub use engine::{Engine, ListRuns, Load, Opening, Options, Resumed, Retried, RunDetails, Started};
pub use error::Error;
pub use operator::{Checked, Operator, Reader};
pub use store::Summary;
