//! Findings as compile errors.

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::source::SourceFiles;
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
    /// The file of the drawing, if rustc cannot underline it itself.
    files: Option<SourceFiles<'a>>,
}

impl<'a> Messages<'a> {
    pub(crate) fn of_findings_in(drawing: &'a Drawing) -> Self {
        Self { files: drawing.files() }
    }

    pub(crate) fn text(&self, finding: &Finding) -> String {
        match &self.files {
            None => render::message(finding),
            Some(files) => render::located(finding, files),
        }
    }
}
