//! flowgen's core: from the text of a drawing to findings and Rust.
//!
//! ```text
//! text ──syntax──▶ Drawing ──model──▶ Model ──rules──▶ findings
//!                                       └─────emit───▶ tokens
//! ```
//!
//! Every stage takes whatever the stage before could make of the input and never panics; what is
//! wrong goes into one [`finding::Sink`].

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod analysis;
pub mod finding;
pub mod model;
pub mod rules;
pub mod source;
pub mod syntax;

pub use analysis::{Analysis, analyse};
