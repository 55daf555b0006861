//! Findings as compile errors.

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::source::Lines;
use flowgen_codegen::{Expansion, render};
use proc_macro2::TokenStream;

use crate::compile_error::compile_error;
use crate::drawing::Drawing;

/// Creates a `compile_error!` for each error, on its token.
pub(crate) fn all(drawing: &Drawing, expansion: &Expansion) -> TokenStream {
    let messages = Messages::of_findings_in(drawing);
    let errors = expansion.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors.map(|finding| compile_error(drawing.span(finding.span), &messages.text(finding))).collect()
}

/// Renders the findings of a drawing.
pub(crate) struct Messages<'a> {
    /// The name and the lines of the drawing, if rustc cannot underline it itself.
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
