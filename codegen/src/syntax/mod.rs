//! A drawing as it was written.
//!
//! [`parse`] reads text, [`print()`] writes it. Nothing here knows what a drawing means: ids may be
//! unknown, twice there, or in the wrong lane.
//!
//! Invariants:
//! - every span lies inside the text that was parsed, on character boundaries;
//! - what was parsed, printed and parsed again is the same but for its spans;
//! - reading takes time in proportion to the text, and no more stack for a longer one.

mod ast;
mod characters;
mod label;
mod lexer;
mod parser;
mod print;
mod string;

pub use ast::*;
pub use parser::parse;
pub use print::print;
pub(crate) use string::escape;
