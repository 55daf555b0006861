//! Drawn workflows as typed Rust that does not compile until the workflow is complete.
//!
//! [`flow!`] reads a drawing and generates a module per lane, a trait method per rectangle, an enum per
//! diamond, a compensation trait per lane with compensations, and a driver that executes the drawing.
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
//! use flowgen::{Effect, Result, Visit};
//! use shop::shop::{Compensation, Paid, Shop};
//!
//! /// The context of a run: any type that is `Send`.
//! struct Order {
//!     paid: bool,
//! }
//!
//! struct Bookshop;
//!
//! impl Shop<Order> for Bookshop {
//!     async fn reserve_book(&self, _: &mut Order, _: &Visit) -> Result<Effect> {
//!         Ok(Effect::Done)
//!     }
//!     async fn paid(&self, order: &Order, _: &Visit) -> Result<Paid> {
//!         Ok(if order.paid { Paid::Yes } else { Paid::No })
//!     }
//! }
//!
//! impl Compensation<Order> for Bookshop {
//!     async fn release_book(&self, _: &mut Order, visit: &Visit) -> Result {
//!         assert!(visit.undoes().is_some());
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let flow = shop::Flow { shop: Bookshop };
//! let ended = flow.run(Order { paid: true }).await;
//! assert!(ended.outcome.is_completed_at(shop::End::Sold));
//!
//! let ended = flow.run(Order { paid: false }).await;
//! assert!(ended.outcome.is_rolled_back());
//! assert_eq!(ended.undone().collect::<Vec<_>>(), [shop::Node::ReserveBook]);
//! # }
//! ```
//!
//! # What runs a flow
//!
//! `flow.run(cx)` runs the flow in process. [`Runner`], returned by `flow.runner()`, adds retries, timeouts,
//! limits, observers and cancellation. Both only wait: the rules by which a run continues are in [`run`], where
//! a run is a value that can be saved between any two steps.
//!
//! # Panics, and contexts after a failed attempt
//!
//! A panic in a step, a decision or a compensation is a fault of type [`Panicked`], whose effect is unknown: it
//! is retried and rolled back like any fault. Panics in [`Fork`] and in clocks are faults, too. A policy that
//! panics makes a fault final. A panic of an observer changes nothing. With `panic = "abort"` no panic can be
//! caught, and the program ends. A panic in a destructor during the unwinding of another panic also ends the
//! program.
//!
//! Durable engines discard changes to the context by an attempt that faulted, panicked or timed out: they
//! restore the saved context. In process, this requires a [`Clone`] context and
//! [`Runner::discard_failed_changes`]. Without it, the next attempt and the rollback see the changes.
//!
//! # Features
//!
//! | feature | gives |
//! |---|---|
//! | `tokio` | [`TokioClock`](crate::Clock) for retries and timeouts, and `Runner::limit` |
//! | `serde` | runs can be saved and restored |
//! | `tracing` | each step is a span with its lane, node id and label |
//! | `build` | `flowgen::build`, to compile drawings from a build script |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(feature = "build")]
pub mod build;
pub mod data;
pub mod explore;
pub mod plan;
pub mod run;

#[cfg(feature = "serde")]
mod drawing;
mod fault;
mod flow;
mod outcome;
mod panicked;
#[cfg(feature = "serde")]
pub mod report;
mod routing;
mod runner;
mod visit;

#[cfg(feature = "serde")]
pub use drawing::Drawing;
pub use fault::{Fault, Result};
pub use flow::{Decision, Did, Effect, Flow, Fork, Next, Node, Target};
pub use outcome::{Cause, FaultAt, Outcome, PathEntry, PendingUndo, RunResult};
pub use panicked::Panicked;
pub use run::StuckResolution;
#[cfg(feature = "tokio")]
pub use runner::TokioClock;
pub use runner::{
    Checkpointer, Clock, Discarding, Event, Observer, Retry, Runner, Running, Scope, Timed, TimedOut, Timing,
    Untimed,
};
pub use visit::{Key, Visit};

#[doc(hidden)]
pub use flowgen_macros::{__flow, __flow_with_labels};

#[cfg(feature = "serde")]
#[doc(hidden)]
pub use serde as __serde;

/// The items, if the feature `serde` is on: generated code cannot see the features of this crate.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_serde {
    ($($items:tt)*) => { $($items)* };
}

/// The items, if the feature `serde` is on: generated code cannot see the features of this crate.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_serde {
    ($($items:tt)*) => {};
}

/// Turns a drawing into a typed workflow, at compile time.
///
/// Expands to items at the place of the call, so call it in a module: `mod saga { flowgen::flow! { … } }`. A
/// module holds one flow.
///
/// | form | |
/// |---|---|
/// | `flow! { Lane { # Label … } }` | the drawing itself; errors underline its tokens |
/// | `flow!("flow/saga.fz")` | a file, relative to the crate's Cargo.toml; cargo builds again when it changes |
/// | `flow!(r#"Lane { … }"#)` | a string that holds the drawing, for labels that Rust's lexer refuses: `’`, `—`, `don't` |
///
/// # Typed data
///
/// A declaration of what the nodes take and give is a file beside the drawing, `flow/saga.data` beside
/// `flow/saga.fz`, or `#![data { … }]` before the drawing. The lanes then have no context: they get their inputs and
/// return their outputs.
///
/// # Attributes
///
/// Before the drawing, in each form: `#![deny(F104)]` turns a warning or a note into a compile error,
/// `#![strict]` does so for all warnings, and `#![allow(F104)]` suppresses a finding. Errors cannot be allowed.
///
/// ```
/// mod shop {
///     flowgen::flow! {
///         #![strict]
///         #![deny(F106)]
///         Shop { # Shop
///             n1: circle label:"Ordered"
///             n2: circle label:"Sold"
///             n1.handle(right) -> n2.handle(left)
///         }
///     }
/// }
/// ```
///
/// A warning is reported by rustc on the faulty token, as the use of a deprecated constant.
/// `#![deny(warnings)]` and `#![allow(deprecated)]` in your crate therefore apply to it. Notes are silent.
///
/// # What it expands to
///
/// - a module for each lane with methods to implement: a trait named after the lane, an enum for each of its
///   decisions, and the trait `Compensation` if the lane has compensations;
/// - the enums `Node`, `Lane` and `End`, and `Start` if there is more than one;
/// - the struct `Flow`, with a field for each of these lanes, and its methods `run` and `runner`.
///
/// # Panics and failed attempts
///
/// A method that panics is treated like one that returns a fault. If a method faults, its changes to the
/// context remain, unless the run is durable or its runner [discards them](Runner::discard_failed_changes).
///
/// # Errors
///
/// Every error of the drawing is a compile error on the faulty token. A missing lane and a missing compensation
/// are reported in the drawing's words. If a method is missing (E0046) or has another signature (E0050, E0053,
/// E0271), rustc underlines the label of an inline drawing.
///
/// rustc cannot point into a file or a string. For these, the macro writes the labels to a Rust file and includes
/// it, and rustc quotes its lines: `` `Release book` (n7), flow/shop.fz:8 ``. The file is in `flow-labels`, below the
/// folder to which rustc writes its own output, and has no code. If the macro cannot write there, rustc quotes the
/// macro and names the method, whose documentation contains the location. The same holds for rustdoc and for
/// editors that expand macros themselves.
///
/// If the module is private, rustc's `dead_code` lint reports an outcome that no lane returns. The lint checks
/// neither modules that a library exports nor a `pub mod` in the root of a program.
///
/// # Where it compiles
///
/// The items need no `allow`, so they compile under any `forbid`. No name in your module changes their meaning.
/// In a module with `#![no_implicit_prelude]`, a missing lane is reported in rustc's words alone. The macro
/// detects the attribute only in the file of the call, `src/lib.rs` and `src/main.rs`.
#[macro_export]
macro_rules! flow {
    ($($drawing:tt)*) => {
        $crate::__flow! { $crate => $($drawing)* }
    };
}

/// The README's code, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The code of the page about typed data, as a test.
#[cfg(doctest)]
#[doc = include_str!("../docs/data.md")]
struct TypedData;

/// The code of the page about steps, as a test.
#[cfg(doctest)]
#[doc = include_str!("../docs/steps.md")]
struct Steps;
