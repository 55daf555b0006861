//! A drawing as written: [`parse`] reads text, [`print()`] writes it.
//!
//! This layer does not know what a drawing means: ids may be unknown, duplicate, or in the wrong lane.
//!
//! Invariants:
//! - every span lies inside the text that was parsed, on character boundaries;
//! - parsing the printed form of a drawing gives the same drawing, spans aside;
//! - parsing takes linear time and constant stack.

mod ast;
mod characters;
pub mod declaration;
mod error;
mod keywords;
mod label;
mod lexer;
mod parser;
mod print;
mod string;

pub use ast::*;
pub use error::SyntaxError;
pub(crate) use keywords::is_keyword;
pub use parser::parse;
pub use print::print;
pub(crate) use string::escape;
