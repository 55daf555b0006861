//! A drawing as it was written.
//!
//! Nothing here knows what a drawing means: ids may be unknown, twice there, or in the wrong lane.
//!
//! Invariant: every span lies inside the text that was parsed.

mod ast;

pub use ast::*;
