use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F203",
    name: "isolated-node",
    severity: Severity::Error,
    what: "Reports a node without arrows. A compensation needs no other arrow than the one labeled \
           `compensated by` that leads to it.",
    why: "No run ever reaches the node. Either an arrow is missing, or the node is not needed.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let &RuleContext { model, reachability, .. } = cx;
    if model.incomplete {
        return;
    }
    for node in model.indices().filter(|&node| reachability.is_isolated(model, node)) {
        let node = &model[node];
        findings.push(
            Finding::new(&RULE, node.id.span, format!("{} has no arrows", named(node)))
                .help("draw an arrow to it and one from it, or remove it"),
        );
    }
}
