use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;

pub(crate) static RULE: Rule = Rule {
    code: "F202",
    name: "no-end",
    severity: Severity::Error,
    what: "Reports a drawing without an end, which is a circle with an incoming arrow and no outgoing one.",
    why: "A run is over when it reaches an end, and its result names that end. Without one, no run is ever \
          over.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Fetch order"
  n3: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(bottom) -> n2.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Fetch order"
  n3: rectangle label:"Pack order"
  n4: diamond label:"More orders?"
  n5: circle label:"All packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
  n4.handle(bottom) -> n2.handle(bottom) [label="Yes"]
  n4.handle(right) -> n5.handle(left) [label="No"]
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let &RuleContext { model, reachability, .. } = cx;
    let may_have_one = model.incomplete || reachability.has_isolated_circle(model);
    if model.nodes.is_empty() || !model.ends.is_empty() || may_have_one {
        return;
    }
    // A missing edge is an error of its own (F205).
    if model.indices().any(|node| reachability.is_dead_end(model, node)) {
        return;
    }
    let start = model.starts.first().map(|&start| model[start].id.span);
    if let Some(span) = start.or_else(|| model.lanes.first().map(|lane| lane.name.span)) {
        findings.push(
            Finding::new(&RULE, span, "the flow has no end")
                .help("draw a circle that no arrow leaves, and an arrow to it from the last node"),
        );
    }
}
