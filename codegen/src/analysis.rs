use crate::finding::{Finding, Sink};
use crate::model::{self, Model};
use crate::rules;
use crate::syntax::{self, Drawing};

/// Everything there is to know about the text of a drawing.
#[derive(Debug)]
pub struct Analysis {
    /// As written.
    pub drawing: Drawing,
    /// As meant.
    pub model: Model,
    /// What is wrong or worth knowing, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Reads a drawing and checks it.
///
/// ```
/// let analysis = flowgen_codegen::analyse(r#"
/// Shop { # Shop
///   n1: circle label:"Start"
///   n2: rectangle label:"Pack order"
///   n1.handle(right) -> n2.handle(left)
/// }
/// "#);
/// assert_eq!(analysis.model.nodes[1].names.method, "pack_order");
/// assert_eq!(analysis.findings[0].message, "no arrow leads on from `Pack order` (n2)");
/// ```
#[must_use]
pub fn analyse(text: &str) -> Analysis {
    let mut sink = Sink::default();
    let drawing = syntax::parse(text, &mut sink);
    let model = model::build(&drawing, &mut sink);
    rules::check(&model, &mut sink);
    Analysis { drawing, model, findings: sink.into_sorted() }
}
