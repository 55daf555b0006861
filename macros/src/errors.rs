//! Findings as compile errors.

use flowgen_codegen::finding::Severity;
use flowgen_codegen::source::Lines;
use flowgen_codegen::{Expansion, render};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::drawing::Drawing;

/// One `compile_error!` for each finding that stops the code, by itself or denied, on its own token.
pub(crate) fn all(drawing: &Drawing, expansion: &Expansion) -> TokenStream {
    let lines = drawing.name().map(|name| (name, Lines::new(drawing.text())));
    let errors = expansion.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors
        .map(|finding| {
            let message = match &lines {
                None => render::message(finding),
                Some((name, lines)) => render::located(finding, name, lines),
            };
            error(drawing.span(finding.span), &message)
        })
        .collect()
}

/// A compile error that underlines everything from the first to the last token.
pub(crate) fn error((first, last): (Span, Span), message: &str) -> TokenStream {
    let message = quote_spanned!(last=> { #message });
    let path = quote_spanned!(first=> ::core::compile_error!);
    quote!(#path #message)
}
