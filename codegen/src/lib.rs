//! flowgen's core: from the text of a drawing to findings and Rust.
//!
//! ```text
//! text ──syntax──▶ Drawing ──model──▶ Model ──analysis──▶ facts ──rules──▶ findings
//!                                       └──────emit─────▶ tokens
//! ```
//!
//! The folders are layers in this order, above `graph`, `source` and `suggest`; none imports a higher one.
//! No stage panics: each takes any output of the stage before. `syntax` and
//! `model` return errors as plain data; only `rules` have texts.
//!
//! The types of `model` are no API boundary: they change with the analysis.

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
mod analyze;
mod emit;
mod expand;
mod graph;
mod levels;
mod settings;
mod suggest;

pub use analyze::{Analysis, analyze, analyze_sources};
pub use emit::{LocatedLabel, Spans};
pub use expand::{Expansion, expand, expand_sources, items, labels};
pub use levels::{Level, LevelError, Levels};
pub use settings::{Location, Settings, Visibility};
