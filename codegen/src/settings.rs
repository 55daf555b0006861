use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::levels::Levels;

/// The options of a front end for generated code.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The path of the crate `flowgen` in generated code.
    pub runtime: TokenStream,
    /// The visibility of generated items.
    pub visibility: Visibility,
    /// Whether traits have `#[diagnostic::…]` attributes, with which rustc reports a missing lane in the
    /// drawing's words. They do not resolve in a module with `#![no_implicit_prelude]`.
    pub diagnostic_attributes: bool,
    /// The location of the drawing, if rustc cannot point into it.
    pub location: Option<Location>,
    /// Which findings are denied, and which are allowed.
    pub levels: Levels,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            runtime: quote!(::flowgen),
            visibility: Visibility::Public,
            diagnostic_attributes: true,
            location: None,
            levels: Levels::default(),
        }
    }
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name of the file in messages.
    pub file: String,
    /// The line, from one.
    pub line: usize,
}

/// The visibility of generated items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// `pub`.
    #[default]
    Public,
    /// `pub(crate)`, for crates that deny `unreachable_pub`.
    Crate,
}

impl ToTokens for Visibility {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Public => quote!(pub),
            Self::Crate => quote!(pub(crate)),
        });
    }
}
