use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{DataError, Kind, Model, NodeIx, declared_name};
use crate::rules::RuleContext;
use crate::rules::text::{named, quoted};
use crate::suggest::closest;
use crate::syntax::Word;
use crate::syntax::declaration::NodeName;

pub(crate) static RULE: Rule = Rule {
    code: "F502",
    name: "unknown-in-declaration",
    severity: Severity::Error,
    what: "Reports a name in a declaration of data that does not exist or is ambiguous: a node, an outcome, a value \
           or a type; a name that generated code reserves; a name with two types; a node with two items; an \
           input that occurs twice. Inputs and outputs of nodes that cannot have any are reported too.",
    why: "The generated signature would be unknown or ambiguous, so no code is generated.",
    wrong: r#"#![data {
  ordered -> order: String;
  pack_order(ordre);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"#![data {
  ordered -> order: String;
  pack_order(order);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.data_errors {
        findings.extend(finding(cx.model, error));
    }
}

fn finding(model: &Model, error: &DataError) -> Option<Finding> {
    let finding = |span, message: String| Finding::new(&RULE, span, message);
    Some(match error {
        DataError::UnknownNode { name } => unknown_node(model, name),
        DataError::AmbiguousNode { name, nodes } => {
            let message = format!("{} names {} nodes", quoted(&name.name.text), nodes.len());
            let (first, second) = (qualified(model, nodes[0], nodes), qualified(model, nodes[1], nodes));
            let help = format!("write {} or {}", quoted(&first), quoted(&second));
            nodes
                .iter()
                .map(|&node| &model[node])
                .fold(finding(name.span(), message).help(help), |finding, node| {
                    finding.related(node.id.span, "one of them")
                })
        }
        DataError::SecondItem { span, node, first } => {
            finding(*span, format!("{} has an item already", named(&model[*node])))
                .help("write one item for each node")
                .related(*first, "the first item")
        }
        DataError::UnknownName { name } => unknown_name(model, name),
        DataError::ReservedName { name } => reserved_name(name),
        DataError::ImportedName { name, import } => {
            finding(name.span, format!("{} is imported, too", quoted(&name.text)))
                .help("choose another name")
                .related(*import, "imported here")
        }
        DataError::TwoTypes { name, type_text, first, first_type } => {
            let (name_text, first_type) = (quoted(&name.text), quoted(first_type));
            finding(
                name.span,
                format!("{name_text} is {} here and {first_type} elsewhere", quoted(type_text)),
            )
            .help("write one type, or choose two names")
            .related(*first, "given with the other type")
        }
        DataError::UnknownType { root } => {
            finding(root.span, format!("no `use` line imports {}", quoted(&root.text)))
                .help("import it, or write a path that begins with `crate::`, `::` or `std::`")
        }
        DataError::TakenTwice { name, span, first } => {
            finding(*span, format!("{} is taken twice", quoted(&name.text)))
                .help("a node takes a name once: as `x`, as `x?`, as `[x]` or as `take x`")
                .related(*first, "taken here already")
        }
        DataError::NotMoved { name, span, moved } => {
            finding(*span, format!("{} is moved by another node, and not by this one", quoted(&name.text)))
                .help("write `take` at all nodes that take it, or at none")
                .related(*moved, "moved here")
        }
        DataError::TakesNothing { node, span } => {
            finding(*span, format!("{} is {} and takes nothing", named(&model[*node]), kind(model, *node)))
                .help("remove the inputs")
        }
        DataError::GivesNothing { node, span } => {
            let message = format!("{} is {} and gives nothing", named(&model[*node]), kind(model, *node));
            let help = match model[*node].kind {
                Kind::Decision => "the step before it can give its outcomes with their values",
                Kind::Start => "a start has no outcomes; write the input of the run, such as `order: Order`",
                _ => "remove the outputs",
            };
            finding(*span, message).help(help)
        }
        DataError::UnknownOutcome { outcome, decision } => unknown_outcome(model, outcome, *decision),
        DataError::OutcomeTwice { outcome, first } => {
            finding(outcome.span, format!("the outcome {} is listed twice", quoted(&outcome.text)))
                .help("remove one")
                .related(*first, "listed here already")
        }
        _ => return None,
    })
}

fn unknown_node(model: &Model, name: &NodeName) -> Finding {
    let written = &name.name.text;
    let finding = |message: String| Finding::new(&RULE, name.span(), message);
    let names: Vec<_> = model.nodes.iter().map(declared_name).collect();
    if let (Some(lane), Some(at)) = (&name.lane, names.iter().position(|name| name == written)) {
        let message = format!("the lane {} has no {}", quoted(&lane.text), quoted(written));
        let home = &model[model.nodes[at].lane].module;
        return finding(message)
            .help(format!("write {}", quoted(&format!("{home}.{written}"))))
            .related(model.nodes[at].id.span, "a node of another lane");
    }
    let finding = finding(format!("no node is called {}", quoted(written)));
    match closest(written, names.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean {}?", quoted(near))),
        None => finding.help("a node is named by its method, as `pack_order` for `Pack order`, or by its id"),
    }
}

/// The name of a node that none of the others has.
fn qualified(model: &Model, node: NodeIx, others: &[NodeIx]) -> String {
    let Some(home) = model.lanes.get(model[node].lane.0) else { return model[node].id.text.clone() };
    let is_alone = others.iter().all(|&other| other == node || model[other].lane != model[node].lane);
    if is_alone {
        format!("{}.{}", home.module, declared_name(&model[node]))
    } else {
        model[node].id.text.clone()
    }
}

fn unknown_name(model: &Model, name: &Word) -> Finding {
    let finding = Finding::new(&RULE, name.span, format!("no node gives {}", quoted(&name.text)));
    let names = model.data.iter().flat_map(|data| &data.names).map(|known| known.name.text.as_str());
    match closest(&name.text, names) {
        Some(near) => finding.help(format!("did you mean {}?", quoted(near))),
        None => finding.help("write `-> name: Type` at the node that gives it"),
    }
}

fn reserved_name(name: &Word) -> Finding {
    let message = format!("{} is no name of a value", quoted(&name.text));
    let help = match name.text.as_str() {
        "cause" => "`cause` is why a run rolls back: take it as `cause`, and give it nowhere",
        "visit" | "undo" => "generated methods have a parameter of this name; choose another one",
        _ => "Rust uses this word for something else; choose another one",
    };
    Finding::new(&RULE, name.span, message).help(help)
}

fn unknown_outcome(model: &Model, outcome: &Word, decision: NodeIx) -> Finding {
    let node = &model[decision];
    let message = format!("{} has no outcome {}", named(node), quoted(&outcome.text));
    let outcomes = || node.next.iter().map(|arrow| arrow.outcome.as_str());
    let help = match closest(&outcome.text, outcomes()) {
        Some(near) => format!("did you mean {}?", quoted(near)),
        None => format!("its outcomes are {}", outcomes().map(quoted).collect::<Vec<_>>().join(", ")),
    };
    Finding::new(&RULE, outcome.span, message).help(help).related(node.id.span, "the decision")
}

fn kind(model: &Model, node: NodeIx) -> &'static str {
    match model[node].kind {
        Kind::Start => "a start",
        Kind::End => "an end",
        Kind::Milestone => "a milestone",
        Kind::Decision => "a decision",
        Kind::Step | Kind::Task if model[node].is_compensation() => "a compensation",
        Kind::Step => "a step",
        Kind::Task => "a task",
    }
}
