//! Runs [flowgen](https://docs.rs/flowgen)'s workflows durably, in one SQLite file.
//!
//! The same flow, with the same lanes, that runs in process with `flow.run(cx)`. Here each run is saved
//! before its first step and after each one; whenever the process dies, the runs go on when it comes up
//! again.
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
//! use flowgen_sqlite::{Engine, List, Started};
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
//! let runner = flow.into_runner().clock(TokioClock).retry(Scope::All, Retry::times(5));
//! let engine = Engine::open(&path, runner).await?;
//! let resumed = engine.resume().await?;
//! println!("{} runs go on", resumed.runs);
//!
//! let started = engine.start("order-42", Order { paid: true }).await?;
//! assert_eq!(started, Started::Anew);
//! // Saved is saved: whoever asks again is told so, and nothing happens twice.
//! assert_eq!(engine.start("order-42", Order { paid: true }).await?, Started::Already);
//!
//! assert!(engine.outcome("order-42").await?.is_completed_at(shop::End::Sold));
//! for run in engine.list(List::all()).await? {
//!     println!("{}: {}", run.run, engine.show(&run.run).await?.report.summary);
//! }
//! engine.shutdown(Duration::from_secs(10)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is durable
//!
//! - [`Engine::start`] is ready when the run is in the file. So is everything else that changes a run.
//! - A commit is on the disk when it is done (WAL, `synchronous=EXTRA`). Commits of runs that go on at the same
//!   time are made one, by a thread of the engine. A run that goes on alone is committed where it is driven, if
//!   that is Tokio's runtime with many threads, which then lets another thread take over what else is ready.
//! - A step is begun in the file before it is done. After a crash it is done again, under the same
//!   idempotency key and with the context as it was when the step was begun. A step whose end is in the file is
//!   not done again.
//! - Forks, loops, visits and the ledger of what is owed an undo are part of what is saved. Messages (`async:`)
//!   are runs of their own, which are saved together with the step that sends them.
//! - Attempts are counted, and retry policies hold, over all processes: a retry is saved before it is
//!   made. The attempt that was interrupted counts, and is made again even if it was the last. A pause
//!   before a retry that a process did not live to see the end of is not waited for again.
//! - Observers may be told something twice, when the process dies just after it was saved.
//!
//! # When something goes wrong
//!
//! An attempt that faults, panics or times out changes nothing: the next attempt, and the rollback, see the
//! context as it was saved when the attempt was begun, as they would after a crash. What of a context is not
//! serialized is not there any more then. A context that can't be read back stays as the attempt left it.
//!
//! A panic in a step is a fault. A context that panics when it is serialized or deserialized counts as one that
//! can't be: the error names the run. With `panic = "abort"` a panic is a crash, and a step that panics is done
//! again whenever the run is resumed.
//!
//! A run that can't be saved is *halted*: nothing of it is done that the file does not know of.
//! [`Engine::outcome`] gives the error, and [`Summary::halted`] says why. Where the file was only locked or full, or the
//! disk could not be reached ([`Error::is_passing`]), the run goes on by itself once the file can be written again: one
//! run is tried after pauses from 100 ms to 5 s, and all others follow it. The step that could not be saved is done again,
//! under the same key. Other halted runs go on when [`Engine::retry`] or [`Engine::resume`] is called. No other run is
//! harmed.
//!
//! Runs that could not undo what they owe are *stuck*, and are listed first: [`Engine::retry`],
//! [`Engine::resolve`] and [`Engine::skip`] are for whoever sees to them.
//!
//! # Under load
//!
//! [`flowgen::Runner::limit`] says how many attempts are made at once, over all runs: more of them than the services behind
//! the steps can serve only make each slower, until they time out. [`Engine::max_running`] says how many runs may be under
//! way before further ones are refused, and [`Engine::load`] how many are. The engine reads and writes in threads of its own,
//! so [`Engine::show`] and [`Engine::shutdown`] don't wait for blocking work of steps.
//!
//! # When the program has changed
//!
//! A run that was begun with another drawing goes on if every node that it knows means the same, and if the new
//! drawing does not lead it again to a compensable step that it has passed: see [`flowgen::run::Adoption`]. The second
//! can be accepted for a node with [`Options::accept_repeat`].
//!
//! Contexts have a version. [`Options::contexts`] says which one the program saves, and how it reads older ones.
//!
//! A run that the program can't go on with is *refused*: the drawing has changed, its context can't be read or is newer
//! than the program, or its row is damaged. [`Resumed::refused`] names it, it is listed with
//! [`Status::Refused`](flowgen::report::Status::Refused) and the reason in [`Summary::refused`], and all calls that
//! would move it return the reason. It stays in the file as it is, and goes on once a program resumes it that can.
//!
//! | for a run that is refused, stuck or halted | |
//! |---|---|
//! | [`Engine::show`] | what the file has of it, in the words of the drawing that it was saved with |
//! | [`Engine::abandon`] | closes it as given up, and returns what it owes, which stays on record |
//! | [`Engine::delete`] | deletes it, once it is over or nothing can be made out of it any more |
//!
//! # Without the program
//!
//! [`Reader`] lists, shows and checks the runs of a file, also while their service has the file. [`Operator`] cancels,
//! retries, resolves, skips, abandons and deletes them while no service has it. Neither needs the flow. The program
//! `flowgen` has the same as commands: `flowgen runs orders.db list`.
//!
//! # The file
//!
//! One process at a time has a file, one flow uses it; who comes second is told who has it. Beside
//! `orders.db` are `orders.db-wal`, `orders.db-shm` and `orders.db-lock`. Copy them together and only when
//! the file is closed, or use SQLite's own means of backup. Do not link or delete them, and do not replace them
//! while they are in use.
//!
//! - Each process that opens the file raises an *epoch* in it. Every transaction reads it, so a process whose file
//!   was opened by another one (the lock was deleted, or is not shared on this file system) saves nothing more:
//!   [`Error::TakenOver`].
//! - On Unix, every transaction also verifies that the names of the four files still name what was opened, and
//!   that each has one name: [`Error::Deleted`], [`Error::Replaced`], [`Error::HardLinked`]. Nothing is saved, and
//!   no step is begun, until that is put right. Hard links are refused at the opening, too. A file that is deleted
//!   between that and the commit is missed until the next transaction. On Windows, SQLite's files can't be deleted
//!   or replaced while they are open; what holds there for the lock is the epoch.
//! - Each row has a checksum (CRC-32), which is verified when the row is read: a run, a part of a path or a drawing
//!   that has changed in the file is an [`Error::DamagedRow`] that names it, and the others go on. Indexes have no
//!   checksums. [`Engine::check`] finds what is wrong with them, too, and looks the whole file through.
//! - A file whose last process did not close it (it was killed, or the power failed) is checked with SQLite's
//!   `quick_check` when it is opened, which reads all of it. What is found is logged as an error.
//! - No run is saved with an earlier time than it was saved with before, nor than the newest 100 runs of the file
//!   were when it was opened: a clock that is set back makes no run older. One that was too late for a while does
//!   so until the right time has caught up.
//! - [`Engine::delete_ended_before`] gives the pages that become free back to the file system; the file is shorter
//!   once SQLite has written its log back.
//!
//! Files of older versions are brought up to date when they are opened; newer ones are refused. To version 6, that
//! writes the whole file twice, once for the checksums and once so that it can shrink. Without room for the
//! second, the file keeps its size.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod by_hand;
mod engine;
mod entry;
mod error;
mod operator;
mod store;
mod time;

pub use engine::{Engine, List, Load, Opening, Options, Resumed, Retried, Shown, Started};
pub use error::Error;
pub use operator::{Checked, Operator, Reader};
pub use store::Summary;
