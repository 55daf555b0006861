use crate::analysis::{FlowAnalysis, Reachability};
use crate::finding::{Finding, Findings};
use crate::model::{self, Model};
use crate::rules::{self, RuleContext};
use crate::source::Sources;
use crate::syntax::declaration::{Declaration, parse as parse_declaration};
use crate::syntax::{self, Drawing, SyntaxError};

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
    analyze_sources(&Sources::new(text))
}

/// Reads a drawing, and the declaration of its data if there is one, and checks them.
///
/// ```
/// use flowgen_codegen::source::Sources;
///
/// let drawing = r#"
/// Shop { # Shop
///   n1: circle label:"Ordered"
///   n2: rectangle label:"Pack order"
///   n3: circle label:"Packed"
///   n1.handle(right) -> n2.handle(left)
///   n2.handle(right) -> n3.handle(left)
/// }
/// "#;
/// let sources = Sources::with_declaration(drawing, "ordered -> order: String; pack_order(ordre);");
/// let analysis = flowgen_codegen::analyze_sources(&sources);
/// assert_eq!(analysis.findings[0].message, "no node gives `ordre`");
/// ```
#[must_use]
pub fn analyze_sources(sources: &Sources<'_>) -> Analysis {
    let text = sources.text();
    let (drawing, mut syntax_errors) = syntax::parse(sources.drawing());
    let (mut model, model_errors) = model::build(&drawing);
    let declaration = declaration(sources, &drawing, &mut syntax_errors);
    let data_errors = declaration.map(|declaration| model::declare_data(&mut model, &declaration));
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
        data_errors: data_errors.as_deref().unwrap_or_default(),
        reachability: &reachability,
        flow: flow.as_ref(),
    };
    rules::check(&context, &mut findings);
    Analysis { drawing, model, findings: findings.into_sorted() }
}

/// Reads a drawing and its declaration without a check.
pub(crate) fn model(sources: &Sources<'_>) -> Model {
    let (drawing, mut syntax_errors) = syntax::parse(sources.drawing());
    let (mut model, _) = model::build(&drawing);
    if let Some(declaration) = declaration(sources, &drawing, &mut syntax_errors) {
        let _ = model::declare_data(&mut model, &declaration);
    }
    model
}

/// Reads the declaration before the drawing, or beside it, or both.
fn declaration(
    sources: &Sources<'_>,
    drawing: &Drawing,
    errors: &mut Vec<SyntaxError>,
) -> Option<Declaration> {
    let before = drawing.declaration.as_ref().map(|inner| (inner.text.as_str(), inner.span.start));
    let parts = before.into_iter().chain(sources.declaration()).map(|(text, start)| {
        let (declaration, found) = parse_declaration(text, start);
        errors.extend(found);
        declaration
    });
    parts.reduce(|mut all, more| {
        all.uses.extend(more.uses);
        all.items.extend(more.items);
        all.incomplete |= more.incomplete;
        all
    })
}
