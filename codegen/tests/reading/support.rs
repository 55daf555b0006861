//! What the tests ask of a text.

use flowgen_codegen::finding::{Finding, Sink};
use flowgen_codegen::source::Span;
use flowgen_codegen::syntax::{Drawing, parse};

use crate::spans::{each_span, forget_brackets};

pub(crate) fn read(text: &str) -> (Drawing, Vec<Finding>) {
    let mut sink = Sink::default();
    let drawing = parse(text, &mut sink);
    (drawing, sink.into_sorted())
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
