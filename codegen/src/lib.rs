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

pub mod finding;
pub mod fix;
#[cfg(feature = "format")]
pub mod format;
pub mod model;
pub mod render;
pub mod rules;
pub mod source;
pub mod syntax;

mod analysis;
mod emit;
mod expand;
mod levels;
mod settings;

pub use analysis::{Analysis, analyse};
pub use emit::Spans;
pub use expand::{Expansion, expand};
pub use levels::{Level, LevelError, Levels};
pub use settings::{Settings, Visibility};
