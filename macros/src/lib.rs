//! The macro behind flowgen's `flow!`. Use it through the crate `flowgen`.
//!
//! It only translates: tokens into text with a table of places, attributes into levels, and findings
//! into compile errors.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod attributes;
mod drawing;
mod errors;
mod literal;
mod rebuild;

use flowgen_codegen::{Settings, expand};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use attributes::Attributes;
use drawing::Drawing;

/// Expands a drawing. `flowgen::flow!` calls it, and puts the path of `flowgen` before `=>`.
#[doc(hidden)]
#[proc_macro]
pub fn __flow(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut input = TokenStream::from(input).into_iter();
    let is_arrow = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    let runtime: TokenStream = input.by_ref().take_while(|token| !is_arrow(token)).collect();
    let drawing: TokenStream = input.skip(1).collect();
    flow(runtime, drawing).into()
}

fn flow(runtime: TokenStream, drawing: TokenStream) -> TokenStream {
    let Attributes { levels, errors: mistaken, drawing } = Attributes::read(drawing);
    let drawing = match Drawing::read(drawing) {
        Ok(drawing) => drawing,
        Err(error) => return error,
    };
    let settings = Settings { runtime, levels };
    let spans = |span| drawing.span(span).0;
    let expansion = expand(drawing.text(), &settings, &spans);
    let errors = errors::all(&drawing, &expansion);
    let (items, tracked) = (expansion.items, drawing.tracked());
    quote!(#mistaken #errors #tracked #items)
}
