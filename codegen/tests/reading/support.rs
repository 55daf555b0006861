//! What the tests ask of a text.

use flowgen_codegen::analyze;
use flowgen_codegen::finding::Finding;
use flowgen_codegen::source::Span;
use flowgen_codegen::syntax::{Drawing, parse};

use crate::spans::{each_span, forget_brackets};

pub(crate) fn read(text: &str) -> (Drawing, Vec<Finding>) {
    let (drawing, errors) = parse(text);
    let findings: Vec<_> =
        analyze(text).findings.into_iter().filter(|finding| finding.rule.code.starts_with("F0")).collect();
    assert_eq!(findings.len(), errors.len(), "each syntax error is one finding: {errors:#?}");
    (drawing, findings)
}

/// The drawing without what depends on how it was written.
pub(crate) fn bare(drawing: &Drawing) -> Drawing {
    let mut bare = drawing.clone();
    bare.incomplete = false;
    each_span(&mut bare, &mut |span| *span = Span::default());
    forget_brackets(&mut bare.items);
    bare
}

/// The code of each finding and the text that it points at.
pub(crate) fn found(text: &str) -> Vec<(&'static str, &str)> {
    read(text).1.into_iter().map(|finding| (finding.rule.code, &text[finding.span.range()])).collect()
}
