//! The macro behind flowgen's `flow!`. Use it through the crate `flowgen`.
//!
//! Only translates: tokens into text with a table of spans, attributes into levels, and findings into compile
//! errors and warnings. For a drawing in a file or a string, it writes the labels to a file that rustc quotes.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod attributes;
mod compile_error;
mod drawing;
mod errors;
mod labels;
mod literal;
mod prelude;
mod rebuild;
mod warnings;

use std::collections::BTreeMap;

use flowgen_codegen::{Settings, expand_sources};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use attributes::Attributes;
use drawing::Drawing;

/// Expands a drawing. Called by `flowgen::flow!`, which puts the path of `flowgen` before `=>`.
#[doc(hidden)]
#[proc_macro]
pub fn __flow(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let (runtime, drawing) = split(input.into());
    flow(runtime, drawing).into()
}

/// Emits the items of a drawing in a file or a string. Called in the file that [`labels`] writes, with its
/// labels in brackets before the input of [`__flow`].
#[doc(hidden)]
#[proc_macro]
pub fn __flow_with_labels(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut input = TokenStream::from(input).into_iter();
    let labels = match input.next() {
        Some(TokenTree::Group(labels)) => labels.stream(),
        _ => TokenStream::new(),
    };
    let (runtime, drawing) = split(input.collect());
    items_with_labels(labels, runtime, drawing).into()
}

/// Splits the path of `flowgen` from the argument of `flow!`.
fn split(input: TokenStream) -> (TokenStream, TokenStream) {
    let mut input = input.into_iter();
    let is_arrow = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    let runtime = input.by_ref().take_while(|token| !is_arrow(token)).collect();
    (runtime, input.skip(1).collect())
}

fn flow(runtime: TokenStream, argument: TokenStream) -> TokenStream {
    let Attributes { levels, errors: mistaken, drawing: source } = Attributes::read(argument);
    let drawing = match Drawing::read(source.clone()) {
        Ok(drawing) => drawing,
        Err(error) => return error,
    };
    let settings = Settings { levels, ..settings(runtime, &drawing) };
    let expansion = expand_sources(&drawing.sources(), &settings, &|span| drawing.span(span).0);
    let errors = errors::all(&drawing, &expansion);
    let warnings = warnings::all(&drawing, &expansion);
    let included = settings.location.as_ref().and_then(|location| {
        let labels = flowgen_codegen::labels(&drawing.sources(), location);
        labels::include(&drawing.stem(), &labels, &settings.runtime, &source)
    });
    let items = in_a_module(&included.unwrap_or(expansion.items));
    let tracked = drawing.tracked();
    quote!(#mistaken #errors #warnings #tracked #items)
}

fn settings(runtime: TokenStream, drawing: &Drawing) -> Settings {
    let diagnostic_attributes = !prelude::may_be_missing(drawing.token());
    Settings { runtime, diagnostic_attributes, location: drawing.location(), ..Settings::default() }
}

fn items_with_labels(labels: TokenStream, runtime: TokenStream, source: TokenStream) -> TokenStream {
    let drawing = match Drawing::read(source) {
        Ok(drawing) => drawing,
        Err(error) => return error,
    };
    let settings = settings(runtime, &drawing);
    let Some(location) = &settings.location else { return TokenStream::new() };
    let labels = flowgen_codegen::labels(&drawing.sources(), location).into_iter().zip(labels);
    let spans: BTreeMap<usize, Span> =
        labels.map(|(label, token)| (label.span.start, token.span())).collect();
    let span = |at: flowgen_codegen::source::Span| spans.get(&at.start).copied();
    flowgen_codegen::items(&drawing.sources(), &settings, &|at| span(at).unwrap_or_else(|| drawing.token()))
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
