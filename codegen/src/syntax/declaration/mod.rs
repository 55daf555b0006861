//! The declaration of a flow's data, as written: [`parse()`] reads text.
//!
//! ```text
//! declaration = { use | item }
//! use         = "use" tree ";"                    paths from `crate`, `std`, `core`, `alloc` or `::krate`
//! item        = node [ "(" input { "," input } ")" ] [ "->" outputs ] [ "done" ":" outcome { "," outcome } ] ";"
//! node        = [ lane "." ] ( method | id )
//! input       = name | name "?" | "[" name "]" | "take" name | "cause"
//! outputs     = output | outcome [ "(" output ")" ] { "," outcome [ "(" output ")" ] }
//! output      = name ":" type
//! type        = path | "(" types ")" | "[" type [ ";" length ] "]" | "&" "'static" type | "dyn" bounds
//! ```
//!
//! All words are ASCII, so that each is an identifier of Rust. Whether nodes, names and types exist is not known here.

mod ast;
mod inline;
mod lexer;
mod parser;
mod types;
mod uses;

pub use ast::{
    DataItem, Declaration, Input, InputForm, NodeName, OutcomeOutput, Output, Outputs, TypeText, Use,
};
pub(super) use inline::Inline;
pub use parser::parse;
