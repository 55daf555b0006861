//! How a drawing is turned into code.

use proc_macro2::TokenStream;
use quote::quote;

/// What a front end can say about the code that it wants.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The path by which the generated code finds the crate `flowgen`.
    pub runtime: TokenStream,
    /// Warnings stop the code like errors.
    pub strict: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { runtime: quote!(::flowgen), strict: false }
    }
}
