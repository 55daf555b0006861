use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::Model;
use crate::rules::reach::Reach;
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F203",
    name: "isolated-node",
    severity: Severity::Error,
    what: "No arrow leads to a node, and none leaves it. A compensation may stand so, if an arrow labelled \
           `compensated by` leads to it.",
    why: "No run ever comes there. Either an arrow was forgotten, or the node is not needed.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Label parcel"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Label parcel"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n4.handle(left)
  n4.handle(right) -> n3.handle(left)
}
"#,
};

pub(crate) fn check(model: &Model, reach: &Reach, sink: &mut Sink) {
    if model.incomplete {
        return;
    }
    for node in model.indices().filter(|&node| reach.is_isolated(model, node)).map(|node| &model[node]) {
        sink.push(
            Finding::new(&RULE, node.id.span, format!("{} has no arrows", named(node)))
                .help("draw an arrow to it and one from it, or leave it out"),
        );
    }
}
