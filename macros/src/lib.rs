//! The macro behind flowgen's `flow!`. Use it through the crate `flowgen`.
//!
//! Only translates: tokens into text with a table of spans, attributes into levels, and findings into compile
//! errors and warnings.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod attributes;
mod compile_error;
mod drawing;
mod errors;
mod literal;
mod prelude;
mod rebuild;
mod warnings;

use flowgen_codegen::{Settings, expand};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use attributes::Attributes;
use drawing::Drawing;

/// Expands a drawing. Called by `flowgen::flow!`, which puts the path of `flowgen` before `=>`.
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
    let file = drawing.name().map(str::to_owned);
    let diagnostic_attributes = !prelude::may_be_missing(drawing.token());
    let settings = Settings { runtime, diagnostic_attributes, file, levels, ..Settings::default() };
    let spans = |span| drawing.span(span).0;
    let expansion = expand(drawing.text(), &settings, &spans);
    let errors = errors::all(&drawing, &expansion);
    let warnings = warnings::all(&drawing, &expansion);
    let (items, tracked) = (in_a_module(&expansion.items), drawing.tracked());
    quote!(#mistaken #errors #warnings #tracked #items)
}

/// Puts the items into a private module, so that names in the user's module cannot affect them, and re-exports
/// them.
///
/// A second flow in the same module causes one error: a duplicate module. The module's name cannot collide with
/// a lane, because no lane's name begins with `_`.
fn in_a_module(items: &TokenStream) -> TokenStream {
    if items.is_empty() {
        return TokenStream::new();
    }
    quote! {
        mod __one_flow_per_module {
            #items
        }
        pub use __one_flow_per_module::*;
    }
}
