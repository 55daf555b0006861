//! How a drawing is turned into code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::levels::Levels;

/// What a front end can say about the code that it wants.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The path by which the generated code finds the crate `flowgen`.
    pub runtime: TokenStream,
    /// Who can use the generated items.
    pub visibility: Visibility,
    /// Whether traits carry `#[diagnostic::…]` attributes, with which rustc reports a missing lane in the
    /// drawing's words. They do not resolve in a module with `#![no_implicit_prelude]`.
    pub diagnostic_attributes: bool,
    /// How messages call the drawing, if rustc cannot point into it.
    pub file: Option<String>,
    /// Which findings stop the code, and which are left out.
    pub levels: Levels,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            runtime: quote!(::flowgen),
            visibility: Visibility::Public,
            diagnostic_attributes: true,
            file: None,
            levels: Levels::default(),
        }
    }
}

/// Who can use generated items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody who can reach the module: `pub`.
    #[default]
    Public,
    /// The crate: `pub(crate)`, for crates that deny `unreachable_pub`.
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
