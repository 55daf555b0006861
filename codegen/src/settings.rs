//! How a drawing is turned into code.

use proc_macro2::TokenStream;
use quote::quote;

use crate::levels::Levels;

/// What a front end can say about the code that it wants.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The path by which the generated code finds the crate `flowgen`.
    pub runtime: TokenStream,
    /// Which findings stop the code, and which are left out.
    pub levels: Levels,
}

impl Default for Settings {
    fn default() -> Self {
        Self { runtime: quote!(::flowgen), levels: Levels::default() }
    }
}
