use crate::analysis::{FlowAnalysis, Reachability};
use crate::finding::{Finding, Findings};
use crate::model::{self, Model};
use crate::rules::{self, RuleContext};
use crate::syntax::{self, Drawing};

/// Everything that is known about the text of a drawing.
#[derive(Debug)]
pub struct Analysis {
    /// The drawing as written.
    pub drawing: Drawing,
    /// Its meaning.
    pub model: Model,
    /// Errors, warnings and notes, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Reads a drawing and checks it.
///
/// ```
/// let analysis = flowgen_codegen::analyze(r#"
/// Shop { # Shop
///   n1: circle label:"Start"
///   n2: rectangle label:"Pack order"
///   n1.handle(right) -> n2.handle(left)
/// }
/// "#);
/// assert_eq!(analysis.model.nodes[1].names.method, "pack_order");
/// assert_eq!(analysis.findings[0].message, "no arrow leaves `Pack order` (n2)");
/// ```
#[must_use]
pub fn analyze(text: &str) -> Analysis {
    let (drawing, syntax_errors) = syntax::parse(text);
    let (model, model_errors) = model::build(&drawing);
    let reachability = Reachability::new(&model);
    let is_complete = !model.incomplete && !model.nodes.is_empty();
    let flow = is_complete.then(|| FlowAnalysis::new(&model, &reachability));
    let mut findings = Findings::default();
    let context = RuleContext {
        text,
        drawing: &drawing,
        syntax_errors: &syntax_errors,
        model: &model,
        model_errors: &model_errors,
        reachability: &reachability,
        flow: flow.as_ref(),
    };
    rules::check(&context, &mut findings);
    Analysis { drawing, model, findings: findings.into_sorted() }
}
