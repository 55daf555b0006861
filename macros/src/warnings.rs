//! Findings as warnings of rustc.
//!
//! A macro cannot emit warnings on stable Rust. The use of a deprecated item causes one, with any text and on
//! any token.

use flowgen_codegen::Expansion;
use flowgen_codegen::finding::Severity;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::drawing::Drawing;
use crate::errors::Messages;

/// Creates a deprecated constant for each warning, and uses it on the token of the finding.
pub(crate) fn all(drawing: &Drawing, expansion: &Expansion) -> TokenStream {
    let messages = Messages::of_findings_in(drawing);
    let warnings = expansion.findings.iter().filter(|finding| finding.severity() == Severity::Warning);
    warnings
        .map(|finding| {
            let note = messages.text(finding);
            let (token, _) = drawing.span(finding.span);
            let used = Ident::new(finding.rule.code, token);
            let code = Ident::new(finding.rule.code, Span::call_site());
            quote! {
                const _: () = {
                    #[deprecated(note = #note)]
                    const #code: () = ();
                    #used
                };
            }
        })
        .collect()
}
