//! The texts of a flow, and spans and positions in them.

mod lines;
mod sources;
mod span;

pub use lines::{Lines, Position};
pub use sources::{SourceFile, SourceFiles, Sources};
pub use span::Span;
