//! Findings as compile errors.

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::source::Lines;
use flowgen_codegen::{Expansion, render};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::drawing::Drawing;

/// One `compile_error!` for each finding that stops the code, by itself or denied, on its own token.
pub(crate) fn all(drawing: &Drawing, expansion: &Expansion) -> TokenStream {
    let messages = Messages::of_findings_in(drawing);
    let errors = expansion.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors.map(|finding| error(drawing.span(finding.span), &messages.text(finding))).collect()
}

/// The texts of the findings in a drawing.
pub(crate) struct Messages<'a> {
    /// The name and the lines of a drawing that rustc cannot underline itself.
    located: Option<(&'a str, Lines<'a>)>,
}

impl<'a> Messages<'a> {
    pub(crate) fn of_findings_in(drawing: &'a Drawing) -> Self {
        Self { located: drawing.name().map(|name| (name, Lines::new(drawing.text()))) }
    }

    pub(crate) fn text(&self, finding: &Finding) -> String {
        match &self.located {
            None => render::message(finding),
            Some((name, lines)) => render::located(finding, name, lines),
        }
    }
}

/// A compile error that underlines everything from the first to the last token.
pub(crate) fn error((first, last): (Span, Span), message: &str) -> TokenStream {
    let message = quote_spanned!(last=> { #message });
    let path = quote_spanned!(first=> ::core::compile_error!);
    quote!(#path #message)
}
